//! The tree that every format is read into.

use crate::error::Location;
use std::collections::HashMap;
use std::fmt;

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Place {
    /// The first character of a file.
    pub const START: Place = Place { line: 1, column: 1 };

    /// The place as an error carries it.
    pub fn in_file(self, file: &str) -> Location {
        Location { file: file.to_owned(), line: self.line, column: self.column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}", self.line, self.column)
    }
}

/// One file that was read.
#[derive(Debug, Clone)]
pub struct Document {
    /// The file as it was named.
    pub file: String,
    /// What it holds; [`Value::Null`] where it is empty.
    pub root: Node,
}

/// A value and where it stands.
#[derive(Clone)]
pub struct Node {
    /// Where the value begins; the place of the key where the value is empty.
    pub place: Place,
    /// The value.
    pub value: Value,
}

/// What a node holds.
///
/// A number or a truth value that would not print as it was written (`1.10`, `007`, `0x1F`, `True`) stays a text, so
/// that a command line gets it as it was typed. The readers of [`Section`](super::Section) understand such texts.
#[derive(Clone)]
pub enum Value {
    /// Nothing at all, or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction; finite.
    Float(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map in the order of the file; no key stands twice.
    Map(Vec<Entry>),
}

/// A key of a map and its value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key begins.
    pub key_place: Place,
    /// The value.
    pub node: Node,
}

impl Node {
    /// A text that stands at `place`.
    pub fn text(place: Place, text: impl Into<String>) -> Self {
        Node { place, value: Value::Text(text.into()) }
    }

    /// The entry of `key`, where this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// The text of a scalar as it was written; nothing for null, lists and maps.
    pub fn scalar_text(&self) -> Option<String> {
        match &self.value {
            Value::Bool(value) => Some(value.to_string()),
            Value::Integer(value) => Some(value.to_string()),
            Value::Float(value) => Some(format!("{value:?}")),
            Value::Text(text) => Some(text.clone()),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The same values without their places, as plain JSON. Every reader has a limit on depth, so this may recurse.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Integer(value) => Json::from(*value),
            Value::Float(value) => Json::from(*value),
            Value::Text(text) => Json::String(text.clone()),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(entries) => entries.iter().map(|entry| (entry.key.clone(), entry.node.to_json())).collect(),
        }
    }

    /// Whether both say the same, wherever they stand and in whatever order the keys of their maps come.
    pub fn same_as(&self, other: &Node) -> bool {
        match (&self.value, &other.value) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(left), Value::Bool(right)) => left == right,
            (Value::Integer(left), Value::Integer(right)) => left == right,
            (Value::Float(left), Value::Float(right)) => left.to_bits() == right.to_bits(),
            (Value::Text(left), Value::Text(right)) => left == right,
            (Value::List(left), Value::List(right)) => {
                left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.same_as(right))
            }
            (Value::Map(left), Value::Map(right)) => {
                let by_key: HashMap<_, _> = right.iter().map(|entry| (entry.key.as_str(), &entry.node)).collect();
                let same = |entry: &Entry| by_key.get(entry.key.as_str()).is_some_and(|node| entry.node.same_as(node));
                left.len() == right.len() && left.iter().all(same)
            }
            _ => false,
        }
    }
}

/// Shows the kind and the place and never the value: after substitution it may be a secret.
impl fmt::Debug for Node {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at {}", self.value.kind(), self.place)
    }
}

/// Shows the kind alone, for the same reason.
impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.kind())
    }
}

impl Value {
    /// The kind of the value in words for a person, such as `a list`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}
