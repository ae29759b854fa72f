//! `tutti mcp`: the hub over standard input and output, for clients that only start programs.
//!
//! Standard output carries nothing but messages of the protocol; whatever else there is to say goes to standard error.

mod bridge;
mod local;
mod pipes;
mod session;

use super::{Command, Context, Failures};
use crate::client;
use crate::signals::Signals;
use clap::{Arg, ArgMatches};

/// The command.
pub const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("mcp")
        .about("Serve one client over standard input and output")
        .long_about(
            "Serves one client over standard input and output, for clients that only start programs.\n\
             Where a hub runs (or --url names one) it passes messages on to that hub; otherwise it starts the servers of \
             the configuration itself, and ends them with the client.",
        )
        .after_help(
            "In the configuration of a client:\n  \
             \"tutti\": { \"command\": \"tutti\", \"args\": [\"mcp\", \"--config\", \"/path/to/tutti.yaml\"] }",
        )
        .arg(Arg::new("view").long("view").value_name("VIEW").help("Serve this view [default: everything]"))
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    // With --json, errors would go to standard output, which is the client's.
    let mut output = context.output.clone();
    output.json = false;
    let context = context.printing(output);
    let view = matches.get_one::<String>("view").cloned();
    match context.block_on(serve(&context, view)) {
        Ok(()) => Ok(0),
        Err(Failures(errors)) => {
            context.output.failures(&errors);
            Ok(errors.first().map_or(1, |error| error.code().exit()))
        }
    }
}

async fn serve(context: &Context, view: Option<String>) -> Result<(), Failures> {
    let mut signals = Signals::take()?;
    let found = tokio::select! {
        found = client::find(context) => found?,
        () = signals.next() => return Ok(()),
    };
    match found {
        Some(endpoint) => {
            let view = view.or_else(|| endpoint.address().view.clone());
            let path = endpoint.mcp_path(view.as_deref())?;
            tracing::info!(url = endpoint.address().url(), path, "passing messages on to a hub");
            bridge::serve(endpoint, path, &mut signals).await;
            Ok(())
        }
        None => local::serve(context, view.as_deref(), &mut signals).await,
    }
}
