//! A list of broken files, each with a mark at the line that is to blame, and what is said of them.

use super::{Files, root, text_of};
use crate::{File, Gathered, Source, in_order};
use base::Error;
use std::collections::BTreeSet;
use std::sync::Arc;

const MARK: &str = "# here";

fn cases() -> Vec<(String, String)> {
    let text = text_of(&root().join("crates/workflow/src/tests/broken.txt"));
    let cases = text.split("=== ").skip(1).map(|case| case.split_once('\n').unwrap());
    cases.map(|(title, text)| (title.to_owned(), text.to_owned())).collect()
}

/// What the examples have, and workflows that others cannot run within a budget.
fn catalogue() -> Files {
    let mut catalogue = Files::new();
    for (name, budget) in [("limitless", "{ money: 1 }"), ("dear", "{ money: 1, tokens: 1001 }")] {
        let text = format!("name: {name}\nbudget: {budget}\nsteps: [{{ name: b, wait: 1s }}]\n");
        let (workflow, plan) = super::planned(&text);
        catalogue.learn(&workflow, &plan);
    }
    catalogue
}

fn errors(title: &str, text: &str) -> Vec<Error> {
    let gathered = Gathered::of(&[File { source: Arc::new(Source::new("broken.yaml", text)), part: false }]);
    let plans = gathered.plans(&Files { models: title.contains("no model"), ..catalogue() });
    let of_plans = plans.into_iter().flat_map(|(_, plan)| plan.err().unwrap_or_default());
    in_order(gathered.errors().iter().cloned().chain(of_plans).collect())
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the kept answers lie in the repository, which the product does not read"
)]
fn every_mistake_is_told_at_its_line_with_a_hint() {
    let cases = cases();
    assert!(cases.len() >= 60, "{}", cases.len());
    let mut told = String::new();
    let mut faults = Vec::new();
    for (title, text) in &cases {
        let errors = errors(title, text);
        let marked: BTreeSet<usize> =
            text.lines().enumerate().filter(|(_, line)| line.contains(MARK)).map(|(index, _)| index + 1).collect();
        let lines: BTreeSet<usize> = errors.iter().filter_map(|error| Some(error.location()?.line)).collect();
        if lines != marked || errors.iter().any(|error| error.next().is_empty()) {
            faults.push(format!("{title}: told of the lines {lines:?}, and {marked:?} are marked: {errors:#?}"));
        }
        told.push_str(&format!("=== {title}\n"));
        for error in &errors {
            told.push_str(&format!("{error}\n{}\n", error.detail().unwrap_or_default()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let path = root().join("crates/workflow/src/tests/broken.told.txt");
    if std::env::var_os("TUTTI_UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, &told).unwrap();
    }
    assert!(text_of(&path) == told, "run with TUTTI_UPDATE_SNAPSHOTS=1 and look at the difference");
}
