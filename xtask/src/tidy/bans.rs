//! What does not stand in the product: promises to write it later, hidden panics, silenced lints.

use crate::repository::{File, Repository};
use crate::source::line_of;
use crate::tidy::Finding;

const RULE: &str = "bans";

/// What is banned outside tests, and what to do instead.
const OUTSIDE_TESTS: [(&str, &str); 4] = [
    ("todo!", "write it, or leave it out"),
    ("unimplemented!", "write it, or leave it out"),
    (".unwrap()", "give the error on with `?`, or handle it"),
    (".expect(", "give the error on with `?`, or handle it"),
];

/// What is banned everywhere: `#[allow(` stays when its reason has gone, `#[expect(` does not.
const EVERYWHERE: [&str; 2] = ["#[allow(", "#![allow("];

/// How `serde_json` is asked for a value of any shape, where one member name of a stranger's JSON would not be read as
/// it stands.
const ANY_VALUE: [&str; 7] = [
    "serde_json::from_str(",
    "serde_json::from_slice(",
    "serde_json::from_reader(",
    "from_str::<Value>",
    "from_str::<serde_json::Value>",
    "from_slice::<Value>",
    "from_slice::<serde_json::Value>",
];

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    repository.rust().flat_map(in_file).collect()
}

fn in_file(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut look = |code: &str, banned: &str, fix: &str| {
        for (at, _) in code.match_indices(banned) {
            let message = format!("`{banned}` is banned here");
            findings.push(Finding::new(RULE, &file.path, line_of(code, at), message, fix));
        }
    };
    if !file.is_for_tests() {
        for (banned, fix) in OUTSIDE_TESTS {
            look(&file.source.production, banned, fix);
        }
    }
    if file.path.starts_with("crates/") && !file.is_for_tests() {
        for banned in ANY_VALUE {
            look(
                &file.source.production,
                banned,
                "read with `base::json`, or name the type that is read: `::<String>`",
            );
        }
    }
    for banned in EVERYWHERE {
        look(&file.source.code, banned, "use `#[expect(…, reason = \"…\")]`");
    }
    findings
}

#[cfg(test)]
mod tests;
