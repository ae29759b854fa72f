//! What runs pay for calls of which nobody knows what they took.

use super::tools::{Does, House, Told};
use crate::By;
use journal::{Amount, RunId, Status};
use serde_json::json;
use std::time::Duration;

const PRICE: Amount = Amount { money: 1, tokens: 10 };

/// Longer than any test.
const EVER: Does = Does::Takes(1 << 40);

fn told(does: &[(&str, &[Does])]) -> Told {
    Told { price: PRICE, ..Told::does(does) }
}

fn somebody() -> By {
    By { actor: "somebody".to_owned(), ..By::default() }
}

async fn spent(house: &House, run: RunId) -> u64 {
    let listed = house.runner.run(run).await.unwrap();
    assert_eq!(listed.reserved, Amount::default(), "all that was set aside is settled");
    listed.spent.tokens
}

async fn called(house: &House, count: usize) {
    while house.outside.calls().len() < count {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_cut_off_by_its_time_is_paid() {
    let text = |effect: &str| {
        format!(
            "name: slow\nbudget: {{ tokens: 25 }}\nsteps:\n  - {{ name: ask, tool: model_call, effect: {effect}, timeout: 5s, retry: {{ attempts: 5, backoff: 1s }}, inputs: {{ model: m, prompt: x }} }}\n"
        )
    };
    for effect in ["read", "idempotent"] {
        let house = House::of(&[&text(effect)], told(&[("ask", &[EVER, EVER, EVER])])).await;
        let run = house.start("slow", json!({})).await;
        let (status, error) = house.end(run).await;
        assert_eq!((status, &error["code"]), (Status::Failed, &json!("T-1214")), "{error}");
        assert_eq!((spent(&house, run).await, house.outside.calls().len()), (20, 2), "there is no third attempt");
    }
    let house = House::of(&[&text("unsafe")], told(&[("ask", &[EVER])])).await;
    let run = house.start("slow", json!({})).await;
    house.stands(run, Status::InDoubt).await;
    assert_eq!(spent(&house, run).await, 10);
}

/// A talk that may take nearly all there is, of which a little is spent when it is cut off.
const TALK: &str = "
name: talk
budget: { tokens: 100 }
steps:
  - { name: talk, tool: model_call, timeout: 5s, on_error: continue, inputs: { model: m, prompt: x } }
  - { name: after, tool: model_call, after: [talk], inputs: { model: m, prompt: x } }
";

#[tokio::test(start_paused = true)]
async fn a_call_that_tells_what_it_takes_is_paid_by_that_however_it_is_cut_off() {
    let talks = || Told { most: Some(Amount { money: 1, tokens: 500 }), ..told(&[("talk", &[Does::Counts(20)])]) };
    let house = House::of(&[TALK], talks()).await;
    let run = house.start("talk", json!({})).await;
    let (status, error) = house.end(run).await;
    assert_eq!((status, spent(&house, run).await), (Status::Succeeded, 30), "{error}");
    assert_eq!(*house.outside.asides.lock().unwrap(), [Some(100), Some(80)]);

    let house = House::of(&[&TALK.replace("timeout: 5s, ", "")], talks()).await;
    let run = house.start("talk", json!({})).await;
    called(&house, 1).await;
    house.runner.cancel(run, &somebody()).await.unwrap();
    assert_eq!((house.end(run).await.0, spent(&house, run).await), (Status::Cancelled, 20));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_a_worker_gives_up_at_its_end_is_paid_by_what_it_tells_and_made_again() {
    let text = TALK.replace("timeout: 5s, ", "");
    let talks = Told { most: Some(Amount { money: 1, tokens: 500 }), ..told(&[("talk", &[Does::Counts(20)])]) };
    let house = House::of(&[&text], talks).await;
    let run = house.start("talk", json!({})).await;
    called(&house, 1).await;
    house.shutdown.cancel();
    let house = house.end_work().await.crash(&[&text], told(&[]));
    let (status, error) = house.end(run).await;
    assert_eq!((status, spent(&house, run).await), (Status::Succeeded, 40), "{error}");
    assert_eq!(house.outside.calls(), ["talk:1", "talk:1", "after:1"]);
}

/// Only a journal knows what was under way when a process dies, and it knows what was set aside.
#[tokio::test(start_paused = true)]
async fn a_call_that_a_crash_takes_is_paid_by_all_that_was_set_aside() {
    let text = TALK.replace("timeout: 5s, ", "");
    let talks = Told { most: Some(Amount { money: 1, tokens: 60 }), ..told(&[("talk", &[Does::Counts(20)])]) };
    let house = House::of(&[&text], talks).await;
    let run = house.start("talk", json!({})).await;
    called(&house, 1).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let house = house.crash(&[&text], told(&[]));
    let (status, error) = house.end(run).await;
    assert_eq!((status, spent(&house, run).await), (Status::Succeeded, 80), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_panics_is_paid() {
    let text = "name: ask\nbudget: { tokens: 25 }\nsteps:\n  - { name: ask, tool: model_call, inputs: { model: m, prompt: x } }\n";
    let house = House::of(&[text], told(&[("ask", &[Does::Panics])])).await;
    let run = house.start("ask", json!({})).await;
    assert_eq!(house.end(run).await.0, Status::Failed);
    assert_eq!(spent(&house, run).await, 10);
}

const TWO: &str = "
name: two
budget: { tokens: 100 }
steps:
  - { name: first, tool: model_call, inputs: { model: m, prompt: x } }
  - { name: second, tool: model_call, inputs: { model: m, prompt: x } }
";

#[tokio::test(start_paused = true)]
async fn what_was_sent_when_a_run_is_cancelled_is_paid_and_what_was_not_is_free() {
    let house = House::narrow(&[TWO], told(&[("first", &[EVER]), ("second", &[EVER])])).await;
    let run = house.start("two", json!({})).await;
    called(&house, 1).await;
    house.runner.cancel(run, &somebody()).await.unwrap();
    assert_eq!(house.end(run).await.0, Status::Cancelled);
    assert_eq!((spent(&house, run).await, house.outside.calls().len()), (10, 1), "there was one place");
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_when_another_step_fails_is_paid() {
    let text = format!("{TWO}  - {{ name: fails, tool: 'mcp://web/get', effect: read }}\n");
    let does = [("first", &[EVER][..]), ("second", &[EVER]), ("fails", &[Does::Refuses(1_000)])];
    let house = House::of(&[&text], told(&does)).await;
    let run = house.start("two", json!({})).await;
    assert_eq!(house.end(run).await.0, Status::Failed);
    assert_eq!(spent(&house, run).await, 20);
}

#[tokio::test(start_paused = true)]
async fn what_was_under_way_when_the_worker_died_is_paid() {
    let house = House::of(&[TWO], told(&[("second", &[EVER])])).await;
    let run = house.start("two", json!({})).await;
    called(&house, 2).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let house = house.crash(&[TWO], told(&[]));
    assert_eq!(house.end(run).await.0, Status::Succeeded);
    assert_eq!((spent(&house, run).await, house.outside.calls().len()), (30, 3));
}

/// A step whose context waits until it can be paid, for a call that does not end.
fn waits() -> String {
    format!(
        "
name: waits
budget: {{ tokens: 35 }}
steps:
  - {{ name: slow, tool: model_call, on_error: continue, inputs: {{ model: m, prompt: x }} }}
  - {{ name: search, tool: 'mcp://web/search', effect: read, output: '{}' }}
  - name: send
    tool: model_call
    effect: unsafe
    memory: {{ needs: [{{ from: tool_output(search), fit: summary, max: 100 }}] }}
    inputs: {{ model: m, prompt: '{{{{ memory.search_output }}}}' }}
",
        "words that are many ".repeat(100)
    )
}

#[tokio::test(start_paused = true)]
async fn a_step_whose_context_waits_for_budget_is_not_in_doubt_after_a_crash() {
    let text = waits();
    let house = House::of(&[&text], told(&[("slow", &[EVER])])).await;
    let run = house.start("waits", json!({})).await;
    called(&house, 2).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let house = house.crash(&[&text], told(&[("slow", &[Does::Refuses(1)])]));
    // What the crash took is spent, and too little is left.
    let (status, error) = house.end(run).await;
    assert_eq!((status, &error["code"]), (Status::Failed, &json!("T-1214")), "{error}");
    let words = house.words(run).await;
    assert!(!words.iter().any(|word| word == "attempted" || word == "in_doubt"), "nothing was sent: {words:?}");
    assert_eq!(house.outside.calls(), ["slow:1", "search:1", "slow:1"]);
    assert_eq!(spent(&house, run).await, 20);
}

/// Cancelled while its context is made, it is neither waited for nor sent.
#[tokio::test(start_paused = true)]
async fn a_step_that_is_given_up_before_it_has_its_context_is_never_sent() {
    let text = waits();
    let house = House::of(&[&text], told(&[("slow", &[EVER])])).await;
    let run = house.start("waits", json!({})).await;
    called(&house, 2).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    house.runner.cancel(run, &somebody()).await.unwrap();
    assert_eq!(house.end(run).await.0, Status::Cancelled);
    assert_eq!(house.outside.calls(), ["slow:1", "search:1"]);
    assert_eq!(spent(&house, run).await, 20);
}

/// A step that is a run of its own, and what stands behind it.
fn around(more: &str) -> String {
    format!("name: outer\nsteps:\n  - {{ name: inner, workflow: inner, {more} }}\n")
}

/// Asks twice: what the second takes is not known while it is under way.
const INNER: &str = "
name: inner
budget: { tokens: 100 }
steps:
  - { name: first, tool: model_call, inputs: { model: m, prompt: x } }
  - { name: second, tool: model_call, after: [first], inputs: { model: m, prompt: x } }
";

#[tokio::test(start_paused = true)]
async fn what_a_run_within_spent_counts_once_however_its_step_ends() {
    let ever = ("second", &[EVER][..]);
    let fails = ("second", &[Does::Fails("T-0304")][..]);
    let passes = ("second", &[Does::Fails("T-0907")][..]);
    let cases = [
        ("as it should", "timeout: 1m", told(&[]), (Status::Succeeded, 20)),
        ("failed", "timeout: 1m", told(&[fails]), (Status::Failed, 10)),
        ("failed, at every attempt", "retry: { attempts: 4, backoff: 1s }", told(&[passes]), (Status::Failed, 10)),
        ("cut off", "timeout: 5s", told(&[ever]), (Status::Failed, 20)),
        ("cut off, and seen again", "timeout: 5s, retry: { attempts: 3 }", told(&[ever]), (Status::Cancelled, 20)),
    ];
    for (how, more, told, wanted) in cases {
        let house = House::of(&[&around(more), INNER], told).await;
        let run = house.start("outer", json!({})).await;
        let (status, error) = house.end(run).await;
        assert_eq!((status, spent(&house, run).await), wanted, "{how}: {error}");
        assert_eq!(house.outside.calls().len(), 2, "{how}: there is one run within");
        let attempts = house.words(run).await.iter().filter(|word| *word == "failed").count();
        assert_eq!(attempts >= 4, how.contains("every attempt"), "{how}: {attempts} failed");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_run_within_spent_counts_when_the_run_around_it_is_cancelled() {
    let house = House::of(&[&around("timeout: 1h"), INNER], told(&[("second", &[EVER])])).await;
    let run = house.start("outer", json!({})).await;
    called(&house, 2).await;
    house.runner.cancel(run, &somebody()).await.unwrap();
    assert_eq!(house.end(run).await.0, Status::Cancelled);
    assert_eq!(spent(&house, run).await, 20);
}

/// What a step that was cut off cannot end at once is counted as far as it may go.
#[tokio::test(start_paused = true)]
async fn what_a_run_within_does_not_end_in_time_counts_with_what_it_has_set_aside() {
    let inner = INNER.replace("{ name: second,", "{ name: second, effect: unsafe,");
    let told = told(&[("second", &[Does::Takes(600_000)])]);
    let house = House::of(&[&around("timeout: 5s, retry: { attempts: 2 }"), &inner], told).await;
    let run = house.start("outer", json!({})).await;
    assert_eq!(house.end(run).await.0, Status::Failed);
    assert_eq!(spent(&house, run).await, 20);
}

/// Nobody waits for a summary that nobody needs, however long it takes.
#[tokio::test(start_paused = true)]
async fn a_step_that_is_given_up_while_its_context_is_made_shorter_ends_at_once() {
    let text = waits().replace("tokens: 35", "tokens: 1000");
    let house = House::of(&[&text], told(&[("send~summary", &[EVER])])).await;
    let run = house.start("waits", json!({})).await;
    called(&house, 3).await;
    house.runner.cancel(run, &somebody()).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(60), house.end(run)).await;
    assert_eq!(ended.unwrap().0, Status::Cancelled);
    assert_eq!(house.outside.calls(), ["slow:1", "search:1", "send~summary"]);
    // The search, the other call, and the summary, of which nobody knows what it took.
    assert_eq!(spent(&house, run).await, 30);
}

#[tokio::test(start_paused = true)]
async fn a_call_is_told_what_was_set_aside_for_it() {
    let told = |most| Told { most: Some(Amount { money: 1, tokens: most }), ..told(&[]) };
    for (most, wanted) in [(500, [Some(100), Some(90)]), (30, [Some(30), Some(30)])] {
        let text = TWO.replace("name: second,", "name: second, after: [first],");
        let house = House::of(&[&text], told(most)).await;
        let run = house.start("two", json!({})).await;
        assert_eq!(house.end(run).await.0, Status::Succeeded);
        assert_eq!(*house.outside.asides.lock().unwrap(), wanted);
        assert_eq!(spent(&house, run).await, 20);
    }
    let house = House::of(&[&TWO.replace("budget", "description").replace("{ tokens: 100 }", "x")], told(500)).await;
    let run = house.start("two", json!({})).await;
    assert_eq!(house.end(run).await.0, Status::Succeeded);
    assert_eq!(*house.outside.asides.lock().unwrap(), [None, None], "nothing is limited");
}

/// Runs one workflow for each of these items, and may take so much.
fn outer(budget: &str) -> String {
    format!(
        "name: outer\nbudget: {{ {budget} }}\nsteps:\n  - {{ name: inner, for_each: [1, 2, 3], workflow: inner }}\n"
    )
}

#[tokio::test(start_paused = true)]
async fn runs_within_never_take_more_than_the_run_around_them_has() {
    let cases = [
        ("tokens: 300", Status::Succeeded, 60),
        ("tokens: 140", Status::Succeeded, 60),
        ("tokens: 119", Status::Failed, 20),
        ("tokens: 99", Status::Failed, 0),
        ("tokens: 300, money: 1", Status::Failed, 0),
    ];
    for (budget, status, wanted) in cases {
        let house = House::of(&[&outer(budget), INNER], told(&[])).await;
        let run = house.start("outer", json!({})).await;
        let (ended, error) = house.end(run).await;
        assert_eq!((ended, spent(&house, run).await), (status, wanted), "{budget}: {error}");
        assert_eq!(error["code"] == "T-1214", status == Status::Failed, "{budget}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_set_aside_for_a_run_within_is_there_after_a_crash() {
    let texts = [&outer("tokens: 120").replace("[1, 2, 3]", "[1]"), INNER];
    let house = House::of(&texts, told(&[("second", &[EVER])])).await;
    let run = house.start("outer", json!({})).await;
    called(&house, 2).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let house = house.crash(&texts, told(&[]));
    let (status, error) = house.end(run).await;
    assert_eq!((status, spent(&house, run).await), (Status::Succeeded, 30), "{error}");
    let words = house.words(run).await;
    assert_eq!(words.iter().filter(|word| *word == "reserved").count(), 1, "{words:?}");
}

#[tokio::test(start_paused = true)]
async fn a_run_within_goes_on_with_the_budget_that_it_was_begun_with() {
    let dear = INNER.replace("tokens: 100", "tokens: 1000");
    let texts = [&outer("tokens: 120").replace("[1, 2, 3]", "[1]"), INNER];
    let house = House::of(&texts, told(&[("second", &[EVER])])).await;
    let run = house.start("outer", json!({})).await;
    called(&house, 2).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    // A run that goes on has what it was begun with.
    let house = house.crash(&[texts[0], &dear], told(&[]));
    let (status, error) = house.end(run).await;
    assert_eq!((status, spent(&house, run).await), (Status::Succeeded, 30), "{error}");
    let run = house.start("outer", json!({})).await;
    let (status, error) = house.end(run).await;
    assert_eq!((status, &error["code"], spent(&house, run).await), (Status::Failed, &json!("T-1214"), 0));
}
