//! `tutti mcp`: the hub over standard input and output, for clients that only start programs.
//!
//! Standard output carries nothing but messages of the protocol; whatever else there is to say goes to standard error.

mod bridge;
mod local;
mod pipes;
mod session;

use super::{Command, Context, Failures};
use clap::{Arg, ArgAction, ArgMatches};
use hubs::client;
use hubs::signals::Signals;
use tools::hub::DEFAULT_VIEW;
use tools::mode::{MODES, Variant};

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
        .arg(
            Arg::new("mode")
                .long("mode")
                .value_name("MODE")
                .value_parser(MODES.map(|(name, _)| name))
                .help("How much of it is shown at once [default: what the view says]"),
        )
        .arg(
            Arg::new("plain")
                .long("plain")
                .action(ArgAction::SetTrue)
                .help("Show definitions and results whole, whatever the view shortens"),
        )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    // With --json, errors would go to standard output, which is the client's.
    let mut output = context.output.clone();
    output.json = false;
    let context = context.printing(output);
    let view = matches.get_one::<String>("view").cloned();
    let mode = matches.get_one::<String>("mode").and_then(|asked| MODES.iter().find(|(name, _)| name == asked));
    let variant = Variant { mode: mode.map(|(_, mode)| *mode), plain: matches.get_flag("plain") };
    match context.block_on(serve(&context, view, variant)) {
        Ok(()) => Ok(0),
        Err(Failures(errors)) => {
            context.output.failures(&errors);
            Ok(errors.first().map_or(1, |error| error.code().exit()))
        }
    }
}

async fn serve(context: &Context, view: Option<String>, variant: Variant) -> Result<(), Failures> {
    let mut signals = Signals::take()?;
    let found = tokio::select! {
        found = client::find(context) => found?,
        () = signals.next() => return Ok(()),
    };
    match found {
        Some(endpoint) => {
            let view = view.or_else(|| endpoint.address().view.clone());
            let path = variant.name(&endpoint.mcp_path(view.as_deref())?);
            tracing::info!(url = endpoint.address().url(), path, "passing messages on to a hub");
            bridge::serve(endpoint, path, &mut signals).await;
            Ok(())
        }
        None => {
            let view = variant.name(view.as_deref().unwrap_or(DEFAULT_VIEW));
            Box::pin(local::serve(context, Some(&view), &mut signals)).await
        }
    }
}
