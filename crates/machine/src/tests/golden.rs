//! Journals of released versions, which every later release must understand: plans as they were kept, and journals as they
//! were written. Files here never change, and each release adds its own.

use super::tools::{Told, run};
use crate::simulate::Simulation;
use crate::{Free, State};
use journal::{End, Entry, Kind};
use std::path::PathBuf;
use std::sync::Arc;
use workflow::Plan;

const RELEASES: [&str; 1] = ["0.1.0"];
const RUNS: [(&str, End); 4] = [
    ("chain", End::Succeeded),
    ("fan_out", End::Succeeded),
    ("gate_and_timer", End::Succeeded),
    ("undone", End::Failed),
];

fn kept(release: &str, name: &str) -> (Arc<Plan>, Vec<Entry>) {
    let file = |ending: &str| {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("golden/{release}/{name}.{ending}"));
        base::disk::read_text(&path, 1 << 20).unwrap()
    };
    let plan = Arc::new(Plan::from_json(&file("plan.json")).unwrap());
    (plan, file("jsonl").lines().map(|line| Entry::decode(line).unwrap()).collect())
}

fn told(name: &str) -> Told {
    match name {
        "undone" => Told::fails(&[("last", &["T-0304", "T-0304"])]),
        "gate_and_timer" => Told::fails(&[("call", &["T-0204"])]),
        _ => Told::default(),
    }
}

#[test]
fn journals_of_all_releases_are_understood() {
    for (release, (name, end)) in RELEASES.into_iter().flat_map(|release| RUNS.map(|one| (release, one))) {
        let (plan, journal) = kept(release, name);
        let state = State::fold(Arc::clone(&plan), run(), &journal).unwrap();
        assert_eq!(state.end(), Some(end), "{release} {name}");
        assert!(journal.len() > 3);
    }
}

#[test]
fn journals_of_all_releases_are_gone_on_with_from_every_entry() {
    for (release, (name, end)) in RELEASES.into_iter().flat_map(|release| RUNS.map(|one| (release, one))) {
        let (plan, journal) = kept(release, name);
        let last = journal.last().unwrap().clone();
        for length in 1..journal.len() {
            let start = journal[..length].to_vec();
            let now = start.last().unwrap().at;
            let mut again = Simulation::resume(Arc::clone(&plan), run(), start, now).unwrap();
            assert_eq!(again.go_on(&mut told(name), &Free).unwrap(), Some(end), "{release} {name} from {length}");
            let ended = again.journal().last().unwrap();
            assert!(matches!(ended.kind, Kind::Finished(_)));
            assert_eq!(ended.payload, last.payload, "{release} {name} from {length}");
        }
    }
}
