//! `tutti secret remove`: one secret less.

use super::vault::{Vault, users};
use crate::command::{Command, Context, Failures};
use clap::{Arg, ArgAction, ArgMatches};
use console::output::Style;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("remove")
        .about("Remove a secret")
        .arg(Arg::new("name").value_name("NAME").required(true).help("The secret"))
        .arg(
            Arg::new("force")
                .long("force")
                .action(ArgAction::SetTrue)
                .help("Remove it though servers use it; they are refused from then on"),
        )
        .after_help("Examples:\n  tutti secret remove DOCS_TOKEN\n  tutti secret remove DOCS_TOKEN --force")
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let name = matches.get_one::<String>("name").map_or("", String::as_str);
    let force = matches.get_flag("force");
    let answer = context.block_on(Vault::with(context, async |vault| vault.remove(name, force).await))?;
    let output = &context.output;
    if output.json {
        output.value(&answer);
        return Ok(0);
    }
    output.line(&format!("{} is removed", output.paint(Style::Strong, name)));
    let users = users(&answer).join(", ");
    if !users.is_empty() {
        output.message(&format!("note: without it these servers do not start: {users}"));
    }
    Ok(0)
}
