//! The commands, one file each, all of one shape: what they take, and what they do.

pub mod completions;
pub mod explain;
pub mod up;

use crate::arguments;
use crate::config::{self, Loaded};
use crate::output::Output;
use base::Error;
use base::environment::Environment;
use clap::ArgMatches;
use std::path::PathBuf;

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
    explain::COMMAND,
    completions::COMMAND,
];

/// The whole command line.
pub fn tree() -> clap::Command {
    ALL.iter().fold(arguments::root(), |root, command| root.subcommand((command.arguments)()))
}

/// What went wrong: all that a person can mend at once.
#[derive(Debug)]
pub struct Failures(pub Vec<Error>);

impl From<Error> for Failures {
    fn from(error: Error) -> Self {
        Failures(vec![error])
    }
}

impl From<Vec<Error>> for Failures {
    fn from(errors: Vec<Error>) -> Self {
        Failures(errors)
    }
}

/// What every command has.
pub struct Context {
    /// The environment of the process.
    pub environment: Environment,
    /// How to print.
    pub output: Output,
    /// The configuration file, if one was named.
    pub config: Option<PathBuf>,
    /// The hub, if one was named.
    pub url: Option<String>,
}

impl Context {
    /// From the options that every command takes.
    pub fn new(matches: &ArgMatches, environment: Environment, output: Output) -> Self {
        let config = matches.get_one::<PathBuf>("config").cloned();
        let named = matches.get_one::<String>("url").cloned();
        let url = named.or_else(|| environment.get("TUTTI_URL").map(str::to_owned));
        Self { environment, output, config, url }
    }

    /// Reads the configuration.
    pub fn load(&self) -> Result<Loaded, Failures> {
        config::load(&self.environment, self.config.as_deref()).map_err(Failures)
    }

    /// Runs `future` to its end on a runtime.
    pub fn block_on<T>(&self, future: impl Future<Output = Result<T, Failures>>) -> Result<T, Failures> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::internal(format!("the runtime cannot be started: {error}")))?;
        runtime.block_on(future)
    }
}

/// Finds the command that was asked for and runs it.
pub fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let Some((name, matches)) = matches.subcommand() else {
        return Err(Error::internal("a command line without a command was let through").into());
    };
    let found = ALL.iter().find(|command| (command.arguments)().get_name() == name);
    match found {
        Some(command) => (command.run)(context, matches),
        None => Err(Error::internal(format!("the command {name} is not in the table")).into()),
    }
}
