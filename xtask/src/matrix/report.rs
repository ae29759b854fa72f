//! What the lines of the checks say together. Pure.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// How much of a problem is shown.
const SHOWN: usize = 400;

/// A case of clients of one dialect before providers of one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cell {
    into: String,
    out: String,
    case: String,
    /// Whether each of its checks is in order.
    ok: bool,
    /// What the hub said was lost, in any of its checks.
    lost: Vec<String>,
}

/// All cells, in the order in which they were met.
#[derive(Debug, Default)]
pub(super) struct Report {
    cells: Vec<Cell>,
    problems: Vec<String>,
}

impl Report {
    /// Reads what the script printed: a line of JSON for each check. Other lines say nothing of cells.
    pub(super) fn read(text: &str) -> Self {
        let mut report = Self::default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).for_each(|check| report.take(&check));
        report
    }

    fn take(&mut self, check: &Value) {
        let name = |key: &str| check[key].as_str().map(str::to_owned);
        let (Some(into), Some(out), Some(case)) = (name("in"), name("out"), name("case")) else { return };
        let ok = check["ok"] == true;
        let lost: Vec<_> = check["lost"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if !ok {
            let way = if check["stream"] == true { "streamed" } else { "whole" };
            let problem = check["problem"].as_str().unwrap_or("it does not say why");
            let problem: String = problem.chars().take(SHOWN).collect();
            let sdk = check["sdk"].as_str().unwrap_or_default();
            self.problems.push(format!("NOT IN ORDER: {into} → {out}, {case}, {way}, {sdk}: {problem}"));
        }
        let is_it = |cell: &Cell| cell.into == into && cell.out == out && cell.case == case;
        let known = self.cells.iter().position(is_it).unwrap_or(self.cells.len());
        if known == self.cells.len() {
            self.cells.push(Cell { into, out, case, ok: true, lost: Vec::new() });
        }
        let Some(cell) = self.cells.get_mut(known) else { return };
        cell.ok &= ok;
        for name in lost {
            if cell.lost.iter().all(|known| known != name) {
                cell.lost.push(name.to_owned());
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    pub(super) fn is_in_order(&self) -> bool {
        self.cells.iter().all(|cell| cell.ok)
    }

    /// What is wrong, a line for each check.
    pub(super) fn problems(&self) -> impl Iterator<Item = String> {
        self.problems.iter().cloned()
    }

    /// How many cells are in order.
    pub(super) fn summary(&self) -> String {
        let passed = self.cells.iter().filter(|cell| cell.ok).count();
        format!("{passed} of {} cells are in order", self.cells.len())
    }

    /// `{"cells": [{"in", "out", "case", "ok", "lost": []}]}`.
    pub(super) fn to_json(&self) -> Value {
        let cell = |cell: &Cell| {
            let Cell { into, out, case, ok, lost } = cell;
            json!({ "in": into, "out": out, "case": case, "ok": ok, "lost": lost })
        };
        json!({ "cells": self.cells.iter().map(cell).collect::<Vec<_>>() })
    }

    /// A row for each dialect of clients, a column for each of providers: how many cases are in order, of how many. Below
    /// stands what is lost.
    pub(super) fn table(&self) -> String {
        let (rows, columns) = (self.names(|cell| &cell.into), self.names(|cell| &cell.out));
        let width = |names: &[&str]| names.iter().map(|name| name.len()).max().unwrap_or_default();
        let (first, other) = (width(&rows).max("in \\ out".len()), width(&columns));
        let mut table = format!("{:first$}", "in \\ out");
        columns.iter().for_each(|column| put(&mut table, column, other));
        for row in &rows {
            let _ = write!(table, "\n{row:first$}");
            columns.iter().for_each(|column| put(&mut table, &self.share(row, column), other));
        }
        for ((into, out), losses) in self.losses() {
            let _ = write!(table, "\n  {into} → {out} loses {}", losses.join("; "));
        }
        table
    }

    fn names<'a>(&'a self, name: fn(&'a Cell) -> &'a String) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        for found in self.cells.iter().map(name) {
            if !names.contains(&found.as_str()) {
                names.push(found);
            }
        }
        names
    }

    fn share(&self, into: &str, out: &str) -> String {
        let cells: Vec<_> = self.cells.iter().filter(|cell| cell.into == into && cell.out == out).collect();
        format!("{}/{}", cells.iter().filter(|cell| cell.ok).count(), cells.len())
    }

    /// What each pair loses.
    fn losses(&self) -> BTreeMap<(&str, &str), Vec<String>> {
        let mut pairs: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for cell in &self.cells {
            pairs.entry((cell.into.as_str(), cell.out.as_str())).or_default().push(cell);
        }
        let told = pairs.into_iter().map(|(pair, cells)| (pair, of_pair(&cells)));
        told.filter(|(_, losses)| !losses.is_empty()).collect()
    }
}

/// What is lost in the same cases together, with the cases, or how many there are.
fn of_pair(cells: &[&Cell]) -> Vec<String> {
    let mut by_cases: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
    for name in cells.iter().flat_map(|cell| &cell.lost).collect::<BTreeSet<_>>() {
        let cases = cells.iter().filter(|cell| cell.lost.contains(name)).map(|cell| cell.case.as_str());
        by_cases.entry(cases.collect()).or_default().push(name);
    }
    let told = by_cases.iter().map(|(cases, names)| {
        let cases = if cases.len() > 2 { format!("{} cases", cases.len()) } else { cases.join(", ") };
        format!("{} ({cases})", names.join(", "))
    });
    told.collect()
}

/// A column of the table, to the right.
fn put(table: &mut String, text: &str, width: usize) {
    let _ = write!(table, "  {text:>width$}");
}

#[cfg(test)]
mod tests;
