//! Every example is loaded by a test, so that none goes out of date.
//!
//! A test that walks `examples/` and loads each file says so in a comment: `tidy: loads every example (yaml, json)`.
//! The endings in brackets are those that it loads; this check compares them with what is there.

use crate::repository::{File, Repository};
use crate::source::line_of;
use crate::tidy::Finding;
use std::collections::BTreeSet;

const FOLDER: &str = "examples/";
const MARK: &str = "tidy: loads every example (";
/// Told and run by people and other programs, not loaded by Tutti.
const PASSED_OVER: [&str; 3] = ["md", "py", "sh"];
/// This tool names the mark without being the test.
const OWN_FOLDER: &str = "xtask/";

const RULE: &str = "examples";

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let loaded: BTreeSet<_> = repository.rust().flat_map(loaded_by).collect();
    let examples = repository.files.iter().filter(|file| file.path.starts_with(FOLDER));
    let mut told = BTreeSet::new();
    let mut findings = Vec::new();
    for (file, ending) in examples.map(|file| (file, ending(file))) {
        if PASSED_OVER.contains(&ending) || loaded.contains(ending) || !told.insert(ending) {
            continue;
        }
        let message = format!("no test says that it loads every example that ends with .{ending}");
        let fix = format!("let one test walk {FOLDER} and load each, with the comment `{MARK}{ending})`");
        findings.push(Finding::new(RULE, &file.path, 1, message, &fix));
    }
    findings.extend(unnamed(repository));
    findings
}

fn ending(file: &File) -> &str {
    file.name().rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// The endings that a test says it loads.
fn loaded_by(file: &File) -> Vec<&str> {
    if file.path.starts_with(OWN_FOLDER) {
        return Vec::new();
    }
    let lists = file.text.split(MARK).skip(1).filter_map(|after| after.split_once(')'));
    lists.flat_map(|(list, _)| list.split(',').map(str::trim)).collect()
}

/// A mark in a file that does not so much as name the folder loads nothing.
fn unnamed(repository: &Repository) -> Vec<Finding> {
    let marked = repository.rust().filter(|file| !file.path.starts_with(OWN_FOLDER) && file.text.contains(MARK));
    let empty = marked.filter(|file| !file.source.literals.contains("examples"));
    empty
        .map(|file| {
            let line = file.text.find(MARK).map_or(1, |at| line_of(&file.text, at));
            let message = "the test says that it loads every example and does not name the folder `examples`";
            Finding::new(RULE, &file.path, line, message, "walk the folder, or take the comment out")
        })
        .collect()
}

#[cfg(test)]
mod tests;
