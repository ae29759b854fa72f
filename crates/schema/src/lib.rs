//! Whether arguments fit a JSON Schema, as far as that can be said before they are all known.
//!
//! A library of others would check what is there; this checks what will be: a reference is a value of which at most the
//! type is known. And schemas come from servers, which may write ones that take a library for ever: here each step costs,
//! and who has spent all says that it does not know. So it never refuses what it has not understood: the server checks too.

mod check;
mod keywords;
mod node;

pub use check::{Fault, faults};
pub use keywords::unchecked;
pub use node::{Kinds, Node};

use serde_json::Value;

/// What of `value`, which stands at `place`, surely does not fit `schema`: where, and why.
pub fn misfits(schema: &Value, value: &Value, place: &str) -> Vec<(String, String)> {
    faults(schema, &Node::of(value), place).into_iter().map(|fault| (fault.place, fault.why)).collect()
}

/// The most references of a schema that are followed one after the other.
const REFERENCES: usize = 16;

/// The schema that a local `$ref` leads to, or the schema itself. Nothing where that is not known.
pub fn resolved<'a>(root: &'a Value, mut schema: &'a Value) -> Option<&'a Value> {
    for _ in 0..REFERENCES {
        let Some(reference) = schema.get("$ref") else { return Some(schema) };
        let pointer = reference.as_str()?.strip_prefix('#')?;
        schema = if pointer.is_empty() { root } else { root.pointer(pointer)? };
    }
    None
}

/// What of a stranger's text an error repeats.
fn shorten(text: &str) -> String {
    let clean: String = text.chars().filter(|character| !character.is_control()).take(60).collect();
    if clean.len() < text.len() { format!("{clean}…") } else { clean }
}
