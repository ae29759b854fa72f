//! Takes out of JSON what is another each time: ports, processes, paths, times.

use crate::commands::run::{address, binary};
use crate::harness::{Hub, Setup};
use serde_json::{Value, json};

/// How much of a long text is kept, in lines.
const LINES: usize = 6;

/// Knows the paths and addresses of one test.
pub(super) struct Normal {
    texts: Vec<(String, &'static str)>,
}

impl Normal {
    pub(super) fn new(setup: &Setup) -> Self {
        let own = std::env::current_exe().expect("this executable has a path");
        let path = |path: &std::path::Path| path.to_str().expect("the path is text").to_owned();
        let texts = vec![
            (path(setup.folder.path()), "[FOLDER]"),
            (path(&own), "[FIXTURE]"),
            (path(&binary()), "[TUTTI]"),
            // The built-in server is of the version of the binary.
            (concat!("files ", env!("CARGO_PKG_VERSION")).to_owned(), "files [VERSION]"),
        ];
        Self { texts }
    }

    pub(super) fn with_hub(mut self, hub: &Hub) -> Self {
        self.texts.push((address(hub), "[ADDRESS]"));
        self
    }

    /// The value with placeholders.
    pub(super) fn value(&self, value: &Value) -> Value {
        match value {
            Value::Object(members) => {
                members.iter().map(|(key, value)| (key.clone(), self.member(key, value))).collect()
            }
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::String(text) => json!(self.text(text)),
            other => other.clone(),
        }
    }

    fn member(&self, key: &str, value: &Value) -> Value {
        match (key, value) {
            ("pid", Value::Number(_)) => json!("[PID]"),
            ("milliseconds" | "seconds" | "retry_after_ms", Value::Number(_)) => json!("[NUMBER]"),
            ("breaker", Value::Object(_)) => measured(value),
            ("diff" | "script" | "page", Value::String(text)) => json!(self.text(&beginning(text))),
            _ => self.value(value),
        }
    }

    fn text(&self, text: &str) -> String {
        let text = self.texts.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        without_times(&text)
    }
}

/// What was measured, whatever it was.
fn measured(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), measured(value))).collect(),
        Value::Null | Value::Number(_) => json!("[MEASURED]"),
        other => other.clone(),
    }
}

fn beginning(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().take(LINES).collect();
    if text.lines().count() > LINES {
        lines.push("[MORE]");
    }
    lines.join("\n")
}

/// `[TIME]` where a time in the form of RFC 3339 stands.
fn without_times(text: &str) -> String {
    const SHAPE: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let is_time = |bytes: &[u8]| {
        bytes.len() >= SHAPE.len()
            && bytes.iter().zip(SHAPE).all(|(byte, shape)| match shape {
                b'd' => byte.is_ascii_digit(),
                shape => byte == shape,
            })
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if is_time(rest.as_bytes()) {
            out.push_str("[TIME]");
            rest = rest[SHAPE.len()..].trim_start_matches(|after: char| after == '.' || after.is_ascii_digit());
            rest = rest.strip_prefix('Z').unwrap_or(rest);
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}
