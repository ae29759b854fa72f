//! What has one place only: SQL, the web framework, the terminal.

use crate::repository::{File, Repository};
use crate::source::{line_of, words};
use crate::tidy::Finding;

const RULE: &str = "placement";

/// How a statement begins. Only upper case counts: a sentence may begin with "Select".
const STATEMENTS: [&str; 11] = [
    "SELECT ",
    "INSERT INTO ",
    "INSERT OR ",
    "UPDATE ",
    "DELETE FROM ",
    "CREATE TABLE ",
    "CREATE INDEX ",
    "CREATE UNIQUE ",
    "ALTER TABLE ",
    "DROP TABLE ",
    "PRAGMA ",
];
const WEB_FRAMEWORK: &str = "axum";
const PRINTING: [&str; 2] = ["println", "print"];

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let product = repository.rust().filter(|file| file.path.starts_with("crates/") && !file.is_for_tests());
    let mut findings: Vec<_> = product.flat_map(|file| [statements(file), printing(file)]).flatten().collect();
    findings.extend(web_framework(repository));
    findings
}

fn statements(file: &File) -> Vec<Finding> {
    if file.path.starts_with("crates/store/") || file.name() == "tables.rs" {
        return Vec::new();
    }
    let literals = &file.source.literals;
    let mut findings = Vec::new();
    for statement in STATEMENTS {
        // A literal may begin on the line before its statement.
        let begins = |at: &usize| literals[..*at].trim_end().ends_with(['"', '\\']);
        for at in literals.match_indices(statement).map(|(at, _)| at).filter(begins) {
            let message = format!("SQL stands with its domain in tables.rs, and {} is another file", file.name());
            let fix = "move the statement to the domain's tables.rs and call it by name";
            findings.push(Finding::new(RULE, &file.path, line_of(literals, at), message, fix));
        }
    }
    findings
}

fn printing(file: &File) -> Vec<Finding> {
    let code = &file.source.production;
    if file.path.starts_with("crates/console/src/output") {
        return Vec::new();
    }
    let found = PRINTING.iter().flat_map(|&name| words(code, name).map(move |at| (name, at)));
    let calls = found.filter(|&(name, at)| code[at + name.len()..].starts_with('!'));
    calls
        .map(|(name, at)| {
            let message = format!("`{name}!` outside crates/console/src/output");
            let fix = "give the text back to the command line, or log it with `tracing`";
            Finding::new(RULE, &file.path, line_of(code, at), message, fix)
        })
        .collect()
}

fn web_framework(repository: &Repository) -> Vec<Finding> {
    let others = repository.packages.iter().filter(|package| package.name != "server");
    let users = others.filter(|package| package.dependencies.iter().any(|used| used.name == WEB_FRAMEWORK));
    users
        .map(|package| {
            let message = format!("{} knows {WEB_FRAMEWORK}: only server may", package.name);
            let fix = "speak HTTP in crates/server, and give it plain types";
            Finding::new(RULE, &format!("{}/Cargo.toml", package.folder), 1, message, fix)
        })
        .collect()
}

#[cfg(test)]
mod tests;
