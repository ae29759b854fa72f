//! What a command is.

use crate::context::{Context, Failures};
use base::Error;
use clap::ArgMatches;

/// A command.
pub struct Command {
    /// Its name and options.
    pub arguments: fn() -> clap::Command,
    /// What it does; answers with the exit code.
    pub run: fn(&Context, &ArgMatches) -> Result<u8, Failures>,
}

/// Finds the command that was asked for in a table and runs it.
pub fn one_of(table: &[Command], context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
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
pub fn text<'a>(matches: &'a ArgMatches, name: &str) -> Option<&'a str> {
    matches.try_get_one::<String>(name).ok().flatten().map(String::as_str)
}
