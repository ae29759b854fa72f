//! Processes that outlive the hub that started them, from what Linux tells under `/proc`.

use crate::system;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_millis(100);

/// A process. The time of its start tells it from a later one that got the same id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Process {
    id: u32,
    started: u64,
    name: String,
}

/// A process and the id of its parent.
type WithParent = (Process, u32);

/// All processes below the one with the id `root`. Empty on a system without `/proc`.
pub(super) fn descendants(root: u32) -> BTreeSet<Process> {
    below(&all(), root)
}

/// Those of `seen` that still run after `patience`, each with its name and id.
pub(super) fn still_there(seen: &BTreeSet<Process>, patience: Duration) -> Vec<String> {
    let start = system::now();
    loop {
        let running: BTreeSet<_> = all().into_iter().map(|(process, _)| process).collect();
        let left: Vec<_> =
            seen.intersection(&running).map(|process| format!("{} ({})", process.name, process.id)).collect();
        if left.is_empty() || start.elapsed() > patience {
            return left;
        }
        std::thread::sleep(PATIENCE);
    }
}

fn all() -> Vec<WithParent> {
    let Ok(folders) = Path::new("/proc").read_dir() else { return Vec::new() };
    let stats = folders.flatten().filter_map(|folder| system::text_if_any(&folder.path().join("stat")));
    stats.filter_map(|stat| process(&stat)).collect()
}

/// Reads a line such as `12 (a name) S 3 …`; nothing for a process that has ended and only waits to be noticed.
fn process(stat: &str) -> Option<WithParent> {
    let (id, rest) = stat.split_once(" (")?;
    // The name may hold brackets itself, so its end is the last one.
    let (name, rest) = rest.rsplit_once(") ")?;
    let fields: Vec<_> = rest.split(' ').collect();
    let [state, parent] = fields.get(..2)? else { return None };
    // Field 22 of the whole line, by proc_pid_stat(5).
    let started = fields.get(19)?.parse().ok()?;
    let process = Process { id: id.parse().ok()?, started, name: name.to_owned() };
    (*state != "Z").then_some((process, parent.parse().ok()?))
}

fn below(all: &[WithParent], root: u32) -> BTreeSet<Process> {
    let mut children: BTreeMap<u32, Vec<&Process>> = BTreeMap::new();
    for (process, parent) in all {
        children.entry(*parent).or_default().push(process);
    }
    let mut found = BTreeSet::new();
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        for process in children.get(&id).into_iter().flatten() {
            if found.insert((*process).clone()) {
                open.push(process.id);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
