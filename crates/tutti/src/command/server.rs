//! `tutti server`: the servers behind the hub.

mod add;
mod approve;
mod entry;
mod file;
mod import;
mod list;
mod login;
mod logout;
mod logs;
mod remove;
mod restart;
mod secrets;
mod test;

pub(super) use test::{enabled, tests};

use super::{Command, Context, Failures};
use clap::ArgMatches;

/// The command.
pub const COMMAND: Command = Command { arguments, run };

/// What can be done with servers, in the order of the help page.
const ALL: &[Command] = &[
    list::COMMAND,
    add::COMMAND,
    import::COMMAND,
    remove::COMMAND,
    test::COMMAND,
    approve::COMMAND,
    login::COMMAND,
    logout::COMMAND,
    logs::COMMAND,
    restart::COMMAND,
];

fn arguments() -> clap::Command {
    let root = clap::Command::new("server")
        .about("Add, list, test and remove servers")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .after_help(
            "Examples:\n  tutti server list\n  tutti server add time -- uvx mcp-server-time\n  tutti server test",
        );
    ALL.iter().fold(root, |root, command| root.subcommand((command.arguments)()))
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    hubs::one_of(ALL, context, matches)
}
