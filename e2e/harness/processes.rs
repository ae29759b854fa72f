//! Looks at the processes of this machine through `/proc`.

use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;

/// The ids of all living processes whose arguments or environment hold `marker`.
pub(crate) fn processes_with_marker(marker: &str) -> Vec<u32> {
    assert!(marker.len() >= 8, "a short marker would be found by chance");
    let own = std::process::id();
    let holds = |pid: u32, file: &str| {
        std::fs::read(format!("/proc/{pid}/{file}"))
            .is_ok_and(|bytes| bytes.windows(marker.len()).any(|part| part == marker.as_bytes()))
    };
    all().filter(|pid| *pid != own && (holds(*pid, "cmdline") || holds(*pid, "environ"))).collect()
}

/// Whether a process is there and is no zombie.
pub(crate) fn alive(pid: u32) -> bool {
    state_and_parent(pid).is_some_and(|(state, _)| !matches!(state, 'Z' | 'X'))
}

/// The children of `parent` that are in `state`, such as `Z` for those that nobody has waited for.
pub(crate) fn children_in_state(parent: u32, state: char) -> Vec<u32> {
    all().filter(|pid| state_and_parent(*pid) == Some((state, parent))).collect()
}

/// The children of `parent`.
pub(crate) fn children_of(parent: u32) -> Vec<u32> {
    all().filter(|pid| state_and_parent(*pid).is_some_and(|(_, its)| its == parent)).collect()
}

pub(crate) fn send_signal(pid: u32, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process id");
    kill_process(pid, signal).expect("the process can be signalled");
}

/// Kills what a failed test left behind: only processes that hold the test's own marker.
pub(crate) fn sweep(marker: &str) {
    for pid in processes_with_marker(marker) {
        if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

fn all() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir(Path::new("/proc")).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn state_and_parent(pid: u32) -> Option<(char, u32)> {
    let fields = fields(pid)?;
    Some((fields.first()?.chars().next()?, fields.get(1)?.parse().ok()?))
}

/// The fields after the name, which may itself hold spaces and brackets.
fn fields(pid: u32) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(text.get(text.rfind(')')? + 1..)?.split_ascii_whitespace().map(str::to_owned).collect())
}

/// The process group and the session of a process. Either is 0 where its leader is outside of the own process
/// namespace, as in a container: `getpgid` of a library that takes an id for a positive number ends in a panic there.
pub(crate) fn group_and_session(pid: u32) -> Option<(u32, u32)> {
    let fields = fields(pid)?;
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}

/// The memory of a process that is in RAM, in bytes.
pub(crate) fn resident_bytes(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kilobytes.expect("/proc tells the memory of a living process") * 1024
}
