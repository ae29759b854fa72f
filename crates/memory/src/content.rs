//! What may come into a prompt: values with their names, and the texts that models read of them.

use crate::Trust;
use journal::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

/// Something that a run has, and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// What receipts call it: `steps.search`, `params.topic`, `memory(project/conventions)@3`.
    pub source: String,
    /// What it is.
    pub value: Value,
    /// Whether it can be trusted.
    pub trust: Trust,
    /// By what the original is found, where its text is not that of the value.
    original: Option<Digest>,
}

/// Where in a prompt something belongs. What changes seldom comes first, so that what providers keep of the beginning of a
/// prompt stays of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The same for all: notes of the scope `system`.
    System,
    /// Changes from week to week: notes.
    LongLived,
    /// The same from when a step has ended: what steps gave.
    Steps,
    /// Other with each request: what a person asks, parameters, what a search finds.
    Volatile,
}

impl Content {
    /// A value of `source`.
    pub fn new(source: impl Into<String>, value: Value, trust: Trust) -> Self {
        Self { source: source.into(), value, trust, original: None }
    }

    /// The same, made of a text that is kept under this handle.
    #[must_use]
    pub fn kept_as(self, handle: Digest) -> Self {
        Self { original: Some(handle), ..self }
    }

    /// The SHA-256 of the whole text as it is kept: by it the original is found, whatever is cut.
    pub fn handle(&self) -> Digest {
        self.original.unwrap_or_else(|| Digest::of(text(&self.value).as_bytes()))
    }
}

/// What a model reads of a value: a text as it is, a list of texts as lines, anything else as JSON.
pub fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_string) => {
            let lines: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            Cow::Owned(lines.join("\n"))
        }
        other => Cow::Owned(other.to_string()),
    }
}

/// The text between marks that say where it comes from, and that what it says is no order. The mark is made of the text's
/// hash, and never stands within the text, so that no text ends its own quotation.
pub(crate) fn quoted(source: &str, text: &str) -> String {
    let mut mark = String::new();
    for round in 0_u32.. {
        let digest = Digest::of(format!("{round}\n{text}").as_bytes()).to_string();
        mark = digest.get(..12).unwrap_or_default().to_owned();
        if !text.contains(&mark) {
            break;
        }
    }
    let source: String = source.chars().filter(|one| !one.is_control() && !matches!(one, '"' | '<' | '>')).collect();
    format!("<untrusted source=\"{source}\" mark=\"{mark}\">\n{text}\n</untrusted mark=\"{mark}\">")
}

#[cfg(test)]
mod tests;
