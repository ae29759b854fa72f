//! Reading workflow files: all that is wrong is told at once, each with its place, its line and a hint.

mod action;
mod call;
mod context;
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

/// The workflows of a file: one, or in the older form several under `workflows`.
///
/// # Errors
/// All that is wrong with the file, in the order of its lines.
pub fn read(file: &str, text: &str) -> Result<Vec<Workflow>, Vec<Error>> {
    read_source(&Source::new(file, text))
}

/// As [`read`].
pub(crate) fn read_source(source: &Source) -> Result<Vec<Workflow>, Vec<Error>> {
    if source.text.len() > limits::FILE {
        let message = format!("the file is larger than {} KiB", limits::FILE >> 10);
        let next = "split it: a workflow can run others with `workflow:`";
        return Err(vec![source.error(Code::WorkflowTooLarge, crate::Spot { line: 1, column: 1 }, message, next)]);
    }
    let capacity = Capacity { nodes: 50_000, text: 2 * limits::FILE };
    let document = yaml_within(&source.file, &source.text, capacity).map_err(|error| vec![source.shown(error)])?;
    from_document(source, &document)
}

/// The workflows of a file that is about other things too: of it only the keys of the older form are read.
pub(crate) fn read_part(source: &Source) -> Result<Vec<Workflow>, Vec<Error>> {
    let mut document = yaml(&source.file, &source.text).map_err(|error| vec![source.shown(error)])?;
    if let Written::Map(entries) = &mut document.root.value {
        let keys = shape_of("file").keys;
        entries.retain(|entry| keys.iter().any(|key| key.name == entry.key));
    }
    from_document(source, &document)
}

fn from_document(source: &Source, document: &Document) -> Result<Vec<Workflow>, Vec<Error>> {
    let problems = Problems::new();
    let reader = Reader::new(&problems, source);
    let workflows = if is_older(&document.root) {
        header::older(&reader, &document.root)
    } else {
        header::workflow(&reader, &document.root).into_iter().collect()
    };
    match problems.into_result() {
        Ok(()) if workflows.is_empty() => {
            Err(vec![Error::internal("a workflow file without faults gives no workflow")])
        }
        Ok(()) => Ok(workflows),
        Err(errors) => Err(errors.into_iter().map(|error| source.shown(error)).collect()),
    }
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
