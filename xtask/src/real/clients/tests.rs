use super::{RUNS, is_problem, judge};
use crate::counts::Counts;
use crate::process::{Output, capture, command};
use std::time::Duration;

/// What a client gives that prints `stdout` and ends with `code`.
fn output(stdout: &str, code: i32) -> Output {
    let ended = capture(&mut command("sh", ["-c", &format!("exit {code}")]), Duration::from_secs(20)).unwrap();
    Output { stdout: stdout.to_owned(), ..ended }
}

fn failed(stdout: &str, code: i32) -> usize {
    judge(&output(stdout, code), 3).failed
}

const SERVERS: &str = "{\"server\":\"a\",\"call\":\"ok\"}\n";

#[test]
fn a_clean_report_passes() {
    let clean = format!("{SERVERS}{{\"passed\": 3, \"failed\": 0}}\n");
    assert_eq!(judge(&output(&clean, 0), 3), Counts { passed: 3, failed: 0, skipped: 0 });
}

#[test]
fn what_is_not_said_has_failed() {
    assert_eq!(failed("", 0), 3);
    assert_eq!(failed("Traceback\n", 1), 3);
    assert_eq!(failed("{\"passed\": 1, \"failed\": 1}\n", 1), 2);
    assert_eq!(failed("{\"passed\": 3, \"failed\": 0}\n", 1), 1);
    assert_eq!(failed("{\"passed\": 2, \"failed\": 1}\n", 1), 1);
}

#[test]
fn problems_are_told_from_what_is_in_order() {
    assert!(!is_problem("{\"server\":\"a\",\"call\":\"ok\"}"));
    assert!(!is_problem("{\"passed\":1,\"failed\":0}"));
    assert!(is_problem("{\"server\":\"a\",\"call\":\"echo: no\"}"));
    assert!(is_problem("something else"));
}

#[test]
fn each_client_runs_once_in_an_era() {
    let mut names: Vec<_> = RUNS.iter().map(|run| (run.name, run.era)).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), RUNS.len());
}
