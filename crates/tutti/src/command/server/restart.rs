//! `tutti server restart`: starts a server of the running hub anew.

use super::test::outcome;
use crate::command::{Command, Context, Failures};
use base::{Code, Error, clock};
use clap::{Arg, ArgMatches};
use console::output::Style;
use hubs::client::HubClient;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("restart")
        .about("Start a server of the running hub anew")
        .arg(Arg::new("name").value_name("NAME").required(true).help("The server"))
        .after_help("Example:\n  tutti server restart files\n\nCalls that are under way on it end with an error.")
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let name = matches.get_one::<String>("name").map_or("", String::as_str);
    context.block_on(async {
        let client = HubClient::running(context).await?.ok_or_else(not_running)?;
        let start = clock::now();
        let outcome = outcome(&client, name, start).await?;
        let output = &context.output;
        if output.json {
            output.value(&outcome.to_json(name));
        } else {
            let name = output.paint(Style::Strong, name);
            output.line(&format!("{name} {} {}", output.paint(Style::Good, "is ready:"), outcome.words()));
        }
        Ok(0)
    })
}

/// The error of a command that is of use only with a hub.
pub(super) fn not_running() -> Error {
    let next = "start one with `tutti up`, or name another with --url; `tutti server test` works without one";
    Error::new(Code::HubUnreachable, "no hub runs for this configuration", next)
}
