//! `cargo xtask tidy`: the rules of the house that no compiler knows.
//!
//! Each check is a file under `tidy/` with one pure function over the files of the repository, which are read once.

mod bans;
mod coverage;
mod cycles;
mod error_pages;
mod examples;
mod hygiene;
mod layers;
mod lints;
mod lock;
mod modules;
mod parsers;
mod placement;
mod ports;
mod size;

use crate::arguments::Arguments;
use crate::console::Console;
use crate::failure::Result;
use crate::repository::Repository;
use crate::workspace::Workspace;
use serde_json::json;

pub(crate) const USAGE: &str = "cargo xtask tidy [--json]
  checks the rules of the house: layers, lints, import cycles, ports, sizes, error pages, coverage, examples, bans, places, the lock,
  hygiene, fuzz targets of parsers";

/// A place that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) rule: &'static str,
    pub(crate) file: String,
    /// From 1.
    pub(crate) line: usize,
    /// What is the matter.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) fix: String,
}

const CHECKS: [fn(&Repository) -> Vec<Finding>; 14] = [
    layers::check,
    lints::check,
    cycles::check,
    ports::check,
    size::check,
    error_pages::check,
    coverage::check,
    examples::check,
    bans::check,
    modules::check,
    placement::check,
    lock::check,
    hygiene::check,
    parsers::check,
];

impl Finding {
    pub(crate) fn new(rule: &'static str, file: &str, line: usize, message: impl Into<String>, fix: &str) -> Self {
        Self { rule, file: file.to_owned(), line, message: message.into(), fix: fix.to_owned() }
    }

    /// The finding for the terminal.
    pub(crate) fn text(&self) -> String {
        format!("{}:{}: {}: {}\n  fix: {}", self.file, self.line, self.rule, self.message, self.fix)
    }
}

/// Everything that all checks find.
pub(crate) fn findings(repository: &Repository) -> Vec<Finding> {
    CHECKS.iter().flat_map(|check| check(repository)).collect()
}

/// The subcommand.
pub(crate) fn run(workspace: &Workspace, words: &[String]) -> Result<bool> {
    let arguments = Arguments::parse(words, &["--json"], &[], USAGE)?;
    let repository = Repository::read(workspace)?;
    let found = findings(&repository);
    let console = Console::new(arguments.has("--json"));
    if arguments.has("--json") {
        let list: Vec<_> = found.iter().map(Finding::to_json).collect();
        console.data(&json!({ "files": repository.files.len(), "findings": list }).to_string());
    } else {
        for finding in &found {
            console.line(&finding.text());
        }
        console.line(&summary(&repository, &found));
    }
    Ok(found.is_empty())
}

/// The last line: how much was looked at and what was found.
pub(crate) fn summary(repository: &Repository, found: &[Finding]) -> String {
    let verdict = if found.is_empty() { "all in order".to_owned() } else { format!("{} findings", found.len()) };
    let (packages, most) = (lock::packages(repository), lock::MOST);
    format!("tidy: {} files, {packages} of at most {most} packages in the lock, {verdict}", repository.files.len())
}

impl Finding {
    fn to_json(&self) -> serde_json::Value {
        json!({ "file": self.file, "line": self.line, "rule": self.rule, "message": self.message, "fix": self.fix })
    }
}

#[cfg(test)]
mod tests;
