//! The configuration file as text that is about to change.

use crate::command::{Context, Failures};
use assembly::{config, wiring};
use base::environment::Environment;
use base::error::Location;
use base::{Code, Error, Result, disk};
use console::output::Style;
use hubs::change::{self, Change, LIMIT};
use hubs::running;
use std::path::{Path, PathBuf};

/// The configuration file, which need not exist yet.
pub(super) struct File {
    /// Where it is or is to be.
    pub(super) path: PathBuf,
    /// What it says; nothing where there is none.
    pub(super) text: Option<String>,
    /// The environment with the `.env` beside it.
    pub(super) environment: Environment,
    /// What the `.env` beside it says.
    pub(super) dot_env: String,
}

impl File {
    /// The file that commands read, or `tutti.yaml` in the working directory where there is none.
    pub(super) fn find(context: &Context) -> Result<Self> {
        let environment = &context.environment;
        let path = config::find(environment, context.config.as_deref())
            .unwrap_or_else(|| environment.working_directory().join("tutti.yaml"));
        let text = disk::read_text_if_exists(&path, LIMIT).map_err(unreadable)?;
        let beside = path.with_file_name(".env");
        let dot_env = disk::read_text_if_exists(&beside, LIMIT)?.unwrap_or_default();
        let environment = environment.clone().with_dot_env(&beside)?;
        Ok(Self { path, text, environment, dot_env })
    }

    /// The folder that paths in it count from.
    pub(super) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    /// What it says; nothing counts as an empty text.
    pub(super) fn said(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// An error of the editor, with the file as it is called here.
    pub(super) fn named(&self, context: &Context, error: Error) -> Error {
        match error.location().cloned() {
            Some(place) => error.at(Location { file: short(context, self), ..place }),
            None => error,
        }
    }

    /// The change to `after`.
    pub(super) fn change(&self, after: String) -> Change {
        Change::new(self.path.clone(), self.text.clone(), after)
    }
}

/// A failure of the disk, as a failure of the configuration.
fn unreadable(error: Error) -> Error {
    if error.code() == Code::Disk { Error::new(Code::ConfigUnreadable, error.message(), error.next()) } else { error }
}

/// Whether a hub runs for this configuration, and so takes over what is written.
pub(super) fn is_served(context: &Context, file: &File) -> bool {
    running::all(&context.environment).iter().any(|running| running.serves(file.folder()))
}

/// After a change: what is wrong with the whole configuration, and what happens now.
pub(super) fn tell_outcome(context: &Context, file: &File) {
    let output = &context.output;
    let served = is_served(context, file);
    let faults = match context.load() {
        Ok(loaded) => wiring::resolve(&loaded).err().unwrap_or_default(),
        Err(Failures(errors)) => errors,
    };
    if faults.is_empty() {
        let text = if served { "the running hub takes it over by itself" } else { "`tutti up` serves it" };
        return output.message(text);
    }
    let text =
        if served { "until then the running hub stays as it is" } else { "until then `tutti up` refuses to start" };
    let warning = output.paint_message(Style::Warn, "the configuration has faults now");
    output.message(&format!("{warning}; {text}:"));
    faults.iter().for_each(|error| output.message(&format!("  {error}")));
}

/// The options of a command that changes the file, for its help page.
pub(super) fn consent_help(examples: &str) -> String {
    format!(
        "Examples:\n{examples}\n\n\
         The change is shown first, and you are asked. Where nobody can be asked (standard input is no terminal), \
         say --yes, or look with --dry-run."
    )
}

/// How messages name the file.
pub(super) fn short(context: &Context, file: &File) -> String {
    change::short(context, &file.path)
}
