//! Secrets in a file that changes: what stands around a change is shown with it, and they must not be.

use crate::clear_text::secret_value;
use base::config::{Document, Node, Value, json, toml, yaml};
use mcp::raw;
use std::collections::BTreeSet;
use std::path::Path;

/// What is shown instead of a secret.
const MASK: &str = "…";

/// The shortest text that is hidden: a shorter one is no secret, and stands within other words.
const SHORTEST: usize = 4;

/// The secrets of a file.
pub(super) struct Hidden(Vec<String>);

impl Hidden {
    /// The secrets in what a file says and is to say. A text that cannot be read has none.
    pub(super) fn of(path: &Path, texts: [&str; 2]) -> Self {
        let mut found = BTreeSet::new();
        for document in texts.into_iter().filter_map(|text| document(path, text)) {
            collect("", &document.root, &mut found);
        }
        // In quotes some characters stand in another way.
        let quoted = |secret: &String| raw::quote(secret).trim_matches('"').to_owned();
        let quoted: Vec<String> = found.iter().map(quoted).collect();
        found.extend(quoted);
        let mut found: Vec<String> = found.into_iter().collect();
        // A secret may be the beginning of another one.
        found.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(found)
    }

    /// The line without secrets.
    pub(super) fn mask(&self, line: &str) -> String {
        self.0.iter().fold(line.to_owned(), |line, secret| line.replace(secret.as_str(), MASK))
    }
}

fn document(path: &Path, text: &str) -> Option<Document> {
    let read = match path.extension().and_then(|extension| extension.to_str()) {
        Some("toml") => toml,
        Some("json") => json,
        Some("yaml" | "yml") => yaml,
        _ => return None,
    };
    read("", text).ok()
}

/// Finds the secrets below a node that stands under the key `name`.
fn collect(name: &str, node: &Node, found: &mut BTreeSet<String>) {
    match &node.value {
        // Under `keys` stand names of people, and behind them keys.
        Value::Map(entries) => entries.iter().for_each(|entry| {
            let plain = !matches!(entry.node.value, Value::Map(_) | Value::List(_));
            collect(if name == "keys" && plain { "key" } else { &entry.key }, &entry.node, found);
        }),
        Value::List(items) => {
            // The value of a flag may be the argument after it.
            let mut flag = String::new();
            for item in items {
                collect(&flag, item, found);
                flag = item.scalar_text().filter(|text| text.starts_with('-')).unwrap_or_default();
            }
        }
        _ => {
            let text = node.scalar_text().unwrap_or_default();
            let (name, value) = text.split_once('=').filter(|(name, _)| name.starts_with('-')).unwrap_or((name, &text));
            if secret_value(name, value).is_some() {
                let long = |line: &&str| line.chars().count() >= SHORTEST;
                found.extend(value.lines().map(str::trim).filter(long).map(str::to_owned));
            }
        }
    }
}
