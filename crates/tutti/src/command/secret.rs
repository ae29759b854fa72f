//! `tutti secret`: what the configuration names and no file holds.

mod list;
mod remove;
mod set;
mod typed;
mod vault;

use super::{Command, Context, Failures};
use clap::ArgMatches;

/// The command.
pub const COMMAND: Command = Command { arguments, run };

/// What can be done with secrets, in the order of the help page.
const ALL: &[Command] = &[set::COMMAND, list::COMMAND, remove::COMMAND];

fn arguments() -> clap::Command {
    let root = clap::Command::new("secret")
        .about("Set, list and remove the secrets that servers are given")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .after_help(
            "Examples:\n  tutti secret set DOCS_TOKEN\n  tutti secret list\n\n\
             Secrets lie sealed in the store of TUTTI_HOME. The configuration names them:\n  \
             docs: { url: https://mcp.example.com/mcp, headers: { Authorization: \"Bearer ${secret:DOCS_TOKEN}\" } }",
        );
    ALL.iter().fold(root, |root, command| root.subcommand((command.arguments)()))
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    super::one_of(ALL, context, matches)
}
