//! Processes that outlive the hub that started them, from what Linux tells under `/proc`.

use crate::system;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_millis(100);

/// The id of a process and the time of its start, which tells it from a later one that got the same id.
type Identity = (u32, u64);

/// Processes with their names. A name is for people only: a program may give itself another one while it runs.
pub(super) type Processes = BTreeMap<Identity, String>;

/// What a line of `/proc` says.
#[derive(Debug, PartialEq, Eq)]
struct Process {
    identity: Identity,
    name: String,
    parent: u32,
}

/// All processes below the one with the id `root`. Empty on a system without `/proc`.
pub(super) fn descendants(root: u32) -> Processes {
    below(&all(), root)
}

/// Those of `seen` that still run after `patience`, each with its name and id.
pub(super) fn still_there(seen: &Processes, patience: Duration) -> Vec<String> {
    let start = system::now();
    loop {
        let running: BTreeSet<Identity> = all().into_iter().map(|process| process.identity).collect();
        let left = seen.iter().filter(|(identity, _)| running.contains(identity));
        let left: Vec<_> = left.map(|((id, _), name)| format!("{name} ({id})")).collect();
        if left.is_empty() || start.elapsed() > patience {
            return left;
        }
        std::thread::sleep(PATIENCE);
    }
}

fn all() -> Vec<Process> {
    let Ok(folders) = Path::new("/proc").read_dir() else { return Vec::new() };
    let stats = folders.flatten().filter_map(|folder| system::text_if_any(&folder.path().join("stat")));
    stats.filter_map(|stat| process(&stat)).collect()
}

/// Reads a line such as `12 (a name) S 3 …`; nothing for a process that has ended and only waits to be noticed.
fn process(stat: &str) -> Option<Process> {
    let (id, rest) = stat.split_once(" (")?;
    // The name may hold brackets itself, so its end is the last one.
    let (name, rest) = rest.rsplit_once(") ")?;
    let fields: Vec<_> = rest.split(' ').collect();
    let [state, parent] = fields.get(..2)? else { return None };
    // Field 22 of the whole line, by proc_pid_stat(5).
    let identity = (id.parse().ok()?, fields.get(19)?.parse().ok()?);
    (*state != "Z").then_some(Process { identity, name: name.to_owned(), parent: parent.parse().ok()? })
}

fn below(all: &[Process], root: u32) -> Processes {
    let mut found = Processes::new();
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        for process in all.iter().filter(|process| process.parent == id) {
            if found.insert(process.identity, process.name.clone()).is_none() {
                open.push(process.identity.0);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
