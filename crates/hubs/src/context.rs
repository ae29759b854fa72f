//! What every command has, and how it fails.

use assembly::config::{self, Loaded};
use base::Error;
use base::environment::Environment;
use clap::ArgMatches;
use console::output::Output;
use std::path::PathBuf;

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
        let url =
            named.or_else(|| environment.get("TUTTI_URL").map(str::to_owned)).filter(|url| !url.trim().is_empty());
        Self { environment, output, config, url }
    }

    /// The same with another way to print.
    #[must_use]
    pub fn printing(&self, output: Output) -> Self {
        let Self { environment, config, url, .. } = self;
        Self { environment: environment.clone(), output, config: config.clone(), url: url.clone() }
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
