//! One test for each thing that a file can say.

use super::tools::{Told, done, finish, start, succeeds};
use journal::{End, Kind};
use serde_json::{Value, json};

#[test]
fn steps_run_one_after_another_and_at_once() {
    let text = "steps:\n\
        - { name: a, tool: mcp://s/a, inputs: { x: \"{{ params.p }}\" }, effect: read }\n\
        - { name: b, tool: mcp://s/b, inputs: { x: \"{{ steps.a.output.with.x }}\" }, effect: read }\n\
        - { name: c, tool: mcp://s/c, effect: read }\n\
        output: [\"{{ steps.b.output.with.x }}\", \"{{ steps.c.output.did }}\"]\n";
    let mut run = start(text, json!(3));
    run.advance(&crate::Free).unwrap();
    assert_eq!(run.calls().len(), 2, "a and c need nothing of each other");
    assert_eq!(finish(&mut run, &mut Told::default()), (End::Succeeded, json!([3, "c"])));
}

#[test]
fn conditions_choices_items_and_rounds() {
    let when = "steps:\n- { name: a, set: { x: 1 }, when: \"params.p > 1\" }\n\
        output: [\"{{ steps.a.status }}\", \"{{ steps.a.output }}\"]\n";
    assert_eq!(succeeds(when, json!(2)), json!(["succeeded", {"x": 1}]));
    assert_eq!(succeeds(when, json!(1)), json!(["skipped", null]));
    let switch = "steps:\n- name: a\n  switch: { value: params.p, cases: { x: [{ name: b, set: { v: 1 } }] }, default: [{ name: c, set: { v: 2 } }] }\n\
        output: \"{{ steps.a.output }}\"\n";
    assert_eq!(succeeds(switch, json!("x")), json!({"v": 1}));
    assert_eq!(succeeds(switch, json!("y")), json!({"v": 2}));
    let items = "steps:\n- name: a\n  for_each: { items: params.p, concurrency: 2 }\n  steps:\n  - { name: b, tool: mcp://s/b, effect: read, inputs: { x: \"{{ item }}\" } }\n\
        \x20 output: \"{{ steps.b.output.with.x + index }}\"\noutput: \"{{ steps.a.outputs }}\"\n";
    assert_eq!(succeeds(items, json!([10, 20, 30])), json!([10, 21, 32]));
    assert_eq!(succeeds(items, json!([])), json!([]));
    let rounds = "steps:\n- { name: a, repeat: { until: \"result.n >= 3\", max: 4, delay: 1s }, set: { n: \"{{ iteration + (previous.n if previous else 0) - (previous.n if previous else 0) }}\" } }\noutput: \"{{ steps.a.output.n }}\"\n";
    assert_eq!(succeeds(rounds, Value::Null), json!(3));
    let never = "steps:\n- { name: a, repeat: { until: \"false\", max: 2 }, set: { n: 1 } }\n";
    let (end, value) = done(never, Value::Null, &mut Told::default());
    assert_eq!((end, &value["code"]), (End::Failed, &json!("T-1212")));
}

#[test]
fn items_within_items_have_paths_of_their_own() {
    let text = "steps:\n- name: a\n  for_each: params.p\n  steps:\n  - name: b\n    for_each: { items: \"{{ item }}\", as: one }\n    tool: mcp://s/b\n    effect: read\n    inputs: { x: \"{{ one }}\" }\n    output: \"{{ result.with.x }}\"\noutput: \"{{ steps.a.output }}\"\n";
    let mut run = start(text, json!([[1, 2], [3]]));
    assert_eq!(finish(&mut run, &mut Told::default()), (End::Succeeded, json!([[1, 2], [3]])));
    let paths: Vec<String> =
        run.journal().iter().filter_map(|entry| entry.step.as_ref().map(ToString::to_string)).collect();
    assert_eq!(paths, ["b@0[0]", "b@0[1]", "b@1[0]"]);
}

#[test]
fn failures_are_retried_passed_over_or_handled() {
    let text = "steps:\n- { name: a, tool: mcp://s/a, retry: 3 }\noutput: \"{{ steps.a.output.did }}\"\n";
    let mut told = Told::fails(&[("a", &["T-0204", "T-0204"])]);
    let mut run = start(text, Value::Null);
    assert_eq!(finish(&mut run, &mut told), (End::Succeeded, json!("a")));
    assert_eq!(told.calls, ["a:1", "a:2", "a:3"]);
    let waits =
        run.journal().iter().filter(|entry| matches!(&entry.kind, Kind::TimerSet { timer, .. } if timer == "retry"));
    assert_eq!(waits.count(), 2);
    // Arguments that are wrong do not become right.
    let mut told = Told::fails(&[("a", &["T-0304"])]);
    assert_eq!(done(text, Value::Null, &mut told).0, End::Failed);
    assert_eq!(told.calls, ["a:1"]);
    let text = "steps:\n- { name: a, tool: mcp://s/a, on_error: continue }\n- { name: b, set: { x: \"{{ steps.a.output is none }}\" } }\noutput: [\"{{ steps.b.output.x }}\", \"{{ steps.a.error.code }}\"]\n";
    assert_eq!(
        done(text, Value::Null, &mut Told::fails(&[("a", &["T-0204"])])),
        (End::Succeeded, json!([true, "T-0204"]))
    );
    let text = "steps:\n- { name: a, tool: mcp://s/a, on_error: { step: c } }\n- { name: b, set: { x: \"{{ steps.a.output }}\" } }\n- { name: c, tool: mcp://s/c }\noutput: \"{{ steps.b.output.x.did }}\"\n";
    assert_eq!(done(text, Value::Null, &mut Told::fails(&[("a", &["T-0204"])])), (End::Succeeded, json!("c")));
    let mut told = Told::default();
    assert_eq!(done(text, Value::Null, &mut told), (End::Succeeded, json!("a")));
    assert_eq!(told.calls, ["a:1"]);
}

#[test]
fn items_may_fail_as_far_as_the_rule_says() {
    let text = |rule: &str| {
        format!(
            "steps:\n- {{ name: a, for_each: {{ items: [1, 2, 3], on_failure: {rule} }}, tool: mcp://s/a, effect: read, output: \"{{{{ item }}}}\" }}\noutput: \"{{{{ steps.a.output }}}}\"\n"
        )
    };
    let two = || Told::fails(&[("a[0]", &["T-0204"]), ("a[2]", &["T-0204"])]);
    assert_eq!(done(&text("continue"), Value::Null, &mut two()), (End::Succeeded, json!([null, 2, null])));
    assert_eq!(done(&text("{ tolerate: 2 }"), Value::Null, &mut two()), (End::Succeeded, json!([null, 2, null])));
    assert_eq!(done(&text("{ tolerate: 1 }"), Value::Null, &mut two()).0, End::Failed);
    assert_eq!(done(&text("fail"), Value::Null, &mut two()).0, End::Failed);
}

#[test]
fn what_was_done_is_undone_the_last_first() {
    let text = "steps:\n\
        - { name: a, tool: mcp://s/a, compensate: { tool: mcp://s/undo, inputs: { was: \"{{ steps.a.output.did }}\" } } }\n\
        - { name: b, for_each: [1, 2], after: a, tool: mcp://s/b, compensate: { tool: mcp://s/undo, inputs: { was: \"{{ item }}\" } } }\n\
        - { name: c, after: b, tool: mcp://s/c }\n";
    let mut told = Told::fails(&[("c", &["T-0304"]), ("b~undo[0]", &["T-0204"])]);
    let (end, value) = done(text, Value::Null, &mut told);
    assert_eq!((end, &value["code"]), (End::Failed, &json!("T-0304")));
    assert_eq!(told.calls, ["a:1", "b[0]:1", "b[1]:1", "c:1", "b~undo[1]:1", "b~undo[0]:1", "a~undo:1"]);
    assert_eq!(value["not_undone"], json!(["b[0]"]));
}

#[test]
fn signals_may_come_before_they_are_waited_for() {
    let text = "steps:\n- { name: w, wait: 5s }\n- { name: a, after: w, wait: { signal: go, timeout: 1h } }\noutput: \"{{ steps.a.output }}\"\n";
    let mut run = start(text, Value::Null);
    let payload = journal::Payload::new("7").unwrap();
    run.append(vec![journal::Entry::of_run(run.now(), Kind::Signal { name: "go".to_owned() }).with(payload)]).unwrap();
    assert_eq!(finish(&mut run, &mut Told::default()), (End::Succeeded, json!(7)));
    let (end, value) = done(text, Value::Null, &mut Told::default());
    assert_eq!((end, &value["code"]), (End::Failed, &json!("T-1211")));
}
