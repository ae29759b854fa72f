//! One document: its text as a tree, with places for errors and references within it.

use crate::convert;
use crate::fault::{self, shown};
use crate::reference;
use base::config::{Capacity, Node, Place, Value as Tree, json_within, yaml_within};
use base::error::Location;
use base::{Error, Result};
use serde_json::Value;

/// An OpenAPI document that was read.
pub struct Document {
    file: String,
    root: Node,
    json: Value,
    old: bool,
    version: String,
}

/// How much a document may hold. The largest that are published have some hundred thousand values.
const CAPACITY: Capacity = Capacity { nodes: 1_000_000, text: 32 << 20 };

impl Document {
    /// Reads a document, JSON or YAML. `file` is its path or address, for errors.
    ///
    /// # Errors
    /// Text that is neither, that is larger or deeper than documents may be, or that is not OpenAPI 3.
    pub fn read(file: &str, text: &str) -> Result<Self> {
        let is_json = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
        let read = if is_json { json_within } else { yaml_within };
        let root = read(file, text, CAPACITY).map_err(|error| unreadable(&error))?.root;
        let tree = convert::json(&root);
        let mut document = Self { file: file.to_owned(), root, json: tree, old: false, version: String::new() };
        document.version = document.find_version()?;
        document.old = document.version.starts_with("3.0");
        Ok(document)
    }

    /// The version of OpenAPI that it is written in.
    fn find_version(&self) -> Result<String> {
        let next = "name an OpenAPI document of version 3.0 or 3.1; older ones can be converted to it";
        let say = |message: String| Err(fault::document(message, next).at(self.location("")));
        let version = match self.json.get("openapi") {
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(number @ Value::Number(_)) => number.to_string(),
            _ if self.json.get("swagger").is_some() => {
                return say("the document is of Swagger 2.0, which came before OpenAPI 3".to_owned());
            }
            _ => return say("the document has no `openapi` that names its version".to_owned()),
        };
        let known = ["3.0", "3.1", "3.2"].iter().any(|known| version.starts_with(known));
        if known { Ok(version) } else { say(format!("the document is of OpenAPI version {}", shown(&version))) }
    }

    /// The version of OpenAPI that it says it is written in.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether its schemas are those of OpenAPI 3.0, which are not JSON Schema.
    pub(crate) fn is_old(&self) -> bool {
        self.old
    }

    /// The whole of it.
    pub(crate) fn json(&self) -> &Value {
        &self.json
    }

    /// Its name and version, as it says them.
    pub(crate) fn info(&self, key: &str) -> Option<&str> {
        self.json.get("info")?.get(key)?.as_str()
    }

    /// The value itself, or what its `$ref` leads to within this document.
    pub(crate) fn resolve<'a>(&'a self, value: &'a Value) -> Result<&'a Value, fault::Fault> {
        reference::follow(&self.json, value)
    }

    /// Where the value at a JSON pointer stands; the nearest place above it where there is none.
    pub(crate) fn location(&self, pointer: &str) -> Location {
        let mut node = &self.root;
        let mut place = Place::START;
        for token in pointer.split('/').skip(1) {
            let token = reference::unescaped(token);
            let next = match &node.value {
                Tree::Map(_) => node.get(&token).map(|entry| (entry.key_place, &entry.node)),
                Tree::List(items) => {
                    token.parse().ok().and_then(|index: usize| items.get(index)).map(|node| (node.place, node))
                }
                _ => None,
            };
            let Some((found, inner)) = next else { break };
            (place, node) = (found, inner);
        }
        place.in_file(&self.file)
    }
}

/// The reader of configurations speaks of configurations.
fn unreadable(error: &Error) -> Error {
    let document = fault::document(error.message().to_owned(), error.next());
    match error.location() {
        Some(location) => document.at(location.clone()),
        None => document,
    }
}

#[cfg(test)]
mod tests;
