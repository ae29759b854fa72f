//! tidy: loads every example (test.yaml)

use crate::{Report, Suite, rehearse, to_junit};
use base::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use workflow::{File, Nothing, Plan, Source, gather, plans};

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/workflows")
}

fn text_of(path: &Path) -> String {
    base::disk::read_text(path, 1 << 20).unwrap()
}

fn no_files(path: &str) -> base::Result<String> {
    panic!("{path}")
}

/// The plan of the only workflow in `text`, or the one of this name.
fn plan(text: &str, name: Option<&str>) -> Arc<Plan> {
    let file = File { source: Arc::new(Source::new("w.yaml", text)), part: false };
    let definitions = gather(&[file]).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let plans =
        plans(&definitions, &Nothing).into_iter().map(|plan| plan.unwrap_or_else(|errors| panic!("{errors:#?}")));
    plans.into_iter().find(|plan| name.is_none_or(|name| name == plan.name())).unwrap()
}

/// What comes of all cases of a suite.
async fn tried(plan: &Arc<Plan>, suite: &str) -> Report {
    let suite = Suite::read("w.test.yaml", suite, &no_files).unwrap_or_else(|errors| panic!("{errors:#?}"));
    suite.fits(plan).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let mut tried = Vec::new();
    for number in 0..suite.cases().len() {
        tried.push(rehearse(plan, &suite, number, &Nothing).await.unwrap());
    }
    assert!(rehearse(plan, &suite, tried.len(), &Nothing).await.is_none());
    Report::new(plan, &suite, tried)
}

fn reasons(report: &Report) -> Vec<String> {
    let told = report
        .tried
        .iter()
        .flat_map(|tried| tried.reasons().into_iter().map(move |reason| format!("{}: {reason}", tried.name)));
    told.collect()
}

#[tokio::test]
async fn every_example_has_tests_that_pass() {
    let entries = std::fs::read_dir(examples()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| !path.ends_with("tutti.yaml")).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    let (tests, workflows): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|path| File::is_of_tests(&path.to_string_lossy()));
    assert_eq!(tests.len(), workflows.len());
    let mut wrong = Vec::new();
    for path in workflows {
        let suite = text_of(&path.with_extension("test.yaml"));
        let named = Suite::read("named", &suite, &no_files).unwrap_or_else(|errors| panic!("{errors:#?}"));
        let plan = plan(&text_of(&path), named.workflow());
        let report = tried(&plan, &suite).await;
        wrong.extend(reasons(&report).into_iter().map(|reason| format!("{}: {reason}", report.workflow)));
        wrong.extend(report.never.iter().map(|step| format!("{}: no case comes to {step}", report.workflow)));
        // Nothing depends on when or where it runs.
        assert_eq!(tried(&plan, &suite).await.to_json(), report.to_json());
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const SAVING: &str = "name: w\nsteps:\n  - { name: save, tool: mcp://s/save, inputs: { path: a, size: 3 } }\n  - { name: told, after: save, set: { path: \"{{ steps.save.output.path }}\" } }\noutput: \"{{ steps.told.output }}\"\n";

#[tokio::test]
async fn what_is_not_as_expected_is_told() {
    let plan = plan(SAVING, None);
    let suite = "answers: { save: { value: { path: a }, takes: 5s } }\ncases:\n  - name: all wrong\n    expect:\n      output: { path: b }\n      contains: { pat: a }\n      holds: [\"output.path == 'b'\", \"output.path | nope\", \"seconds == 5\"]\n      steps: { save: skipped }\n      not_done: [told]\n      calls: { save: { times: 2, with: { path: b }, exactly: { path: a } } }\n      time: 6s\n      tokens: { save: 9 }\n";
    let broken = Suite::read("w.test.yaml", suite, &no_files).unwrap_err();
    assert!(broken[0].message().contains("`output.path | nope` is no condition"), "{broken:?}");
    let report = tried(&plan, &suite.replace("\"output.path | nope\", ", "")).await;
    assert!(!report.holds() && report.passed() == 0);
    let expected = [
        r#"all wrong: output: expected {"path":"b"}, and there is {"path":"a"}"#,
        r#"all wrong: contains: expected {"pat":"a"}, and there is {"path":"a"}"#,
        r#"all wrong: holds: expected "output.path == 'b'", and there is false"#,
        r#"all wrong: steps.save: expected "skipped", and there is "succeeded""#,
        r#"all wrong: steps.told: expected "not_done", and there is "succeeded""#,
        "all wrong: calls.save.times: expected 2, and there is 1",
        r#"all wrong: calls.save.with: expected {"path":"b"}, and there is {"path":"a","size":3}"#,
        r#"all wrong: calls.save.exactly: expected {"path":"a"}, and there is {"path":"a","size":3}"#,
        r#"all wrong: time.at_least: expected "6s", and there is "5s""#,
        "all wrong: tokens.save: expected 9, and there is null",
    ];
    assert_eq!(reasons(&report), expected);
    let failing = "cases:\n  - name: it fails\n    answers: { save: { error: { code: T-0304, message: no } } }\n    expect: { done: [save] }\n";
    let told = reasons(&tried(&plan, failing).await);
    assert!(told[0].starts_with("it fails: end: expected \"succeeded\", and there is {\"failed\":"), "{told:?}");
    assert_eq!(told[1], "it fails: steps.save: expected \"succeeded\", and there is \"failed\"");
}

#[tokio::test]
async fn a_call_without_an_answer_breaks_the_case() {
    let report = tried(&plan(SAVING, None), "cases: [{ name: nothing }]\n").await;
    let tried = &report.tried[0];
    let error = tried.error.as_ref().unwrap();
    assert_eq!(error.message(), "`save`: mcp://s/save is called, and the case says nothing of it");
    assert_eq!(error.next(), "add to the case: `answers: { save: { value: … } }`");
    assert!(error.detail().unwrap().contains("\"size\": 3"), "{error:?}");
    assert!(!tried.passed() && tried.course.calls.len() == 1);
    assert!(
        to_junit(std::slice::from_ref(&report)).contains("<error message=\"T-1112"),
        "{}",
        to_junit(std::slice::from_ref(&report))
    );
}

#[tokio::test]
async fn what_a_gate_needs_and_nobody_says_is_waited_for() {
    let text = "name: w\nsteps:\n  - { name: ask, gate: { prompt: Go? } }\n  - { name: go, after: ask, wait: 1s }\n";
    let suite = "cases:\n  - { name: open, expect: { end: waiting, steps: { ask: waiting }, not_done: [go] } }\n  - { name: said, gates: { ask: approve }, expect: { done: [go], time: 1s } }\n";
    assert_eq!(reasons(&tried(&plan(text, None), suite).await), [""; 0]);
}

#[tokio::test]
async fn notes_are_remembered_and_summaries_are_scripted() {
    let text = "name: w\nmodel: m\nsteps:\n  - name: a\n    tool: model_call\n    inputs: { prompt: hi }\n    memory: { writes: [{ to: memory(project/facts) }] }\n  - name: b\n    tool: model_call\n    after: a\n    memory: { budget: 60, needs: [memory(project/facts), { from: memory(project/long), fit: summary, max: 40 }] }\n    inputs: { prompt: \"{{ memory.facts }} {{ memory.long }}\" }\n";
    let long = "word ".repeat(200);
    let suite = |summary: &str| {
        format!(
            "memory: {{ memory(project/long): {{ value: \"{long}\", classification: rules }} }}\nanswers: {{ a: {{ value: Remembered. }}, b: {{ value: x }}{summary} }}\ncases: [{{ name: one, expect: {{ calls: {{ b: {{ with: {{ prompt: Remembered. }} }} }} }} }}]\n"
        )
    };
    let plan = plan(text, None);
    let report = tried(&plan, &suite(", b~summary: { value: In short. }")).await;
    assert_eq!(reasons(&report), [""; 0]);
    let given = &report.tried[0].course.given[0];
    assert!(given.path == "b" && given.receipt.saved() > 100, "{given:?}");
    let without = reasons(&tried(&plan, &suite("")).await);
    assert!(without[0].contains("b~summary: { value: … }"), "{without:?}");
}

/// Where a run does not trust what a step gave, a rehearsal does not either: its model reads the same.
#[tokio::test]
async fn what_comes_from_outside_is_marked_as_in_a_run() {
    for (inputs, trust) in
        [("prompt: hi, tools: ['mcp://web/*']", memory::Trust::Untrusted), ("prompt: hi", memory::Trust::Trusted)]
    {
        let text = format!(
            "name: w\nmodel: m\nsteps:\n  - {{ name: a, tool: model_call, inputs: {{ {inputs} }} }}\n  - name: b\n    tool: model_call\n    memory: {{ needs: [model_output(a)] }}\n    inputs: {{ prompt: '{{{{ memory.a_output }}}}' }}\n"
        );
        let suite = "answers: { a: { value: said }, b: { value: x } }\ncases: [{ name: one }]\n";
        let report = tried(&plan(&text, None), suite).await;
        let pieces = &report.tried[0].course.given[0].receipt.pieces;
        assert_eq!(pieces.iter().map(|piece| piece.trust).collect::<Vec<_>>(), [trust], "{inputs}");
    }
}

#[test]
fn names_that_are_no_steps_are_told_with_the_nearest() {
    let text = "answers: { sav: { value: 1 } }\ncases:\n  - gates: { told: approve }\n    expect:\n      calls: { tolt: 1 }\n      not_done: [\"save[3]\", nothing_alike]\n";
    let suite = Suite::read("w.test.yaml", text, &no_files).unwrap();
    let errors = suite.fits(&plan(SAVING, None)).unwrap_err();
    let told = |error: &Error| format!("{} {} {}", error.location().unwrap(), error.message(), error.next());
    let expected = [
        "w.test.yaml:1:12 the workflow `w` has no step `sav` did you mean `save`?",
        "w.test.yaml:5:16 the workflow `w` has no step `tolt` did you mean `told`?",
        "w.test.yaml:6:29 the workflow `w` has no step `nothing_alike` there is `save`, `told`",
    ];
    assert_eq!(errors.iter().map(told).collect::<Vec<_>>(), expected);
}
