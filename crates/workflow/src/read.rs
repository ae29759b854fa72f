//! Reading workflow files: all that is wrong is told at once, each with its place, its line and a hint.

mod action;
mod call;
mod context;
mod gaps;
mod header;
mod input;
mod memory;
mod params;
mod rules;
mod step;
mod trigger;

use crate::definition::Workflow;
use crate::keys::{self, Shape};
use crate::limits;
use crate::source::Source;
use base::config::{Capacity, Document, Node, Problems, Value as Written, yaml, yaml_within};
use base::{Code, Error};
use context::Reader;

pub(crate) use gaps::Gaps;

/// The workflows of a file: one, or in the older form several under `workflows`.
///
/// # Errors
/// All that is wrong with the file, in the order of its lines.
pub fn read(file: &str, text: &str) -> Result<Vec<Workflow>, Vec<Error>> {
    read_source(&Source::new(file, text)).whole()
}

/// What was read of a file.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// Its workflows, each with what of it could not be read.
    pub(crate) workflows: Vec<(Workflow, Gaps)>,
    /// All that is wrong with its form, in the order of its lines.
    pub(crate) errors: Vec<Error>,
}

impl Reading {
    fn nothing(errors: Vec<Error>) -> Self {
        Self { workflows: Vec::new(), errors }
    }

    /// The workflows, where nothing is wrong with them.
    fn whole(self) -> Result<Vec<Workflow>, Vec<Error>> {
        let workflows = self.workflows.into_iter().map(|(workflow, _)| workflow).collect();
        if self.errors.is_empty() { Ok(workflows) } else { Err(self.errors) }
    }
}

/// As [`read`], also what can be read of a file with faults.
pub(crate) fn read_source(source: &Source) -> Reading {
    if source.text.len() > limits::FILE {
        let message = format!("the file is larger than {} KiB", limits::FILE >> 10);
        let next = "split it: a workflow can run others with `workflow:`";
        let error = source.error(Code::WorkflowTooLarge, crate::Spot { line: 1, column: 1 }, message, next);
        return Reading::nothing(vec![error]);
    }
    let capacity = Capacity { nodes: 50_000, text: 2 * limits::FILE };
    match yaml_within(&source.file, &source.text, capacity) {
        Ok(document) => from_document(source, &document),
        Err(error) => Reading::nothing(vec![source.shown(error)]),
    }
}

/// The workflows of a file that is about other things too: of it only the keys of the older form are read.
pub(crate) fn read_part(source: &Source) -> Reading {
    let mut document = match yaml(&source.file, &source.text) {
        Ok(document) => document,
        Err(error) => return Reading::nothing(vec![source.shown(error)]),
    };
    if let Written::Map(entries) = &mut document.root.value {
        let keys = shape_of("file").keys;
        entries.retain(|entry| keys.iter().any(|key| key.name == entry.key));
    }
    from_document(source, &document)
}

fn from_document(source: &Source, document: &Document) -> Reading {
    let problems = Problems::new();
    let reader = Reader::new(&problems, source);
    let workflows = if is_older(&document.root) {
        header::older(&reader, &document.root)
    } else {
        header::workflow(&reader, &document.root).into_iter().collect()
    };
    let errors = match problems.into_result() {
        Ok(()) if workflows.is_empty() => {
            vec![Error::internal("a workflow file without faults gives no workflow")]
        }
        Ok(()) => Vec::new(),
        Err(errors) => errors.into_iter().map(|error| source.shown(error)).collect(),
    };
    Reading { workflows, errors }
}

/// The keys of a shape; none where there is no such shape, which no caller has.
fn shape_of(name: &str) -> &'static Shape {
    const NONE: Shape = Shape { name: "", about: "", keys: &[], required: &[] };
    keys::shape(name).unwrap_or(&NONE)
}

/// Whether this is the form with several workflows in a map.
fn is_older(root: &Node) -> bool {
    match &root.value {
        Written::Map(entries) => {
            let has = |key: &str| entries.iter().any(|entry| entry.key == key);
            has("workflows") || has("main_llm") && !has("steps")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
