use std::time::Duration;

use super::{Call, Ending, Tally};

fn call(token: &str, ending: Ending) -> Call {
    Call { token: token.to_owned(), server: "u00".to_owned(), began: Duration::ZERO, took: Duration::ZERO, ending }
}

fn failures(calls: &[Call], attempts: &[&str], orphans: usize) -> Vec<String> {
    let attempts: Vec<String> = attempts.iter().map(|token| (*token).to_owned()).collect();
    Tally { calls, attempts: &attempts }.report(vec!["7 sleep".to_owned(); orphans]).failures
}

#[test]
fn a_clean_run_holds() {
    let calls = [call("r-0-0", Ending::Answered), call("w-0-1", Ending::Answered)];
    assert!(failures(&calls, &["r-0-0", "w-0-1"], 0).is_empty());
}

#[test]
fn each_bound_fails_by_itself() {
    let answered = [call("r-0-0", Ending::Answered), call("w-0-1", Ending::Answered)];
    let failed = [call("r-0-0", Ending::Failed("T-1".to_owned(), String::new())), call("w-0-1", Ending::Answered)];
    let foreign = [call("w-0-0", Ending::Foreign("x".to_owned())), call("r-0-1", Ending::Answered)];
    for (calls, attempts, orphans, word) in [
        (&failed, &["r-0-0", "w-0-1"][..], 0, "worked"),
        (&answered, &["r-0-0", "r-0-0", "w-0-1"], 0, "arrived"),
        (&answered, &["w-0-1", "w-0-1"], 0, "twice"),
        (&foreign, &["w-0-0", "r-0-1"], 0, "astray"),
        (&answered, &["r-0-0", "w-0-1"], 1, "left"),
    ] {
        let failures = failures(calls, attempts, orphans);
        assert_eq!(failures.len(), 1, "{failures:?}");
        assert!(failures[0].contains(word), "{failures:?}");
    }
    assert!(!failures(&[], &[], 0).is_empty());
}

#[test]
fn calls_that_may_not_be_repeated_may_fail() {
    let mut calls: Vec<Call> = (0..10).map(|place| call(&format!("r-0-{place}"), Ending::Answered)).collect();
    calls.push(call("w-0-10", Ending::Failed("T-1".to_owned(), "it ended".to_owned())));
    let report = Tally { calls: &calls, attempts: &[] }.report(Vec::new());
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    assert!(report.remarks.iter().any(|remark| remark.contains("T-1")), "{:?}", report.remarks);
}
