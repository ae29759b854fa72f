//! The commands, one file each, all of one shape: what they take, and what they do.

mod approval;
pub mod ask;
mod change;
mod clear_text;
pub mod completions;
pub mod connect;
pub mod doctor;
mod dot_env;
pub mod explain;
pub mod init;
pub mod mcp;
pub mod model;
pub mod plan;
mod programs;
pub mod prompt;
pub mod run;
pub mod secret;
pub mod server;
pub mod tool;
pub mod up;
pub mod usage;
pub mod workflow;

pub use crate::context::{Context, Failures};

use crate::arguments;
use base::Error;
use clap::ArgMatches;

/// A command.
pub struct Command {
    /// Its name and options.
    pub arguments: fn() -> clap::Command,
    /// What it does; answers with the exit code.
    pub run: fn(&Context, &ArgMatches) -> Result<u8, Failures>,
}

/// Every command, in the order of the help page.
pub const ALL: &[Command] = &[
    up::COMMAND,
    init::COMMAND,
    server::COMMAND,
    secret::COMMAND,
    tool::COMMAND,
    plan::COMMAND,
    ask::COMMAND,
    model::COMMAND,
    prompt::COMMAND,
    workflow::COMMAND,
    run::COMMAND,
    usage::COMMAND,
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

/// Finds the command that was asked for in a table and runs it.
fn one_of(table: &[Command], context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let Some((name, matches)) = matches.subcommand() else {
        return Err(Error::internal("a command line without a command was let through").into());
    };
    let found = table.iter().find(|command| (command.arguments)().get_name() == name);
    match found {
        Some(command) => (command.run)(context, matches),
        None => Err(Error::internal(format!("the command {name} is not in the table")).into()),
    }
}

/// The text of an argument, where there is such an argument and it was given.
fn text<'a>(matches: &'a ArgMatches, name: &str) -> Option<&'a str> {
    matches.try_get_one::<String>(name).ok().flatten().map(String::as_str)
}
