//! How much a configuration may hold, so that a few lines of aliases cannot fill the memory.

use super::tree::{Node, Place, Value};
use crate::{Code, Error, Result};

/// How much one document may hold, after aliases are expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Values: scalars, lists and maps.
    pub nodes: usize,
    /// Bytes of text.
    pub text: usize,
}

impl Default for Capacity {
    /// What a configuration may hold.
    fn default() -> Self {
        Self { nodes: 100_000, text: TEXT }
    }
}

/// Lists and maps within each other.
pub(super) const DEPTH: usize = 64;
/// Bytes of text in one document, after aliases and variables are expanded.
pub(super) const TEXT: usize = 16 << 20;

/// What a piece of a tree costs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    pub(super) nodes: usize,
    pub(super) text: usize,
    /// Levels of lists and maps.
    pub(super) height: usize,
}

impl Cost {
    pub(super) fn of(node: &Node) -> Cost {
        let mut cost = Cost { nodes: 1, text: 0, height: 0 };
        match &node.value {
            Value::Text(text) => cost.text = text.len(),
            Value::List(items) => {
                cost.height = 1;
                items.iter().for_each(|item| cost.hold(Cost::of(item)));
            }
            Value::Map(entries) => {
                cost.height = 1;
                for entry in entries {
                    cost.text += entry.key.len();
                    cost.hold(Cost::of(&entry.node));
                }
            }
            _ => {}
        }
        cost
    }

    fn hold(&mut self, inner: Cost) {
        self.nodes += inner.nodes;
        self.text += inner.text;
        self.height = self.height.max(inner.height + 1);
    }
}

/// What was used so far.
#[derive(Default)]
pub(super) struct Budget {
    capacity: Capacity,
    nodes: usize,
    text: usize,
}

impl Budget {
    /// One from which nothing was used.
    pub(super) fn of(capacity: Capacity) -> Self {
        Self { capacity, ..Self::default() }
    }

    /// Pays for a piece of the tree, or says that the document at `place` has become too large.
    pub(super) fn pay(&mut self, nodes: usize, text: usize, file: &str, place: Place) -> Result<()> {
        self.nodes += nodes;
        self.text += text;
        let Capacity { nodes, text } = self.capacity;
        if self.nodes > nodes || self.text > text { Err(too_large(file, place, self.capacity)) } else { Ok(()) }
    }
}

/// The error for a document with too much in it.
pub(super) fn too_large(file: &str, place: Place, capacity: Capacity) -> Error {
    let Capacity { nodes, text } = capacity;
    let message = format!("the file holds more than {nodes} values or {} MiB of text", text >> 20);
    Error::new(Code::ConfigTooLarge, message, "split the file, or use fewer aliases").at(place.in_file(file))
}

/// The error for a document with too many levels.
pub(super) fn too_deep(file: &str, place: Place) -> Error {
    let message = format!("lists and maps stand more than {DEPTH} levels deep within each other");
    Error::new(Code::ConfigTooLarge, message, "take some of the levels out").at(place.in_file(file))
}

/// Checks the depth of a finished tree.
pub(super) fn check_depth(file: &str, node: &Node, level: usize) -> Result<()> {
    match &node.value {
        Value::List(_) | Value::Map(_) if level >= DEPTH => Err(too_deep(file, node.place)),
        Value::List(items) => items.iter().try_for_each(|item| check_depth(file, item, level + 1)),
        Value::Map(entries) => entries.iter().try_for_each(|entry| check_depth(file, &entry.node, level + 1)),
        _ => Ok(()),
    }
}
