//! Runs for which people decide.

use super::tools::{Does, House, Told};
use crate::{Approval, By};
use base::Code;
use journal::{Resolution, Status};
use serde_json::{Value, json};
use std::time::Duration;

const GATED: &str = "
name: gated
steps:
  - name: draft
    tool: model_call
    inputs: { prompt: write, model: m }
  - name: review
    gate:
      prompt: 'Publish {{ steps.draft.output }}?'
      show: { text: '{{ steps.draft.output }}' }
      approvers: [editor]
      edit: true
      expires: 1h
  - name: publish
    tool: mcp://web/post
    inputs: { text: '{{ steps.review.output.text }}' }
";

fn editor() -> By {
    By { actor: "editor".to_owned(), ..By::default() }
}

#[tokio::test(start_paused = true)]
async fn a_gate_waits_for_whom_it_names() {
    let house = House::of(&[GATED], Told::default()).await;
    let run = house.start("gated", json!({})).await;
    house.stands(run, Status::Waiting).await;
    let shown = house.runner.inspect(run).await.unwrap();
    let gate = &shown.gates[0];
    assert_eq!((gate.path.as_str(), gate.prompt.as_str()), ("review", "Publish read 5 letters?"));
    assert_eq!(gate.expires_at, Some(gate.since + 3_600_000));
    let approval = Approval { arguments: Some(gate.arguments.clone()), ..Approval::default() };
    let other = By { actor: "intern".to_owned(), ..By::default() };
    let refused = house.runner.approve(run, &approval, &other).await.unwrap_err();
    assert_eq!(refused.code(), Code::GateForbidden);
    let elsewhere = Approval { arguments: Some("00".repeat(32)), ..Approval::default() };
    let refused = house.runner.approve(run, &elsewhere, &editor()).await.unwrap_err();
    assert_eq!(refused.code(), Code::GateUnknown);
    assert_eq!(house.runner.approve(run, &approval, &editor()).await.unwrap(), "review");
    let (status, output) = house.end(run).await;
    assert_eq!((status, &output["with"]["text"]), (Status::Succeeded, &json!("read 5 letters")));
    let late = house.runner.approve(run, &approval, &editor()).await.unwrap_err();
    assert_eq!(late.code(), Code::RunFinished);
}

#[tokio::test(start_paused = true)]
async fn what_a_gate_shows_may_be_changed() {
    let house = House::of(&[GATED], Told::default()).await;
    let run = house.start("gated", json!({})).await;
    house.stands(run, Status::Waiting).await;
    let approval = Approval { edited: Some(json!({"text": "better"})), ..Approval::default() };
    house.runner.approve(run, &approval, &editor()).await.unwrap();
    assert_eq!(house.end(run).await.1["with"]["text"], "better");
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_is_refused_or_forgotten_fails_its_step() {
    for wait in [false, true] {
        let house = House::of(&[GATED], Told::default()).await;
        let run = house.start("gated", json!({})).await;
        house.stands(run, Status::Waiting).await;
        if wait {
            tokio::time::sleep(Duration::from_secs(3_700)).await;
        } else {
            let by = By { reason: Some("dull".to_owned()), ..editor() };
            house.runner.reject(run, &Approval::default(), &by).await.unwrap();
        }
        let (status, error) = house.end(run).await;
        assert_eq!((status, &error["code"]), (Status::Failed, &json!("T-1210")), "{error}");
        assert_eq!(house.outside.calls(), ["draft:1"]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_effect_in_doubt_waits_for_somebody_who_knows() {
    let text = "name: pay\nsteps:\n  - name: pay\n    tool: mcp://bank/pay\n    effect: unsafe\n";
    let cases = [
        (Resolution::Happened, json!({"paid": true}), Status::Succeeded, 1),
        (Resolution::Retry, Value::Null, Status::Succeeded, 2),
        (Resolution::Fail, Value::Null, Status::Failed, 1),
    ];
    for (resolution, value, status, calls) in cases {
        let house = House::of(&[text], Told::does(&[("pay", &[Does::Vanishes])])).await;
        let run = house.start("pay", json!({})).await;
        house.stands(run, Status::InDoubt).await;
        house.runner.resolve(run, None, resolution, &value, &editor()).await.unwrap();
        assert_eq!(house.end(run).await.0, status);
        assert_eq!(house.outside.calls().len(), calls);
    }
}

const PROBED: &str = "
name: pay
steps:
  - name: pay
    tool: mcp://bank/pay
    effect: unsafe
    on_in_doubt: { probe: { tool: mcp://bank/find } }
";

#[tokio::test(start_paused = true)]
async fn a_probe_says_what_became_of_an_effect() {
    let paid = json!({"happened": true, "result": {"paid": 5}});
    let cases = [
        (json!(true), json!(true), 2),
        (json!("true"), json!("true"), 2),
        (paid, json!({"paid": 5}), 2),
        (json!(false), json!({"did": "pay", "with": {}}), 3),
        (json!("false"), json!({"did": "pay", "with": {}}), 3),
        (json!({"happened": false}), json!({"did": "pay", "with": {}}), 3),
    ];
    for (said, output, calls) in cases {
        let does = [Does::Vanishes, Does::Gives(said.clone())];
        let house = House::of(&[PROBED], Told::does(&[("pay", &does)])).await;
        let run = house.start("pay", json!({})).await;
        assert_eq!(house.end(run).await, (Status::Succeeded, output), "{said}");
        assert_eq!(house.outside.calls().len(), calls, "{said}");
    }
}

/// What a probe does not say is not guessed.
#[tokio::test(start_paused = true)]
async fn a_person_is_asked_where_a_probe_fails_or_says_neither() {
    let unclear = "the probe gave neither a boolean nor an object whose `happened` is one";
    let gives = |value: Value| (vec![Does::Gives(value)], unclear, 1);
    let cases = [
        gives(Value::Null),
        gives(json!({})),
        gives(json!([])),
        gives(json!("no")),
        gives(json!({"happened": "false"})),
        gives(json!({"did": "find"})),
        (vec![Does::Fails("T-0304")], "the probe failed: told to", 1),
        (vec![Does::Fails("T-0205"); 3], "the probe failed: told to", 3),
    ];
    for (probe, why, probes) in cases {
        let does = [vec![Does::Vanishes], probe].concat();
        let house = House::of(&[PROBED], Told::does(&[("pay", &does)])).await;
        let run = house.start("pay", json!({})).await;
        house.stands(run, Status::InDoubt).await;
        let shown = house.runner.inspect(run).await.unwrap();
        assert_eq!(shown.doubts, ["pay"]);
        assert_eq!(shown.steps[0].error, Some(json!({"code": "T-1213", "message": why})));
        let house = house.crash(&[PROBED], Told::default());
        tokio::time::sleep(Duration::from_secs(100)).await;
        assert_eq!(house.outside.calls().len(), 1 + probes, "{why}: it is not asked again and again");
        house.runner.resolve(run, None, Resolution::Happened, &json!("paid"), &editor()).await.unwrap();
        assert_eq!(house.end(run).await, (Status::Succeeded, json!("paid")));
    }
}

/// A person may be faster than a probe: what that says afterwards is no answer to what was sent meanwhile.
#[tokio::test(start_paused = true)]
async fn a_probe_that_comes_late_answers_nothing() {
    let does = [Does::Vanishes, Does::Takes(10_000), Does::Takes(60_000)];
    let house = House::of(&[PROBED], Told::does(&[("pay", &does)])).await;
    let run = house.start("pay", json!({})).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    house.runner.resolve(run, None, Resolution::Retry, &Value::Null, &editor()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(house.runner.run(run).await.unwrap().status, Status::Running);
    assert_eq!(house.end(run).await, (Status::Succeeded, json!({"did": "pay", "with": {}})));
    assert_eq!(house.outside.calls(), ["pay:1", "pay:1", "pay:2"]);
}

/// A probe that is out of reach for a moment is asked again.
#[tokio::test(start_paused = true)]
async fn a_probe_is_tried_again() {
    let does = [Does::Vanishes, Does::Fails("T-0205"), Does::Gives(json!(true))];
    let house = House::of(&[PROBED], Told::does(&[("pay", &does)])).await;
    let run = house.start("pay", json!({})).await;
    assert_eq!(house.end(run).await, (Status::Succeeded, json!(true)));
}

#[tokio::test(start_paused = true)]
async fn a_run_is_cancelled_and_what_it_did_is_undone() {
    let text = "
name: book
steps:
  - name: book
    tool: mcp://hotel/book
    compensate: { tool: mcp://hotel/cancel, inputs: { booking: '{{ steps.book.output.did }}' } }
  - name: wait
    wait: 1h
    after: [book]
";
    let house = House::of(&[text], Told::default()).await;
    let run = house.start("book", json!({})).await;
    house.stands(run, Status::Waiting).await;
    house.runner.cancel(run, &editor()).await.unwrap();
    let (status, _) = house.end(run).await;
    assert_eq!(status, Status::Cancelled);
    assert_eq!(house.outside.calls(), ["book:1", "book~undo:1"]);
}

#[tokio::test(start_paused = true)]
async fn a_paused_run_begins_nothing_until_it_is_resumed() {
    let text = "
name: two
steps:
  - name: one
    tool: mcp://web/get
    effect: read
  - name: two
    tool: mcp://web/get
    effect: read
    after: [one]
";
    let house = House::of(&[text], Told::does(&[("one", &[Does::Takes(1_000)])])).await;
    let run = house.start("two", json!({})).await;
    house.runner.pause(run, &editor()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(house.runner.run(run).await.unwrap().status, Status::Paused);
    house.runner.resume(run, &editor()).await.unwrap();
    assert_eq!(house.end(run).await.0, Status::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn a_run_waits_for_an_event_that_counts_once() {
    let text =
        "name: wait\nsteps:\n  - name: paid\n    wait: { signal: paid }\noutput: '{{ steps.paid.output.sum }}'\n";
    let house = House::of(&[text], Told::default()).await;
    let run = house.start("wait", json!({})).await;
    house.stands(run, Status::Waiting).await;
    assert!(house.runner.signal(run, "paid", "1", &json!({"sum": 12})).await.unwrap());
    assert_eq!(house.end(run).await, (Status::Succeeded, json!(12)));
}

#[tokio::test(start_paused = true)]
async fn what_was_not_sent_when_a_run_is_cancelled_is_never_sent() {
    let text = "
name: two
steps:
  - { name: first, tool: mcp://bank/pay, effect: unsafe, timeout: 20s }
  - { name: second, tool: mcp://bank/pay, effect: unsafe, timeout: 1s }
";
    let house = House::narrow(&[text], Told::does(&[("first", &[Does::Takes(10_000)])])).await;
    let run = house.start("two", json!({})).await;
    // The second has no place for longer than it may take: that is not its time.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(house.outside.calls(), ["first:1"]);
    house.runner.cancel(run, &editor()).await.unwrap();
    assert_eq!(house.end(run).await.0, Status::Cancelled);
    assert_eq!(house.outside.calls(), ["first:1"]);
}

#[tokio::test(start_paused = true)]
async fn a_run_within_a_run_is_cancelled_with_it_whenever_it_begins() {
    let inner = "name: inner\nparams: { x: { required: false } }\nsteps: [{ name: ask, gate: Well? }]\n";
    let outer = "
name: outer
steps:
  - { name: fails, tool: mcp://web/get, effect: read }
  - { name: inner, workflow: inner }
";
    let told = Told::does(&[("fails", &[Does::Fails("T-0304")])]);
    let house = House::of(&[inner, outer], told).await;
    let run = house.start("outer", json!({})).await;
    assert_eq!(house.end(run).await.0, Status::Failed);
    let filter = journal::Filter { parent: Some(run), ..journal::Filter::default() };
    for child in house.runner.list(filter, None, 10).await.unwrap().runs {
        assert_eq!(house.end(child.id).await.0, Status::Cancelled);
    }
}
