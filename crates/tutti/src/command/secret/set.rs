//! `tutti secret set`: a secret comes in, by standard input or unseen from the keyboard.

use super::typed;
use super::vault::{Vault, users};
use crate::command::{Command, Context, Failures};
use clap::{Arg, ArgMatches};
use console::output::Style;
use identity::secrets;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("set")
        .about("Set a secret, or put another value in its place")
        .arg(Arg::new("name").value_name("NAME").required(true).help("The secret"))
        .after_help(
            "Examples:\n  tutti secret set DOCS_TOKEN\n  tutti secret set SIGNING_KEY < key.pem\n  \
             pass show docs | tutti secret set DOCS_TOKEN\n\n\
             On a terminal the value is asked for and not shown. Otherwise it is all of standard input, without the line \
             end behind it. It is never an argument, for those are seen by every user of the machine.\n\
             A hub that runs starts the servers anew that use it; calls under way may end first.",
        )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let name = matches.get_one::<String>("name").map_or("", String::as_str);
    // A name that is none is told before anybody types a secret.
    secrets::check(name, &base::Secret::new("x".to_owned()))?;
    context.block_on(async {
        let value = typed::value(context, name).await?;
        secrets::check(name, &value)?;
        let (answer, taken) =
            Vault::with(context, async |vault| Ok((vault.set(name, &value).await?, vault.is_hub()))).await?;
        let output = &context.output;
        if output.json {
            output.value(&answer);
            return Ok(0);
        }
        let done = if answer["replaced"] == true { "has another value" } else { "is set" };
        let used = match users(&answer).join(", ") {
            none if none.is_empty() => "; no server uses it yet".to_owned(),
            users if taken => format!("; from now on used by {users}"),
            users => format!("; used by {users} once the hub is started"),
        };
        output.line(&format!("{} {done}{used}", output.paint(Style::Strong, name)));
        Ok(0)
    })
}
