use super::super::verdict::Failed;
use super::{Expectations, Verdict};
use serde_json::json;
use std::collections::BTreeMap;

fn expectations() -> Expectations {
    let slow = json!({ "slow": "it is slow", "late": "it is late" });
    let file = json!({ "about": ["words"], "legacy-modern": { "ping": slow, "auth/basic": { "login": "not built" } } });
    Expectations::from_json(&file).unwrap()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// Scenarios with the checks that they fail.
fn verdicts(all: &[(&str, &[&str])]) -> BTreeMap<String, Verdict> {
    let failed = |check: &&str| Failed { check: (*check).to_owned(), why: "it broke".to_owned() };
    let verdict = |checks: &[&str]| {
        if checks.is_empty() { Verdict::Passed } else { Verdict::Failed(checks.iter().map(failed).collect()) }
    };
    all.iter().map(|(name, checks)| ((*name).to_owned(), verdict(checks))).collect()
}

#[test]
fn a_failure_is_fine_only_when_its_check_is_expected_to_fail() {
    let scored = names(&["ping", "tools-list", "prompts-list", "auth/basic"]);
    let found =
        [("tools-list", &[][..]), ("ping", &["slow", "late"]), ("auth/basic", &["login"]), ("prompts-list", &["x"])];
    let judged = expectations().judge("legacy-modern", &scored, &verdicts(&found), true);
    assert_eq!((judged.scored, judged.passed, judged.expected.len()), (4, 1, 2));
    assert_eq!(judged.problems, ["legacy-modern: prompts-list fails x: it broke"]);
    let expected = [
        json!({ "scenario": "ping", "why": "it is late; it is slow", "checks": { "late": "it is late", "slow": "it is slow" } }),
        json!({ "scenario": "auth/basic", "why": "not built", "checks": { "login": "not built" } }),
    ];
    assert_eq!(judged.to_json(), json!({ "scored": 4, "passed": 1, "expected_failures": expected }));
}

#[test]
fn another_check_of_a_scenario_that_is_expected_to_fail_is_a_problem() {
    let found = verdicts(&[("ping", &["slow", "late", "wrong"]), ("auth/basic", &["login"])]);
    let judged = expectations().judge("legacy-modern", &names(&["ping", "auth/basic"]), &found, true);
    assert_eq!(judged.problems, ["legacy-modern: ping fails wrong: it broke"]);
    assert_eq!(judged.expected.len(), 1);
}

#[test]
fn an_expectation_that_is_out_of_date_is_a_problem() {
    let scored = names(&["ping", "auth/basic"]);
    let judged =
        expectations().judge("legacy-modern", &scored, &verdicts(&[("ping", &["slow"]), ("auth/basic", &[])]), true);
    let problems = [
        "legacy-modern: ping is expected to fail late and does not",
        "legacy-modern: auth/basic is expected to fail login and does not",
    ];
    assert_eq!((judged.problems.as_slice(), judged.passed), (&problems.map(str::to_owned)[..], 1));
    let gone = |whole| {
        let found = verdicts(&[("ping", &["slow", "late"])]);
        expectations().judge("legacy-modern", &names(&["ping"]), &found, whole)
    };
    assert_eq!(gone(true).problems, ["legacy-modern: auth/basic is expected to fail and is not scored"]);
    assert!(gone(false).problems.is_empty());
}

#[test]
fn a_scenario_that_did_not_run_has_failed() {
    let found = verdicts(&[("other", &[])]);
    let judged = Expectations::default().judge("legacy-legacy", &names(&["ping"]), &found, true);
    assert_eq!((judged.passed, judged.problems.len()), (0, 1));
    assert!(judged.problems[0].contains("did not run"), "{}", judged.problems[0]);
}

#[test]
fn each_expectation_has_a_check_and_a_reason() {
    for scenarios in
        [json!({ "ping": { "slow": "" } }), json!({ "ping": {} }), json!({ "ping": "why" }), json!(["ping"])]
    {
        assert!(Expectations::from_json(&json!({ "legacy-modern": scenarios })).is_err(), "{scenarios}");
    }
}
