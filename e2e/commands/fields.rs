//! Every field that a program meets is described in docs/reference/json.md.

use super::snapshot;
use crate::harness::trials;
use libtest_mimic::Trial;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::fields": every_field_is_described_where_it_appears)
}

/// The sections that describe what a golden file holds, by the beginning of its name.
const SECTIONS: [(&str, &[&str]); 23] = [
    ("completions", &["tutti completions"]),
    ("connect-print", &["tutti connect"]),
    ("connect", &["tutti connect", "Changes"]),
    ("doctor", &["tutti doctor"]),
    ("error", &["Errors"]),
    ("explain", &["tutti explain"]),
    ("init", &["tutti init", "Changes"]),
    ("secret", &["tutti secret"]),
    ("server-add", &["tutti server add, tutti server remove", "Changes"]),
    ("server-remove", &["tutti server add, tutti server remove", "Changes"]),
    ("server-import", &["tutti server import", "Changes"]),
    ("server-list", &["tutti server list", "Errors"]),
    ("server-logs", &["tutti server logs"]),
    ("server-restart", &["tutti server test, tutti server restart"]),
    ("server-test", &["tutti server test, tutti server restart", "Errors"]),
    ("tool-call", &["tutti tool call"]),
    ("tool-lint", &["tutti tool lint"]),
    ("tool-describe", &["tutti tool list"]),
    ("tool-search", &["tutti tool search"]),
    ("tool-list", &["tutti tool list", "Errors"]),
    ("up", &["tutti up"]),
    ("workflow", &["tutti workflow", "Errors"]),
    ("", &[]),
];

/// Fields whose inside is a server's own and not described here.
const OF_SERVERS: [&str; 9] =
    ["result", "inputSchema", "outputSchema", "annotations", "icons", "_meta", "execution", "x-vendor", "arguments"];

async fn every_field_is_described_where_it_appears() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/json.md");
    let document = std::fs::read_to_string(document).expect("there is docs/reference/json.md");
    let mut missing = BTreeSet::new();
    let mut files = 0;
    for entry in std::fs::read_dir(snapshot::folder()).expect("there are golden files").flatten() {
        let name = entry.file_name().into_string().expect("the name is text");
        let Some(name) = name.strip_suffix(".json") else { continue };
        let (_, sections) = SECTIONS.iter().find(|(start, _)| name.starts_with(start)).expect("the last one fits all");
        assert!(!sections.is_empty(), "say in SECTIONS where {name}.json is described");
        let text: String = sections.iter().map(|heading| section(&document, heading)).collect();
        let golden = std::fs::read_to_string(entry.path()).expect("a golden file can be read");
        let mut fields = BTreeSet::new();
        collect(&serde_json::from_str(&golden).expect("a golden file is JSON"), &mut fields);
        let unknown = fields.into_iter().filter(|field| field != "x-vendor" && !text.contains(&format!("`{field}`")));
        missing.extend(unknown.map(|field| format!("`{field}` of {name}.json is not in {sections:?}")));
        files += 1;
    }
    assert!(files > 30, "the golden files are there");
    assert!(missing.is_empty(), "docs/reference/json.md lacks:\n{}", Vec::from_iter(missing).join("\n"));
}

/// The text under a heading, up to the next one.
fn section<'d>(document: &'d str, heading: &str) -> &'d str {
    let start = document.find(&format!("\n## {heading}\n"));
    let rest = &document[start.unwrap_or_else(|| panic!("there is no section `{heading}`")) + 1..];
    rest.find("\n## ").map_or(rest, |end| &rest[..end])
}

fn collect(value: &Value, fields: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                fields.insert(key.clone());
                if !OF_SERVERS.contains(&key.as_str()) {
                    collect(value, fields);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, fields)),
        _ => {}
    }
}
