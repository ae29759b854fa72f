//! Every error code has a page, every page a code, and all pages have the same shape.

use crate::repository::{File, Repository};
use crate::source::line_of;
use crate::tidy::Finding;

const TABLE: &str = "crates/base/src/code.rs";
const FOLDER: &str = "docs/errors/";
const SECTIONS: [&str; 3] = ["## What it means", "## Why it happens", "## What to do"];
const RULE: &str = "error-pages";

/// A row of the table of codes.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    id: String,
    summary: String,
    line: usize,
}

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let Some(table) = repository.file(TABLE) else { return Vec::new() };
    let rows = rows(&table.text);
    let mut findings: Vec<_> = rows.iter().flat_map(|row| page_of(repository, row)).collect();
    let pages = repository.files.iter().filter(|file| file.path.starts_with(FOLDER) && file.name() != "README.md");
    let orphans = pages.filter(|file| !rows.iter().any(|row| path_of(&row.id) == file.path));
    findings.extend(orphans.map(|file| {
        let fix = "remove the page, or give it the name of a code";
        Finding::new(RULE, &file.path, 1, format!("no code in {TABLE} has this page"), fix)
    }));
    findings
}

/// The rows of the table: each line that holds a code between quotes and ends with its summary.
fn rows(table: &str) -> Vec<Row> {
    table.match_indices("= \"T-").filter_map(|(at, _)| row(table, at)).collect()
}

/// The row whose `=` stands at `at`: the first and the last text of it.
fn row(table: &str, at: usize) -> Option<Row> {
    let texts: Vec<&str> = table[at..].split_once(";\n").map_or(&table[at..], |(row, _)| row).split('"').collect();
    let id = texts.get(1)?;
    let is_id = id.len() == "T-0000".len() && id[2..].bytes().all(|byte| byte.is_ascii_digit());
    let summary = texts.get(texts.len().checked_sub(2)?)?;
    is_id.then(|| Row { id: (*id).to_owned(), summary: (*summary).to_owned(), line: line_of(table, at) })
}

fn path_of(id: &str) -> String {
    format!("{FOLDER}{id}.md")
}

fn page_of(repository: &Repository, row: &Row) -> Vec<Finding> {
    let path = path_of(&row.id);
    match repository.file(&path) {
        Some(page) => shape(page, row),
        None => {
            let message = format!("{} has no page {path}", row.id);
            vec![Finding::new(
                RULE,
                TABLE,
                row.line,
                message,
                "write the page: what it means, why it happens, what to do",
            )]
        }
    }
}

fn shape(page: &File, row: &Row) -> Vec<Finding> {
    let mut findings = Vec::new();
    let heading = format!("# {}: {}", row.id, row.summary);
    let first = page.text.lines().find(|line| line.starts_with('#')).unwrap_or_default();
    if first != heading {
        let message = format!("the first heading is not `{heading}`");
        findings.push(Finding::new(RULE, &page.path, 1, message, "take the summary from the table of codes"));
    }
    let sections: Vec<_> = page.text.lines().filter(|line| line.starts_with("## ")).collect();
    if sections != SECTIONS {
        let message = format!("the sections are not {}", SECTIONS.join(", "));
        findings.push(Finding::new(RULE, &page.path, 1, message, "give the page these three, in this order"));
    }
    for section in SECTIONS.iter().filter(|section| is_empty(&page.text, section)) {
        let line = page.text.find(section).map_or(1, |at| line_of(&page.text, at));
        findings.push(Finding::new(RULE, &page.path, line, format!("`{section}` says nothing"), "write it"));
    }
    findings
}

/// Whether nothing stands between the heading `section` and the next one.
fn is_empty(page: &str, section: &str) -> bool {
    let after = page.split_once(section).map(|(_, after)| after);
    after.is_some_and(|after| after.split("\n## ").next().unwrap_or_default().trim().is_empty())
}

#[cfg(test)]
mod tests;
