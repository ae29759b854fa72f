use super::{Results, mark};
use crate::{Entry, Kind, StepPath};

fn entry(step: &str, attempt: u32, kind: Kind) -> Entry {
    Entry::of_step(0, StepPath::parse(step).unwrap(), attempt, kind)
}

fn failed() -> Kind {
    Kind::Failed { code: "T-0204".to_owned(), message: "no answer".to_owned() }
}

fn words(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.kind.word()).collect()
}

#[test]
fn the_first_result_counts_and_later_ones_are_orphans() {
    let mut results = Results::default();
    let batch = results.admit(vec![
        entry("a", 1, failed()),
        entry("a", 1, Kind::Succeeded),
        entry("a", 2, Kind::Succeeded),
        entry("a", 3, Kind::Succeeded),
        entry("a[0]", 1, Kind::Succeeded),
        entry("b", 1, Kind::Scheduled),
    ]);
    assert_eq!(words(&batch), ["failed", "orphaned", "succeeded", "orphaned", "succeeded", "scheduled"]);
    assert_eq!(batch[1].kind, Kind::Orphaned { was: "succeeded".to_owned() });
    batch.iter().for_each(|entry| results.note(entry));
    assert!(results.has(&StepPath::parse("a").unwrap()) && !results.has(&StepPath::parse("b").unwrap()));
    let late = results.admit(vec![entry("a", 2, failed()), entry("a[0]", 2, failed()), entry("b", 1, failed())]);
    assert_eq!(words(&late), ["orphaned", "orphaned", "failed"]);
}

#[test]
fn no_two_results_that_count_have_the_same_mark() {
    let mark = |step, attempt, kind| mark(&entry(step, attempt, kind));
    assert_eq!(mark("a", 1, Kind::Succeeded), mark("a", 2, Kind::Succeeded));
    assert_ne!(mark("a", 1, failed()), mark("a", 2, failed()));
    assert_ne!(mark("a", 1, failed()), mark("a", 1, Kind::Succeeded));
    assert_eq!(mark("a", 1, Kind::Scheduled), None);
}
