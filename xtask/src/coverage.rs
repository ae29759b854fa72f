//! `cargo xtask coverage`: which tests stand for the points of the hub and for the attacks, from the tests' names.
//!
//! The tables of what there is to cover stand beside this file (`coverage/*.txt`). The page has one row on one line for
//! each, so that two changes meet only where they cover the same.

mod names;
mod rows;

use crate::arguments::Arguments;
use crate::console::Console;
use crate::failure::Result;
use crate::repository::Repository;
use crate::system;
use crate::workspace::Workspace;
pub(crate) use names::{Test, tests};
pub(crate) use rows::{Row, Rows, State};
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub(crate) const USAGE: &str = "cargo xtask coverage
  writes docs/reference/coverage.md: which tests stand for each point of the hub and each attack, from their names";

/// The page that is written.
pub(crate) const PAGE: &str = "docs/reference/coverage.md";

/// The tables: where each stands, and what the page says about it.
const TABLES: [(&str, &str); 2] = [
    ("xtask/src/coverage/hub.txt", "## What the hub must get right"),
    ("xtask/src/coverage/attacks.txt", "## Attacks"),
];

const HEAD: &str = "# Coverage

Written by `cargo xtask coverage` from the names of the tests; `cargo xtask tidy` compares. A test that stands for a
row begins with its number: `h07_…` for what the hub must get right, `a05_…` for an attack.
";

/// What there is to cover, and by what it is covered.
pub(crate) struct Coverage {
    /// One for each table.
    pub(crate) tables: Vec<Rows>,
    pub(crate) tests: Vec<Test>,
}

impl Coverage {
    /// Looks at the whole repository; nothing where it has no tables.
    pub(crate) fn of(repository: &Repository) -> Option<Self> {
        let tables = TABLES.iter().map(|(path, _)| Some(Rows::parse(path, &repository.file(path)?.text)));
        Some(Self { tables: tables.collect::<Option<_>>()?, tests: tests(repository) })
    }

    /// The rows of all tables.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.tables.iter().flat_map(|table| &table.rows)
    }

    /// The tests that stand for the row `number`.
    pub(crate) fn tests_for<'a>(&'a self, number: &'a str) -> impl Iterator<Item = &'a Test> {
        self.tests.iter().filter(move |test| test.numbers.iter().any(|own| own == number))
    }

    /// Whether a test stands for `row`.
    pub(crate) fn is_met(&self, row: &Row) -> bool {
        self.tests_for(&row.number).next().is_some()
    }

    /// The rows that should have a test and have none.
    fn gaps(&self) -> impl Iterator<Item = &Row> {
        self.rows().filter(|row| !matches!(row.state, State::Later(_)) && !self.is_met(row))
    }

    /// The page.
    pub(crate) fn page(&self) -> String {
        let mut page = HEAD.to_owned();
        for (table, (_, heading)) in self.tables.iter().zip(TABLES) {
            let _ = write!(page, "\n{heading}\n\n| Number | What | Tests |\n|---|---|---|\n");
            for row in &table.rows {
                let _ = writeln!(page, "| {} | {} | {} |", row.number, row.title, self.cell(row));
            }
        }
        page
    }

    /// The tests of a row by their files, and what is to be said beside them.
    fn cell(&self, row: &Row) -> String {
        let mut files: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for test in self.tests_for(&row.number) {
            files.entry(&test.file).or_default().push(format!("`{}`", test.name));
        }
        let mut parts: Vec<_> = files.iter().map(|(file, names)| format!("{file}: {}", names.join(", "))).collect();
        match &row.state {
            State::Later(reason) if parts.is_empty() => parts.push(format!("later: {reason}")),
            State::Later(reason) => parts.push(format!("the rest later: {reason}")),
            _ if parts.is_empty() => parts.push("**none yet**".to_owned()),
            State::Required | State::Expected => {}
        }
        parts.join("; ")
    }

    /// How much is covered, for the terminal.
    fn summary(&self) -> String {
        let parts = self.tables.iter().zip(TABLES).map(|(table, (_, heading))| {
            format!(
                "{}: {} of {}",
                &heading[3..],
                table.rows.iter().filter(|row| self.is_met(row)).count(),
                table.rows.len()
            )
        });
        let gaps: Vec<_> = self.gaps().map(|row| row.number.as_str()).collect();
        let gaps = if gaps.is_empty() { String::new() } else { format!("\nno test yet: {}", gaps.join(", ")) };
        format!("{}{gaps}", parts.collect::<Vec<_>>().join("; "))
    }
}

/// The subcommand.
pub(crate) fn run(workspace: &Workspace, words: &[String]) -> Result<bool> {
    Arguments::parse(words, &[], &[], USAGE)?;
    let repository = Repository::read(workspace)?;
    let Some(coverage) = Coverage::of(&repository) else { return Ok(false) };
    system::write(&workspace.root.join(PAGE), &coverage.page())?;
    Console::new(false).line(&coverage.summary());
    Ok(true)
}

#[cfg(test)]
mod tests;
