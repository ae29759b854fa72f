//! Runs that begin in the middle of others: nothing is sent twice that nobody asked for.

use super::tools::{Does, House, Told};
use crate::{Approval, By};
use base::ports::Principal;
use journal::{RunId, Status};
use serde_json::{Value, json};

const GATE: &str = "
name: gate
steps:
  - { name: review, gate: { prompt: 'May it be paid?' } }
  - { name: pay, after: [review], tool: mcp://bank/pay, effect: unsafe }
  - { name: notify, after: [pay], tool: mcp://mail/notify, effect: unsafe }
";
const TIME: &str = "
name: time
steps:
  - { name: pause, wait: 1h }
  - { name: pay, after: [pause], tool: mcp://bank/pay, effect: unsafe }
  - { name: notify, after: [pay], tool: mcp://mail/notify, effect: unsafe }
";
const EVENT: &str = "
name: event
steps:
  - { name: paid, wait: { signal: paid } }
  - { name: again, after: [paid], wait: { signal: paid } }
  - { name: ship, after: [again], tool: mcp://post/ship, effect: unsafe, inputs: { first: '{{ steps.paid.output }}', second: '{{ steps.again.output }}' } }
  - { name: notify, after: [ship], tool: mcp://mail/notify, effect: unsafe }
  - { name: last, after: [notify], wait: { signal: paid } }
";
const MANY: &str = "
name: many
params: { items: { type: array } }
steps:
  - name: pay
    for_each: { items: '{{ params.items }}', concurrency: 64, max: 2000, on_failure: continue }
    tool: mcp://bank/pay
    effect: unsafe
    inputs: { to: '{{ item }}' }
  - { name: notify, after: [pay], tool: mcp://mail/notify, effect: unsafe, inputs: { all: '{{ steps.pay.output }}' } }
";
const INNER: &str = "
name: inner
steps:
  - { name: charge, tool: mcp://bank/charge, effect: unsafe }
";
const OUTER: &str = "
name: outer
steps:
  - { name: money, workflow: inner }
  - { name: notify, after: [money], tool: mcp://mail/notify, effect: unsafe }
";
const UNDONE: &str = "
name: undone
steps:
  - { name: book, tool: mcp://hotel/book, effect: unsafe, compensate: { tool: mcp://hotel/cancel } }
  - { name: charge, after: [book], tool: mcp://bank/charge, effect: unsafe }
";
const BESIDE: &str = "
name: beside
steps:
  - { name: pay, tool: mcp://bank/pay, effect: unsafe }
  - { name: look, tool: mcp://web/look, effect: read }
  - { name: notify, after: [look], tool: mcp://mail/notify, effect: unsafe }
";

fn fails() -> Told {
    Told::does(&[("notify", &[Does::Fails("T-0205")])])
}

/// Who decides.
fn by() -> By {
    By { actor: "somebody".to_owned(), everywhere: true, ..By::default() }
}

async fn forked(house: &House, run: RunId, from: &str) -> RunId {
    house.runner.fork(run, from, &[], Principal::local()).await.unwrap().run
}

async fn output(house: &House, run: RunId) -> Value {
    let (status, value) = house.end(run).await;
    assert_eq!(status, Status::Succeeded, "{value}");
    value
}

#[tokio::test(start_paused = true)]
async fn a_decision_at_a_gate_before_counts() {
    let house = House::of(&[GATE], fails()).await;
    let run = house.start("gate", json!({})).await;
    house.stands(run, Status::Waiting).await;
    house.runner.approve(run, &Approval::default(), &by()).await.unwrap();
    assert_eq!(house.end(run).await.0, Status::Failed);
    let forked = forked(&house, run, "notify").await;
    output(&house, forked).await;
    assert_eq!(house.outside.calls(), ["pay:1", "notify:1", "notify:1"]);
    let words = house.words(forked).await;
    let past = ["started", "gate_opened", "gate_approved", "attempted", "succeeded", "attempted"];
    assert_eq!(words[..6], past, "{words:?}");
    // A fork of a fork knows it too.
    let third = self::forked(&house, forked, "notify").await;
    output(&house, third).await;
    assert_eq!(house.outside.calls(), ["pay:1", "notify:1", "notify:1", "notify:1"]);
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_shows_something_else_now_is_not_decided() {
    let house = House::of(&[GATE], fails()).await;
    let run = house.start("gate", json!({})).await;
    house.stands(run, Status::Waiting).await;
    house.runner.approve(run, &Approval::default(), &by()).await.unwrap();
    house.end(run).await;
    let other = GATE.replace("May it be paid?", "May twice as much be paid?");
    house.runner.serve(vec![super::served(&other)]);
    let refused = house.runner.fork(run, "notify", &[], Principal::local()).await.unwrap_err().remove(0);
    assert_eq!(refused.code(), base::Code::RunResultRecorded);
    assert!(refused.to_string().contains("`pay`"), "{refused}");
    // Who asks for it by name gets it, behind the gate.
    let forked = forked(&house, run, "pay").await;
    house.stands(forked, Status::Waiting).await;
}

#[tokio::test(start_paused = true)]
async fn a_time_that_was_over_is_not_waited_for_again() {
    let house = House::of(&[TIME], fails()).await;
    let run = house.start("time", json!({})).await;
    assert_eq!(house.end(run).await.0, Status::Failed);
    let forked = forked(&house, run, "notify").await;
    output(&house, forked).await;
    assert_eq!(house.outside.calls(), ["pay:1", "notify:1", "notify:1"]);
}

#[tokio::test(start_paused = true)]
async fn signals_that_steps_got_before_are_theirs_in_order() {
    let house = House::of(&[EVENT], Told::default()).await;
    let run = house.start("event", json!({})).await;
    // The first comes to one that waits, the second before anybody does, the third to a step that is done anew.
    house.stands(run, Status::Waiting).await;
    for (key, value) in [("a", json!(1)), ("b", json!(2)), ("c", json!(3))] {
        house.runner.signal(run, "paid", key, &value).await.unwrap();
    }
    output(&house, run).await;
    let forked = forked(&house, run, "notify").await;
    house.stands(forked, Status::Waiting).await;
    assert_eq!(house.outside.calls(), ["ship:1", "notify:1", "notify:1"]);
    house.runner.signal(forked, "paid", "d", &json!(4)).await.unwrap();
    assert_eq!(output(&house, forked).await, json!(4));
    let shown = house.runner.inspect(forked).await.unwrap();
    assert!(shown.steps.iter().any(|step| step.path == "ship"), "{:?}", shown.steps);
}

#[tokio::test(start_paused = true)]
async fn all_results_are_taken_over_and_not_the_first_thousand() {
    let told = Told::does(&[("notify", &[Does::Fails("T-0205")]), ("pay[7]", &[Does::Fails("T-0205")])]);
    let house = House::of(&[MANY], told).await;
    let items: Vec<u32> = (0..1200).collect();
    let run = house.start("many", json!({ "items": items })).await;
    assert_eq!(house.end(run).await.0, Status::Failed);
    let forked = forked(&house, run, "notify").await;
    let value = output(&house, forked).await;
    assert_eq!(house.outside.calls().len(), 1200 + 2);
    let all = value["with"]["all"].as_array().unwrap();
    // A failure that the run bore is one of what it has.
    assert_eq!((all.len(), &all[7], &all[1199]["with"]["to"]), (1200, &Value::Null, &json!(1199)));
}

#[tokio::test(start_paused = true)]
async fn a_run_within_is_not_begun_again() {
    let house = House::of(&[INNER, OUTER], fails()).await;
    let run = house.start("outer", json!({})).await;
    assert_eq!(house.end(run).await.0, Status::Failed);
    let forked = forked(&house, run, "notify").await;
    output(&house, forked).await;
    assert_eq!(house.outside.calls(), ["charge:1", "notify:1", "notify:1"]);
}

#[tokio::test(start_paused = true)]
async fn what_was_undone_is_done_again() {
    let house = House::of(&[UNDONE], Told::does(&[("charge", &[Does::Fails("T-0205")])])).await;
    let run = house.start("undone", json!({})).await;
    assert_eq!(house.end(run).await.0, Status::Failed);
    let forked = forked(&house, run, "charge").await;
    output(&house, forked).await;
    assert_eq!(house.outside.calls(), ["book:1", "charge:1", "book~undo:1", "book:1", "charge:1"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_in_doubt_refuses_a_fork_until_somebody_knows() {
    let house = House::of(&[BESIDE], Told::does(&[("pay", &[Does::Vanishes])])).await;
    let run = house.start("beside", json!({})).await;
    house.stands(run, Status::InDoubt).await;
    let refused = house.runner.fork(run, "notify", &[], Principal::local()).await.unwrap_err().remove(0);
    assert_eq!(refused.code(), base::Code::RunResultRecorded);
    assert!(refused.to_string().contains("`pay`"), "{refused}");
    house.runner.resolve(run, None, journal::Resolution::Happened, &json!("paid"), &by()).await.unwrap();
    output(&house, run).await;
    let forked = forked(&house, run, "notify").await;
    output(&house, forked).await;
    assert_eq!(house.outside.calls().iter().filter(|call| *call == "pay:1").count(), 1);
}

/// Decides by what it is that began it, and when.
const DECIDES: &str = "
name: decides
steps:
  - name: way
    switch:
      value: \"{{ 'fork' if run.trigger else 'none' }}\"
      cases: { fork: [{ name: other, tool: mcp://web/other, effect: read }] }
      default: [{ name: pay, tool: mcp://bank/pay, effect: unsafe }]
  - { name: told, when: '{{ not run.trigger }}', after: [way], tool: mcp://mail/told, effect: read }
  - { name: notify, after: [told], tool: mcp://mail/notify, effect: unsafe, inputs: { id: '{{ run.id }}' } }
";

/// What the fork decides is what it has results of, and nothing else.
#[tokio::test(start_paused = true)]
async fn a_fork_decides_by_what_began_it_from_the_beginning() {
    let house = House::of(&[DECIDES], fails()).await;
    let run = house.start("decides", json!({})).await;
    assert_eq!(house.end(run).await.0, Status::Failed);
    assert_eq!(house.outside.calls(), ["pay:1", "told:1", "notify:1"]);
    let forked = forked(&house, run, "notify").await;
    output(&house, forked).await;
    assert_eq!(house.outside.calls()[3..], ["other:1", "notify:1"], "it goes the other way, and comes to no `pay`");
    let shown = house.runner.inspect(forked).await.unwrap();
    let named: Vec<(&str, &str)> = shown.steps.iter().map(|step| (step.path.as_str(), step.status)).collect();
    assert!(!named.iter().any(|(path, _)| *path == "pay"), "nothing of a branch that is not taken: {named:?}");
    assert!(named.contains(&("told", "skipped")), "{named:?}");
    let words = house.words(forked).await;
    assert_eq!(words, ["started", "succeeded", "attempted", "succeeded", "finished"], "nothing was taken over");
    // Of the fork itself a fork takes over what it decided.
    let third = self::forked(&house, forked, "notify").await;
    output(&house, third).await;
    assert_eq!(house.outside.calls()[5..], ["notify:1"]);
}

/// Asks again and again, with a pause.
const POLLS: &str = "
name: polls
steps:
  - name: poll
    repeat: { until: '{{ iteration == 3 }}', max: 5, delay: 10m }
    tool: mcp://bank/poll
    effect: unsafe
    output: '{{ iteration }}'
  - { name: notify, after: [poll], tool: mcp://mail/notify, effect: unsafe }
";

#[tokio::test(start_paused = true)]
async fn pauses_between_rounds_that_are_over_are_not_waited_for_again() {
    let house = House::of(&[POLLS], fails()).await;
    let run = house.start("polls", json!({})).await;
    assert_eq!(house.end(run).await.0, Status::Failed);
    let forked = forked(&house, run, "notify").await;
    let began = tokio::time::Instant::now();
    output(&house, forked).await;
    assert!(began.elapsed() < std::time::Duration::from_secs(60), "{:?}", began.elapsed());
    assert_eq!(house.outside.calls()[3..], ["notify:1", "notify:1"], "{:?}", house.outside.calls());
}

#[tokio::test(start_paused = true)]
async fn a_step_is_sent_again_where_somebody_says_that_it_may_be() {
    let house = House::of(&[BESIDE], Told::does(&[("pay", &[Does::Vanishes])])).await;
    let run = house.start("beside", json!({})).await;
    house.stands(run, Status::InDoubt).await;
    let fork = async |again: &[&str]| {
        let again: Vec<String> = again.iter().map(|step| (*step).to_owned()).collect();
        house.runner.fork(run, "notify", &again, Principal::local()).await.map_err(|mut errors| errors.remove(0))
    };
    let refused = fork(&[]).await.unwrap_err();
    assert!(refused.next().contains("`--again pay`"), "{refused}");
    let cases = [(&["pay", "look"][..], "`look` is not sent again"), (&["pya"], "no step `pya`"), (&["look"], "`pay`")];
    for (again, why) in cases {
        let refused = fork(again).await.unwrap_err();
        assert!(refused.message().contains(why), "{again:?}: {refused}");
    }
    assert_eq!(house.outside.calls().len(), 3, "nothing was sent");
    let forked = fork(&["pay"]).await.unwrap().run;
    output(&house, forked).await;
    assert_eq!(house.outside.calls().iter().filter(|call| *call == "pay:1").count(), 2);
    assert_eq!(house.outside.calls().iter().filter(|call| *call == "look:1").count(), 1);
}
