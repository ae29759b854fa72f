use super::{Expectations, Verdict};
use serde_json::json;
use std::collections::BTreeMap;

fn expectations() -> Expectations {
    let file = json!({ "about": ["words"], "legacy-modern": { "ping": "it is slow", "auth/*": "not built" } });
    Expectations::from_json(&file).unwrap()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn verdicts(passed: &[&str], failed: &[&str]) -> BTreeMap<String, Verdict> {
    let passed = passed.iter().map(|&name| (name.to_owned(), Verdict::Passed));
    let failed = failed.iter().map(|&name| (name.to_owned(), Verdict::Failed(vec!["it broke".to_owned()])));
    passed.chain(failed).collect()
}

#[test]
fn a_failure_is_fine_only_when_it_is_expected() {
    let scored = names(&["ping", "tools-list", "prompts-list", "auth/basic"]);
    let found = verdicts(&["tools-list"], &["ping", "auth/basic", "prompts-list"]);
    let judged = expectations().judge("legacy-modern", &scored, &found, true);
    assert_eq!((judged.scored, judged.passed, judged.expected.len()), (4, 1, 2));
    assert_eq!(judged.problems, ["legacy-modern: prompts-list fails: it broke"]);
    let expected =
        [json!({ "scenario": "ping", "why": "it is slow" }), json!({ "scenario": "auth/basic", "why": "not built" })];
    assert_eq!(judged.to_json(), json!({ "scored": 4, "passed": 1, "expected_failures": expected }));
}

#[test]
fn an_expectation_that_is_out_of_date_is_a_problem() {
    let passing = expectations().judge(
        "legacy-modern",
        &names(&["ping", "auth/basic"]),
        &verdicts(&["ping"], &["auth/basic"]),
        true,
    );
    assert_eq!(passing.problems, ["legacy-modern: ping passes and is expected to fail"]);
    let gone = |whole| expectations().judge("legacy-modern", &names(&["ping"]), &verdicts(&[], &["ping"]), whole);
    assert_eq!(gone(true).problems, ["legacy-modern: auth/* is expected to fail and is not scored"]);
    assert!(gone(false).problems.is_empty());
}

#[test]
fn a_scenario_that_did_not_run_has_failed() {
    let judged = Expectations::default().judge("legacy-legacy", &names(&["ping"]), &verdicts(&["other"], &[]), true);
    assert_eq!((judged.passed, judged.problems.len()), (0, 1));
    assert!(judged.problems[0].contains("did not run"), "{}", judged.problems[0]);
}

#[test]
fn each_expectation_has_a_reason() {
    assert!(Expectations::from_json(&json!({ "legacy-modern": { "ping": "" } })).is_err());
    assert!(Expectations::from_json(&json!({ "legacy-modern": ["ping"] })).is_err());
}
