//! What commands say to bad input: the right exit code, a code with a next step, and nothing done.

mod configuration;
mod hub;
mod plans;
mod prompts;
mod servers;
mod tools;
mod workflows;

use super::help::pages;
use super::run::{Order, desk, words};
use crate::harness::{Run, Setup, trials};
use libtest_mimic::Trial;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(super) fn tests() -> Vec<Trial> {
    let mut tests = trials!("commands::refusals": every_command_is_refused_something);
    tests.extend(configuration::tests());
    tests.extend(servers::tests());
    tests.extend(tools::tests());
    tests.extend(hub::tests());
    tests.extend(plans::tests());
    tests.extend(prompts::tests());
    tests.extend(workflows::tests());
    tests
}

/// An address at which nobody answers: nothing but a mistake ever listens on this port.
const NOBODY: &str = "http://127.0.0.1:1";

/// Where the error is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// On standard error; with `--json` on standard output.
    AsJson,
    /// The same, but with `--json` a shape of its own stands on standard output.
    InItsShape,
    /// The same, and people find something on standard output too.
    BesideData,
    /// On standard error, also with `--json`.
    AsText,
}

/// A line that is refused.
#[derive(Debug, Clone, Copy)]
struct Row {
    line: &'static str,
    exit: i32,
    /// The stable code; empty for what the reader of the command line refuses by itself.
    code: &'static str,
    /// What the error says besides.
    says: &'static str,
    told: Told,
}

/// A line that ends with `exit` and `code`. In the line `␣` is a space within a word.
const fn row(line: &'static str, exit: i32, code: &'static str) -> Row {
    Row { line, exit, code, says: "", told: Told::AsJson }
}

/// A line that cannot be read at all.
const fn usage(line: &'static str) -> Row {
    row(line, 2, "")
}

impl Row {
    const fn says(self, says: &'static str) -> Self {
        Self { says, ..self }
    }

    const fn told(self, told: Told) -> Self {
        Self { told, ..self }
    }
}

/// All rows, for the test that no command is forgotten.
fn all() -> impl Iterator<Item = &'static Row> {
    [
        configuration::ROWS,
        servers::OFFLINE,
        servers::CLIENTS,
        tools::ROWS,
        hub::ROWS,
        hub::LOCKED,
        plans::ROWS,
        plans::NOT_TAKEN,
        prompts::ROWS,
        workflows::ROWS,
    ]
    .into_iter()
    .flatten()
}

async fn every_command_is_refused_something() {
    let lines: Vec<Vec<String>> = all().map(|row| words(row.line)).collect();
    let mut few = Vec::new();
    for page in pages(&desk()).await.into_iter().filter(|page| !page.is_group()) {
        let count = lines.iter().filter(|line| line.starts_with(&page.command)).count();
        if count < 2 {
            few.push(format!("{}: {count}", page.command.join(" ")));
        }
    }
    assert!(few.is_empty(), "every command has at least two rows: {few:?}");
}

/// Runs every row for people and for programs.
async fn check(setup: &Setup, rows: &[Row], prepare: impl Fn(Order) -> Order) {
    let mut problems = Vec::new();
    for row in rows {
        for json in [false, true] {
            let mut line = words(row.line);
            if json {
                line.insert(0, "--json".to_owned());
            }
            let words: Vec<&str> = line.iter().map(String::as_str).collect();
            let before = disk(setup);
            let run = prepare(Order::new(setup, &words)).run().await;
            let mut wrong = wrong(row, json, &run);
            if disk(setup) != before {
                wrong.push("something was changed on the disk".to_owned());
            }
            if !wrong.is_empty() {
                problems.push(format!("tutti {}: {}\n  {run:?}", line.join(" "), wrong.join("; ")));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// What is not as it should be.
fn wrong(row: &Row, json: bool, run: &Run) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut demand = |fulfilled: bool, what: &str| {
        if !fulfilled {
            wrong.push(what.to_owned());
        }
    };
    demand(run.code == Some(row.exit), &format!("the exit code is {}", row.exit));
    demand(!format!("{}{}", run.stdout, run.stderr).contains("T-0001"), "nothing is wrong within Tutti");
    if row.code.is_empty() {
        demand(run.stdout.is_empty(), "standard output is empty");
        let is_page = run.stderr.contains("\nCommands:\n");
        demand(is_page || run.stderr.starts_with("error: "), "standard error says what is wrong");
        demand(run.stderr.contains("Usage:") || run.stderr.contains("--help"), "and where to look");
        demand(run.stderr.contains(row.says), "it says what it should");
        return wrong;
    }
    match row.told {
        Told::AsJson if json => {
            let faults = faults_of_document(row, run);
            demand(faults.is_empty(), &faults.join("; "));
        }
        Told::InItsShape | Told::BesideData if json => {
            demand(run.stdout.lines().count() == 1, "JSON stands on one line");
            demand(serde_json::from_str::<Value>(&run.stdout).is_ok(), "it is JSON");
        }
        told => {
            let said =
                if told == Told::InItsShape { format!("{}{}", run.stdout, run.stderr) } else { run.stderr.clone() };
            demand(run.stdout.is_empty() || told != Told::AsJson, "standard output is empty");
            demand(said.contains(row.code), &format!("it names {}", row.code));
            demand(said.lines().any(|line| line.trim_start().starts_with("next: ")), "a line tells what to do next");
            demand(said.contains(row.says), &format!("it says `{}`", row.says));
        }
    }
    wrong
}

/// What is wrong with the document on standard output.
fn faults_of_document(row: &Row, run: &Run) -> Vec<String> {
    if run.stdout.lines().count() != 1 {
        return vec!["standard output has one line".to_owned()];
    }
    let Ok(document) = serde_json::from_str::<Value>(&run.stdout) else {
        return vec!["standard output is JSON".to_owned()];
    };
    let error = &document["error"];
    let said = |key: &str| error[key].as_str().is_some_and(|text| !text.is_empty());
    let place = &error["location"];
    let place = place.is_object().then(|| format!("{}:{}:{}: ", place["file"], place["line"], place["column"]));
    let whole = format!("{}{}{}", place.unwrap_or_default().replace('"', ""), error["message"], error["next"]);
    let tests = [
        (error["code"] == row.code, format!("error.code is {}", row.code)),
        (said("message") && said("next"), "it has a message and what to do next".to_owned()),
        (document["errors"][0] == *error, "the first error is among all errors".to_owned()),
        (whole.replace("\\\"", "\"").contains(row.says), format!("it says `{}`", row.says)),
        (!run.stderr.contains("next: "), "the error is told once".to_owned()),
    ];
    tests.into_iter().filter(|(fulfilled, _)| !fulfilled).map(|(_, what)| what).collect()
}

/// All files below the folder of the test, but for what the hub and its servers keep for themselves.
fn disk(setup: &Setup) -> BTreeMap<PathBuf, Vec<u8>> {
    fn walk(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_str().unwrap_or_default();
            let kept = ["tutti.db", "runs.db"].iter().any(|store| name.starts_with(store));
            let own = kept || name == "secret.key" || name == "hubs" || name.ends_with(".record");
            if own {
                continue;
            }
            if path.is_dir() {
                walk(&path, files);
            }
            files.insert(path.clone(), std::fs::read(&path).unwrap_or_default());
        }
    }
    let mut files = BTreeMap::new();
    walk(setup.folder.path(), &mut files);
    files
}
