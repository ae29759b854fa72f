use super::{capture, command, describe, each_line, last_lines, read};
use crate::console::Console;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn output_and_exit_are_captured() {
    let output = capture(&mut command("sh", ["-c", "echo out; echo err >&2; exit 3"]), LIMIT).unwrap();
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("out\n", "err\n"));
    assert_eq!(output.status.and_then(|status| status.code()), Some(3));
    assert!(!output.is_success());
}

#[test]
fn what_takes_too_long_is_killed_and_says_so() {
    let failure = read(&mut command("sleep", ["60"]), Duration::from_millis(100), "wait").unwrap_err();
    assert!(failure.message.starts_with("sleep 60 took too long"), "{}", failure.message);
    assert_eq!(failure.next, "wait");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let failure = capture(&mut command("no-such-program", ["x"]), LIMIT).unwrap_err();
    assert!(failure.message.starts_with("cannot start no-such-program"), "{}", failure.message);
}

#[test]
fn descriptions_and_last_lines() {
    assert_eq!(describe(&command("cargo", ["fmt", "--all"])), "cargo fmt --all");
    assert_eq!(last_lines("a\nb\nc\n", 2), "b\nc");
    assert_eq!(last_lines("", 2), "");
}

#[test]
fn a_grandchild_that_holds_the_pipe_open_holds_nobody_up() {
    let mut lines = Vec::new();
    let mut leaky = command("sh", ["-c", "echo one; sleep 6 2>&- & echo two"]);
    assert!(each_line(&mut leaky, Console::new(true), |line| lines.push(line.to_owned())).unwrap());
    assert_eq!(lines, ["one", "two"]);
    assert_eq!(capture(&mut leaky, LIMIT).unwrap().stdout, "one\ntwo\n");
}
