//! The workflows that are known to a command: those of the configuration, and those of files that are named.

use assembly::wiring;
use assembly::workflows::Available;
use base::config::nearest;
use base::{Code, Error, disk};
use console::output::one_line;
use hubs::{Context, Failures};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use workflow::{Catalogue, Definition, Definitions, File, Gathered, Nothing, Plan, Planned, Source, limits};

/// What is known.
pub(super) struct Known {
    /// The workflows.
    pub(super) definitions: Definitions,
    /// What they may call; nothing where no configuration says it.
    available: Option<Available>,
}

impl Known {
    /// Those of the configuration.
    pub(super) fn of(context: &Context) -> Result<Self, Failures> {
        let loaded = context.load()?;
        let resolved = wiring::resolve(&loaded)?;
        // Without a configuration nobody has said what there is.
        let available = loaded.path.is_some().then(|| Available::of(&resolved));
        Ok(Self { definitions: resolved.workflows, available })
    }

    /// The same with those of a file, in place of others of these names. Gives their names.
    pub(super) fn with_file(&mut self, context: &Context, file: &str) -> Result<Vec<String>, Failures> {
        let read = gathered(context, file)?.whole()?;
        let names = read.keys().cloned().collect();
        self.definitions.extend(read);
        Ok(names)
    }

    /// What there is to call.
    pub(super) fn catalogue(&self) -> &(dyn Catalogue + Sync) {
        match &self.available {
            Some(available) => available,
            None => &Nothing,
        }
    }

    /// The definition of each workflow with its plan, in the order of their names.
    pub(super) fn planned(&self) -> Vec<(&Definition, Planned)> {
        self.definitions.values().zip(workflow::plans(&self.definitions, self.catalogue())).collect()
    }

    /// The plan of one of them.
    pub(super) fn plan(&self, name: &str) -> Result<Arc<Plan>, Failures> {
        let found = self.planned().into_iter().find(|(definition, _)| definition.workflow.name == name);
        match found {
            Some((_, plan)) => Ok(plan?),
            None => Err(self.unknown(name).into()),
        }
    }

    /// The error for a name that no workflow has.
    pub(super) fn unknown(&self, name: &str) -> Error {
        let known = self.definitions.keys().map(String::as_str);
        let next = match nearest(name, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if self.definitions.is_empty() => {
                "name files in tutti.yaml, `workflows: [\"workflows/*.yaml\"]`, or give the path of a file".to_owned()
            }
            None => {
                let some: Vec<String> = known.take(12).map(|name| format!("`{name}`")).collect();
                format!("there is {}; a file is named by its path", some.join(", "))
            }
        };
        Error::new(Code::WorkflowMissing, format!("there is no workflow `{}`", one_line(name, 64)), next)
    }
}

/// The workflows of a file, as far as they can be read.
///
/// # Errors
/// There is no such file, or it cannot be read.
pub(super) fn gathered(context: &Context, file: &str) -> Result<Gathered, Error> {
    let path = context.environment.working_directory().join(file);
    let text = disk::read_text(&path, 4 * limits::FILE as u64)?;
    Ok(Gathered::of(&[File { source: Arc::new(Source::new(file, &text)), part: false }]))
}

/// Whether a word is the path of a file and no name: names have neither dots nor slashes.
pub(super) fn is_file(word: &str) -> bool {
    word.contains(['.', '/', '\\'])
}

/// The plan of what a person named: a workflow of the configuration, or one of a file.
pub(super) fn plan(context: &Context, word: &str, name: Option<&str>) -> Result<Arc<Plan>, Failures> {
    let mut known = Known::of(context)?;
    if !is_file(word) {
        return known.plan(word);
    }
    let names = known.with_file(context, word)?;
    let name = one_of(&names, name, word, "--name")?;
    known.plan(&name)
}

/// The workflow of a file that is meant.
pub(super) fn one_of(names: &[String], name: Option<&str>, file: &str, option: &str) -> Result<String, Error> {
    let shown = || names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match (names, name) {
        (names, Some(name)) if names.iter().any(|known| known == name) => Ok(name.to_owned()),
        (_, Some(name)) => {
            let message = format!("{} has no workflow `{}`", one_line(file, 200), one_line(name, 64));
            Err(Error::new(Code::WorkflowMissing, message, format!("it has {}", shown())))
        }
        ([only], None) => Ok(only.clone()),
        _ => {
            let message = format!("{} holds several workflows", one_line(file, 200));
            Err(Error::new(Code::Usage, message, format!("say which with `{option}`: {}", shown())))
        }
    }
}

/// The file with the tests of the workflows in `file`: `report.yaml` has them in `report.test.yaml`.
pub(super) fn tests_of(file: &Path) -> PathBuf {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or("yaml");
    file.with_extension(format!("test.{ending}"))
}
