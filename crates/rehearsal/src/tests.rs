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

/// What `tutti run export` writes of a run with these entries.
fn exported(entries: &[journal::Entry]) -> String {
    let journal: Vec<String> = entries.iter().map(journal::Entry::encode).collect();
    format!(r#"{{"version": 1, "run": {{}}, "definition": {{}}, "journal": [{}]}}"#, journal.join(","))
}

/// What comes of a case that is recorded.
async fn replayed(workflow: &str, entries: &[journal::Entry], expect: &str) -> Report {
    let (plan, export) = (plan(workflow, None), exported(entries));
    let text = format!("cases:\n  - recorded: run.json\n    expect: {expect}\n");
    let suite =
        Suite::read("w.test.yaml", &text, &|_| Ok(export.clone())).unwrap_or_else(|errors| panic!("{errors:#?}"));
    Report::new(&plan, &suite, vec![rehearse(&plan, &suite, 0, &Nothing).await.unwrap()])
}

fn began() -> journal::Entry {
    let kind = journal::Kind::Started { definition: journal::Digest::of(b"d"), parent: None };
    journal::Entry::of_run(1_000, kind)
}

fn came(at: u64, step: &str, attempt: u32, kind: journal::Kind, value: Option<&str>) -> journal::Entry {
    let entry = journal::Entry::of_step(at, journal::StepPath::parse(step).unwrap(), attempt, kind);
    value.map_or_else(|| entry.clone(), |value| entry.clone().with(journal::Payload::new(value).unwrap()))
}

#[tokio::test]
async fn each_doubt_of_an_exported_run_is_decided_as_it_was() {
    let workflow =
        "name: w\nsteps:\n  - { name: pay, tool: mcp://bank/pay, effect: unsafe }\noutput: '{{ steps.pay.output }}'\n";
    let resolved = |resolution| {
        let decision = journal::Decision { actor: "ann".to_owned(), reason: None };
        journal::Kind::Resolved { resolution, decision }
    };
    let entries = [
        began(),
        came(2_000, "pay", 1, journal::Kind::InDoubt, None),
        came(3_000, "pay", 0, resolved(journal::Resolution::Retry), None),
        came(4_000, "pay", 2, journal::Kind::InDoubt, None),
        came(6_000, "pay", 0, resolved(journal::Resolution::Happened), Some("7")),
        journal::Entry::of_run(6_000, journal::Kind::Finished(journal::End::Succeeded)),
    ];
    let report = replayed(workflow, &entries, "{ output: 7, calls: { pay: 2 }, time: 5s }").await;
    assert!(reasons(&report).is_empty(), "{:#?}", reasons(&report));
}

#[tokio::test]
async fn a_run_that_was_cancelled_is_cancelled_when_it_was() {
    let workflow = "name: w\nsteps:\n  - { name: first, tool: mcp://web/first, effect: read }\n  - { name: second, after: [first], tool: mcp://web/second, effect: read }\n";
    let by = journal::Decision { actor: "ann".to_owned(), reason: None };
    let entries = [
        began(),
        came(5_000, "first", 1, journal::Kind::Succeeded, Some("1")),
        journal::Entry::of_run(9_000, journal::Kind::Cancelled(by)),
        journal::Entry::of_run(9_000, journal::Kind::Finished(journal::End::Cancelled)),
    ];
    // The second was under way, and nobody waited for it.
    let expect =
        "{ end: cancelled, steps: { first: succeeded, second: cancelled }, calls: { first: 1, second: 1 }, time: 8s }";
    let report = replayed(workflow, &entries, expect).await;
    assert!(reasons(&report).is_empty(), "{:#?}", reasons(&report));
}

#[tokio::test]
async fn an_attempt_that_was_under_way_when_a_run_was_cancelled_never_comes_back() {
    let workflow = "name: w\nsteps:\n  - { name: look, tool: mcp://web/look, effect: read, retry: 3 }\n";
    let by = journal::Decision { actor: "ann".to_owned(), reason: None };
    let failed = machine::Fault::new(base::Code::ModelBusy, "busy").failed();
    let entries = [
        began(),
        came(2_000, "look", 1, failed, None),
        journal::Entry::of_run(9_000, journal::Kind::Cancelled(by)),
        // With a budget what was given up stands there too.
        came(9_000, "look", 2, machine::left().failed(), None),
        journal::Entry::of_run(9_000, journal::Kind::Finished(journal::End::Cancelled)),
    ];
    let expect = "{ end: cancelled, calls: { look: 2 }, time: 8s }";
    let report = replayed(workflow, &entries, expect).await;
    assert!(reasons(&report).is_empty(), "{:#?}", reasons(&report));
}

#[tokio::test]
async fn what_a_run_left_that_failed_is_left_again() {
    let workflow = "name: w\nsteps:\n  - { name: one, tool: mcp://web/one, effect: read }\n  - { name: other, tool: mcp://web/other, effect: read }\n";
    let failed = machine::Fault::new(base::Code::InvalidParams, "it is wrong").failed();
    let entries = [
        began(),
        came(2_000, "one", 1, failed, None),
        journal::Entry::of_run(2_000, journal::Kind::Finished(journal::End::Failed)),
    ];
    let expect = "{ end: failed, calls: { one: 1, other: 1 }, time: 1s }";
    let report = replayed(workflow, &entries, expect).await;
    assert!(reasons(&report).is_empty(), "{:#?}", reasons(&report));
}

#[tokio::test]
async fn summaries_of_an_exported_run_are_what_its_steps_get() {
    let workflow = "
name: w
steps:
  - { name: look, tool: mcp://web/look, effect: read }
  - name: each
    for_each: [1, 2]
    tool: model_call
    memory: { needs: [{ from: tool_output(look), fit: summary, max: 150 }] }
    inputs: { model: m, prompt: '{{ memory.look_output }}' }
";
    let long = "many words. ".repeat(400);
    let value = serde_json::Value::from(long.as_str()).to_string();
    let sha256 = journal::Digest::of(long.as_bytes()).to_string();
    let made = |tokens: u64, text: &str| {
        let summary =
            serde_json::json!({"sha256": sha256, "tokens": tokens, "model": "", "prompt": sha256, "text": text});
        serde_json::json!({ "summary": summary }).to_string()
    };
    let settled = || journal::Kind::Settled { reserved: journal::Amount::default(), spent: journal::Amount::default() };
    let entries = |tokens| {
        [
            began(),
            came(2_000, "look", 1, journal::Kind::Succeeded, Some(&value)),
            came(3_000, "each[0]", 1, settled(), Some(&made(tokens, "in short"))),
            came(3_000, "each[0]", 1, journal::Kind::Succeeded, Some("1")),
            came(3_000, "each[1]", 1, journal::Kind::Succeeded, Some("2")),
            journal::Entry::of_run(3_000, journal::Kind::Finished(journal::End::Succeeded)),
        ]
    };
    let mut told = Vec::new();
    // How many tokens are left for it is the affair of whoever makes the context.
    for tokens in 40..=150 {
        let report = replayed(workflow, &entries(tokens), "{ output: [1, 2], calls: { each: 2 } }").await;
        if reasons(&report).is_empty() {
            told.push(tokens);
            let prompts = report.tried[0].course.calls.iter().filter(|call| call.path.starts_with("each"));
            assert!(
                prompts.clone().count() == 2
                    && prompts.clone().all(|call| call.arguments.to_string().contains("in short"))
            );
        }
    }
    assert_eq!(told.len(), 1, "one number of tokens is the one that is wanted");
}
