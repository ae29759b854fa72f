//! CPU time of a process and all its descendants, read from `/proc` (Linux only).

use std::{collections::HashMap, fs, time::Duration};

use anyhow::{Context, Result};

/// What one `/proc/PID/stat` line says that matters here.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    ticks: u64,
}

/// User and system time that the tree under `root` has used so far.
///
/// The kernel counts in ticks of 10 ms, so a difference of two readings is only as good as it is long: measure over
/// hundreds of milliseconds of work.
pub fn of_tree(root: u32) -> Result<Duration> {
    let stats = read_all().context("cannot read /proc, which the CPU figures come from")?;
    anyhow::ensure!(stats.contains_key(&root), "process {root} has ended, so its CPU time cannot be read");
    let hertz = rustix::param::clock_ticks_per_second();
    let ticks: u64 = stats.iter().filter(|(pid, _)| descends(&stats, **pid, root)).map(|(_, stat)| stat.ticks).sum();
    Ok(Duration::from_secs_f64(ticks as f64 / hertz as f64))
}

/// CPU time that the scheduler has given the tree under `root` so far, by the nanosecond. Threads that have ended are not
/// in it, so it is for programs whose threads stay.
pub fn scheduled_of_tree(root: u32) -> Result<Duration> {
    let mut nanoseconds = 0;
    for pid in tree(root)? {
        let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { continue };
        for thread in threads.flatten() {
            let line = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
            nanoseconds += line.split(' ').next().and_then(|first| first.parse::<u64>().ok()).unwrap_or(0);
        }
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// Resident memory of the tree under `root`, in bytes. What processes share is counted for each.
pub fn resident_of_tree(root: u32) -> Result<u64> {
    let resident = |pid: u32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_ascii_whitespace().next()?.parse::<u64>().ok()
    };
    Ok(tree(root)?.into_iter().filter_map(resident).sum::<u64>() * 1024)
}

/// The processes of the tree under `root`.
fn tree(root: u32) -> Result<Vec<u32>> {
    let stats = read_all().context("cannot read /proc, which the figures come from")?;
    anyhow::ensure!(stats.contains_key(&root), "process {root} has ended, so nothing can be read of it");
    Ok(stats.keys().copied().filter(|pid| descends(&stats, *pid, root)).collect())
}

fn read_all() -> std::io::Result<HashMap<u32, Stat>> {
    let mut stats = HashMap::new();
    for entry in fs::read_dir("/proc")? {
        let entry = entry?;
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // A process may end between the listing and the reading; it is then no part of the tree any more.
        let Ok(line) = fs::read_to_string(entry.path().join("stat")) else { continue };
        if let Some(stat) = parse(&line) {
            stats.insert(pid, stat);
        }
    }
    Ok(stats)
}

/// The command name stands in parentheses and may itself hold spaces and parentheses, so fields count from the last `)`.
fn parse(line: &str) -> Option<Stat> {
    let fields: Vec<&str> = line.get(line.rfind(')')? + 1..)?.split_ascii_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    // utime, stime, and the same of children that were waited for: a child that ends between two readings moves from
    // its own line to its parent's, and the sum stays right.
    let ticks = number(11)? + number(12)? + number(13)? + number(14)?;
    Some(Stat { parent: u32::try_from(number(1)?).ok()?, ticks })
}

fn descends(stats: &HashMap<u32, Stat>, pid: u32, root: u32) -> bool {
    let mut at = pid;
    // The listing is not a snapshot; the bound keeps an odd one from looping for ever.
    for _ in 0..64 {
        if at == root {
            return true;
        }
        match stats.get(&at) {
            Some(stat) if stat.parent != 0 => at = stat.parent,
            _ => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{Stat, descends, of_tree, parse, resident_of_tree, scheduled_of_tree};

    #[test]
    fn a_command_name_with_parentheses_does_not_shift_the_fields() {
        let line = "42 (odd) name (x) S 7 42 42 0 -1 4194304 1 2 3 4 50 6 1 2 20 0 1 0 99";
        assert_eq!(parse(line), Some(Stat { parent: 7, ticks: 59 }));
        assert_eq!(parse("no parenthesis"), None);
        assert_eq!(parse("1 (short) S 0"), None);
    }

    #[test]
    fn grandchildren_belong_to_the_tree_and_strangers_do_not() {
        let parents = [(1, 0), (10, 1), (11, 10), (12, 11), (20, 1)];
        let stats: HashMap<u32, Stat> =
            parents.into_iter().map(|(pid, parent)| (pid, Stat { parent, ticks: 1 })).collect();
        let tree: Vec<u32> = [1, 10, 11, 12, 20].into_iter().filter(|pid| descends(&stats, *pid, 10)).collect();
        assert_eq!(tree, [10, 11, 12]);
    }

    #[test]
    fn work_and_memory_show() {
        let before = scheduled_of_tree(std::process::id()).unwrap();
        let sum: u64 = (0..2_000_000u64).map(std::hint::black_box).sum();
        assert!(scheduled_of_tree(std::process::id()).unwrap() > before, "{sum}");
        assert!(resident_of_tree(std::process::id()).unwrap() > 1 << 20);
        assert!(scheduled_of_tree(u32::MAX).is_err());
    }

    #[test]
    fn own_process_is_readable_and_a_dead_one_is_an_error() {
        assert!(of_tree(std::process::id()).is_ok());
        assert!(of_tree(u32::MAX).is_err());
    }
}
