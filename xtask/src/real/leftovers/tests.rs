use super::{Process, below, descendants, process, still_there};
use crate::process::{command, kill, spawn};
use std::time::Duration;

fn stat(id: u32, name: &str, state: &str, parent: u32) -> String {
    format!("{id} ({name}) {state} {parent} 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 777 0 0")
}

#[test]
fn a_line_of_proc_is_read_also_with_brackets_in_the_name() {
    let expected = Process { identity: (12, 777), name: "a) (b".into(), parent: 3 };
    assert_eq!(process(&stat(12, "a) (b", "S", 3)), Some(expected));
    assert!(process(&stat(12, "a", "Z", 3)).is_none());
    assert!(process("").is_none());
}

#[test]
fn descendants_are_those_at_any_depth() {
    let lines = [stat(2, "a", "S", 1), stat(3, "b", "S", 2), stat(4, "c", "S", 3), stat(5, "d", "S", 1)];
    let all: Vec<_> = lines.iter().filter_map(|line| process(line)).collect();
    let ids: Vec<_> = below(&all, 2).into_keys().map(|(id, _)| id).collect();
    assert_eq!(ids, [3, 4]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_child_is_seen_and_its_end_too() {
    let mut child = spawn(&mut command("sleep", ["60"])).unwrap();
    let mut seen = descendants(std::process::id());
    seen.retain(|(id, _), _| *id == child.id());
    assert_eq!(seen.len(), 1);
    assert_eq!(still_there(&seen, Duration::ZERO).len(), 1);
    kill(&mut child);
    assert!(still_there(&seen, Duration::from_secs(5)).is_empty());
}
