//! The commands that set hubs up, run them and look after them, one file each, all of one shape: what they take, and what they
//! do. Those that put a hub to work are in the crate `work`.

pub mod completions;
pub mod connect;
pub mod doctor;
mod dot_env;
pub mod explain;
pub mod init;
pub mod mcp;
mod programs;
pub mod secret;
pub mod server;
pub mod up;

pub use hubs::{Command, Context, Failures};

use crate::arguments;
use clap::ArgMatches;
use hubs::one_of;

/// Every command, in the order of the help page.
pub const ALL: &[Command] = &[
    up::COMMAND,
    init::COMMAND,
    server::COMMAND,
    secret::COMMAND,
    work::tool::COMMAND,
    work::plan::COMMAND,
    work::ask::COMMAND,
    work::model::COMMAND,
    work::prompt::COMMAND,
    work::workflow::COMMAND,
    work::run::COMMAND,
    work::memory::COMMAND,
    work::usage::COMMAND,
    mcp::COMMAND,
    connect::COMMAND,
    doctor::COMMAND,
    explain::COMMAND,
    completions::COMMAND,
];

/// The whole command line.
pub fn tree() -> clap::Command {
    ALL.iter().fold(arguments::root(), |root, command| root.subcommand((command.arguments)()))
}

/// Finds the command that was asked for and runs it.
pub fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    one_of(ALL, context, matches)
}
