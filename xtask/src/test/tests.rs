use super::steps::{STEPS, version};
use super::{Real, Report, chosen, to_json, total, wish};
use crate::arguments::Arguments;
use crate::counts::Counts;
use crate::failure::Failure;
use std::time::Duration;

fn wish_of(given: &[&str]) -> Result<Real, String> {
    let given: Vec<String> = given.iter().map(|&word| word.to_owned()).collect();
    let arguments = Arguments::parse(&given, &["--real", "--no-real", "--full"], &[], "").unwrap();
    wish(&arguments).map_err(|failure| failure.message)
}

fn ended(counts: Counts, failed: bool) -> Report {
    let failure = failed.then(|| Failure::new("no", "mend it"));
    Report { step: "x", took: Duration::from_millis(1500), counts, failure }
}

#[test]
fn the_wish_for_real_servers() {
    assert_eq!(wish_of(&[]), Ok(Real::IfPossible));
    assert_eq!(wish_of(&["--real"]), Ok(Real::Must));
    assert_eq!(wish_of(&["--full"]), Ok(Real::Must));
    assert_eq!(wish_of(&["--no-real"]), Ok(Real::No));
    assert!(wish_of(&["--no-real", "--full"]).is_err());
}

#[test]
fn a_run_that_failed_never_says_that_nothing_did() {
    let some = Counts { passed: 5, failed: 0, skipped: 1 };
    assert_eq!(total(&[ended(some, false)]), some);
    assert_eq!(total(&[ended(some, false), ended(Counts::default(), true)]).failed, 1);
    let counted = Counts { passed: 1, failed: 2, skipped: 0 };
    assert_eq!(total(&[ended(counted, true)]).failed, 2);
}

#[test]
fn the_report_is_json() {
    let report = to_json(&[ended(Counts::default(), true)], Counts { passed: 1, failed: 1, skipped: 0 });
    assert_eq!(report["failed"], 1);
    assert_eq!(report["steps"][0]["seconds"], 1.5);
    assert_eq!(report["steps"][0]["failure"]["next"], "mend it");
}

#[test]
fn versions_are_compared_as_numbers() {
    assert!(version("1.100.0-nightly") > version("1.95"));
    assert_eq!(version("1.95.0"), (1, 95));
    assert_eq!(version("x"), (0, 0));
}

#[test]
fn one_step_can_be_chosen() {
    assert_eq!(chosen(None).unwrap().len(), STEPS.len());
    assert_eq!(chosen(Some("tidy")).unwrap()[0].name, "tidy");
    assert!(chosen(Some("tydi")).is_err());
}

#[test]
fn what_is_quick_comes_first() {
    let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
    assert_eq!(
        names,
        [
            "toolchain",
            "packages",
            "format",
            "tidy",
            "lints",
            "tests",
            "telemetry",
            "replicas",
            "cards",
            "contract",
            "real"
        ]
    );
}
