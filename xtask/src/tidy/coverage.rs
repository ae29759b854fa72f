//! The page of what is tested is what the names of the tests say, no test has a number that stands for nothing, and every
//! row that must have a test has one.

use crate::coverage::{Coverage, PAGE, Rows, State};
use crate::repository::Repository;
use crate::tidy::Finding;

const RULE: &str = "coverage";

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let Some(coverage) = Coverage::of(repository) else { return Vec::new() };
    let mut findings: Vec<_> = coverage.tables.iter().flat_map(unreadable).collect();
    findings.extend(unknown(&coverage));
    findings.extend(missing(&coverage));
    findings.extend(stale(repository, &coverage.page()));
    findings
}

fn unreadable(table: &Rows) -> impl Iterator<Item = Finding> {
    table.unreadable.iter().map(|&line| {
        let fix = "write `number | required | title`, or `later: ` and a reason in the middle";
        Finding::new(RULE, &table.file, line, "this is no row", fix)
    })
}

/// The tests whose number no table has.
fn unknown(coverage: &Coverage) -> Vec<Finding> {
    let pairs = coverage.tests.iter().flat_map(|test| test.numbers.iter().map(move |number| (test, number)));
    let unknown = pairs.filter(|(_, number)| coverage.rows().all(|row| row.number != **number));
    unknown
        .map(|(test, number)| {
            let message = format!("the test {} has the number {number}, which stands for nothing", test.name);
            Finding::new(RULE, &test.file, test.line, message, "take a number of the tables in xtask/src/coverage/")
        })
        .collect()
}

/// The rows that must have a test and have none.
fn missing(coverage: &Coverage) -> Vec<Finding> {
    let rows = coverage.tables.iter().flat_map(|table| table.rows.iter().map(move |row| (table, row)));
    let gaps = rows.filter(|(_, row)| row.state == State::Required && !coverage.is_met(row));
    gaps.map(|(table, row)| {
        let message = format!("no test stands for {}: {}", row.number, row.title);
        let fix = "name a test after it, or say in the row what it waits for: `later: ` and the reason";
        Finding::new(RULE, &table.file, row.line, message, fix)
    })
    .collect()
}

/// Where the page differs from what it should be.
fn stale(repository: &Repository, expected: &str) -> Option<Finding> {
    let found = repository.file(PAGE).map_or("", |file| file.text.as_str());
    let same = found.lines().zip(expected.lines()).take_while(|(found, expected)| found == expected).count();
    let message = "the page is not what the names of the tests say";
    let fix = "run `cargo xtask coverage` and commit the page";
    (found != expected).then(|| Finding::new(RULE, PAGE, same + 1, message, fix))
}

#[cfg(test)]
mod tests;
