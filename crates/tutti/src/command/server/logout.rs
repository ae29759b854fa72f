//! `tutti server logout`: forgets the tokens of a server.

use crate::command::{Command, Context, Failures};
use clap::{Arg, ArgMatches};
use hubs::client::{HubClient, Wanted, path_segment};

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("logout")
        .about("Forget the login to a server")
        .arg(Arg::new("name").value_name("NAME").required(true).help("The server"))
        .after_help(
            "Example:\n  tutti server logout docs\n\n\
             The tokens are removed here, and ended at their authorization server where it takes that (RFC 7009).",
        )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let name = matches.get_one::<String>("name").map_or("", String::as_str);
    let wanted = Wanted { server: Some(name.to_owned()), ..Wanted::default() };
    context.block_on(HubClient::with(context, &wanted, async |client| {
        let answer = client.post(&format!("/api/v1/servers/{}/logout", path_segment(name))).await?;
        let output = &context.output;
        if output.json {
            output.value(&answer);
        } else if answer["logged_out"] == true {
            let there = match answer["revoked"].as_bool() {
                Some(true) => "and its authorization server has ended them",
                Some(false) => "but its authorization server has not ended them: see the page of the service",
                None => "and end at its authorization server by themselves, which takes no logouts",
            };
            output.line(&format!("the tokens of {name} are removed, {there}"));
        } else {
            output.line(&format!("there was no login to {name}"));
        }
        Ok(0)
    }))
}
