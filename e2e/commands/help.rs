//! The help page of every command, against golden files.

use super::run::{desk, run};
use super::snapshot::{self, Snapshots};
use crate::harness::{Setup, trials};
use libtest_mimic::Trial;
use std::collections::BTreeSet;

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::help":
        pages_are_as_they_were,
        short_help_is_help_too,
    )
}

/// A command and its help page.
pub(super) struct Page {
    /// Its words; none for the program itself.
    pub(super) command: Vec<String>,
    pub(super) text: String,
}

impl Page {
    /// Whether it only leads to other commands.
    pub(super) fn is_group(&self) -> bool {
        !self.commands().is_empty()
    }

    fn commands(&self) -> Vec<String> {
        let lines = self.text.lines().skip_while(|line| *line != "Commands:").skip(1);
        let lines = lines.take_while(|line| line.starts_with("  "));
        lines.filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
    }
}

/// The pages of all commands, found as a person finds them: from page to page.
pub(super) async fn pages(setup: &Setup) -> Vec<Page> {
    let mut pages = Vec::new();
    let mut open = vec![Vec::new()];
    while let Some(command) = open.pop() {
        let words: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
        let run = run(setup, &words).await;
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{words:?}: {run:?}");
        let page = Page { command: command.clone(), text: run.stdout };
        open.extend(page.commands().into_iter().map(|name| [command.clone(), vec![name]].concat()));
        pages.push(page);
    }
    pages
}

async fn pages_are_as_they_were() {
    let setup = desk();
    let mut snapshots = Snapshots::open();
    let mut names = BTreeSet::new();
    for page in pages(&setup).await {
        let name = if page.command.is_empty() { "tutti".to_owned() } else { page.command.join("-") };
        assert!(page.text.contains("Usage: tutti"), "{name}: {}", page.text);
        assert!(page.text.lines().all(|line| line.chars().count() <= 100), "{name} fits: {}", page.text);
        snapshots.compare(&format!("help/{name}.txt"), &page.text);
        names.insert(format!("{name}.txt"));
    }
    snapshots.finish();
    let there = std::fs::read_dir(snapshot::folder().join("help")).expect("there are golden pages").flatten();
    let there: BTreeSet<String> = there.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    assert_eq!(there, names, "there is a golden page for each command, and no other");
}

async fn short_help_is_help_too() {
    let setup = desk();
    for page in pages(&setup).await {
        let words: Vec<&str> = page.command.iter().map(String::as_str).chain(["-h"]).collect();
        let run = run(&setup, &words).await;
        assert_eq!(run.code, Some(0), "{words:?}: {run:?}");
        assert!(run.stdout.contains("Usage: tutti") && run.stderr.is_empty(), "{words:?}: {run:?}");
    }
}
