//! Runs that go on without people.

use super::tools::{Does, House, Told};
use crate::Start;
use base::Code;
use journal::{Amount, Status};
use serde_json::{Map, json};

const LINE: &str = "
name: line
params: { topic: { type: string } }
steps:
  - name: search
    tool: mcp://web/search
    effect: read
    inputs: { query: '{{ params.topic }}' }
  - name: save
    tool: mcp://files/write
    inputs: { text: '{{ steps.search.output.did }}' }
output: '{{ steps.save.output }}'
";

#[tokio::test(start_paused = true)]
async fn a_line_of_steps_is_carried_out() {
    let house = House::of(&[LINE], Told::default()).await;
    let run = house.start("line", json!({"topic": "tides"})).await;
    let (status, output) = house.end(run).await;
    assert_eq!((status, output), (Status::Succeeded, json!({"did": "write", "with": {"text": "search"}})));
    assert_eq!(house.words(run).await, ["started", "succeeded", "attempted", "succeeded", "finished"]);
    let shown = house.runner.inspect(run).await.unwrap();
    let steps: Vec<(&str, &str, u32)> =
        shown.steps.iter().map(|step| (step.path.as_str(), step.status, step.attempts)).collect();
    assert_eq!(steps, [("search", "succeeded", 1), ("save", "succeeded", 1)]);
    assert_eq!(shown.params, json!({"topic": "tides"}));
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_a_start_is_told_at_once() {
    let house = House::of(&[LINE], Told::default()).await;
    let refused = house.runner.start(Start::of("lime", Map::new())).await.unwrap_err();
    assert_eq!(refused[0].code(), Code::WorkflowMissing);
    assert!(refused[0].to_string().contains("line"), "{}", refused[0]);
    let refused = house.runner.start(Start::of("line", Map::new())).await.unwrap_err();
    assert_eq!(refused[0].code(), Code::WorkflowArguments);
}

#[tokio::test(start_paused = true)]
async fn the_same_key_starts_one_run() {
    let house = House::of(&[LINE], Told::default()).await;
    let params: Map<_, _> = serde_json::from_value(json!({"topic": "tides"})).unwrap();
    let start = Start { deduplication: Some("today".to_owned()), ..Start::of("line", params) };
    let first = house.runner.start(start.clone()).await.unwrap();
    let second = house.runner.start(start).await.unwrap();
    assert_eq!((first.new, second.new, first.run), (true, false, second.run));
}

#[tokio::test(start_paused = true)]
async fn items_are_done_side_by_side() {
    let text = "
name: fan
steps:
  - name: each
    for_each: { items: '{{ range(50) | list }}', concurrency: 8 }
    tool: mcp://web/get
    effect: read
    inputs: { page: '{{ item }}' }
output: '{{ steps.each.output | length }}'
";
    let does: Vec<(String, Vec<Does>)> =
        (0..50).map(|item| (format!("each[{item}]"), vec![Does::Takes(100)])).collect();
    let does: Vec<(&str, &[Does])> = does.iter().map(|(path, does)| (path.as_str(), does.as_slice())).collect();
    let house = House::of(&[text], Told::does(&does)).await;
    let began = tokio::time::Instant::now();
    let run = house.start("fan", json!({})).await;
    assert_eq!(house.end(run).await, (Status::Succeeded, json!(50)));
    // Eight at once: seven turns of 100 ms.
    assert!(began.elapsed().as_millis() < 1_000, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_fails_is_tried_again() {
    let text = "
name: again
steps:
  - name: get
    tool: mcp://web/get
    effect: read
    retry: { attempts: 3, backoff: 10s }
";
    let fails = [Does::Fails("T-0205"), Does::Fails("T-0205")];
    let house = House::of(&[text], Told::does(&[("get", &fails)])).await;
    let run = house.start("again", json!({})).await;
    assert_eq!(house.end(run).await.0, Status::Succeeded);
    assert_eq!(house.outside.calls(), ["get:1", "get:2", "get:3"]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_takes_too_long_fails_or_is_in_doubt() {
    let text = |effect: &str| {
        format!("name: slow\nsteps:\n  - name: get\n    tool: mcp://web/get\n    effect: {effect}\n    timeout: 1s\n")
    };
    let house = House::of(&[&text("read")], Told::does(&[("get", &[Does::Takes(5_000)])])).await;
    let run = house.start("slow", json!({})).await;
    let (status, error) = house.end(run).await;
    assert_eq!((status, &error["code"]), (Status::Failed, &json!("T-1211")), "{error}");
    let house = House::of(&[&text("unsafe")], Told::does(&[("get", &[Does::Takes(5_000)])])).await;
    let run = house.start("slow", json!({})).await;
    house.stands(run, Status::InDoubt).await;
}

#[tokio::test(start_paused = true)]
async fn a_workflow_is_a_step_of_another() {
    let outer = "
name: outer
steps:
  - name: inner
    workflow: line
    inputs: { topic: tides }
output: '{{ steps.inner.output.did }}'
";
    let house = House::of(&[LINE, outer], Told::default()).await;
    let run = house.start("outer", json!({})).await;
    assert_eq!(house.end(run).await, (Status::Succeeded, json!("write")));
    let filter = journal::Filter { parent: Some(run), ..journal::Filter::default() };
    let within = house.runner.list(filter, None, 10).await.unwrap().runs;
    assert_eq!(within.iter().map(|run| run.workflow.as_str()).collect::<Vec<_>>(), ["line"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_spent_is_booked_and_never_more_than_the_budget() {
    let text = "
name: dear
budget: { tokens: 25 }
steps:
  - name: each
    for_each: { items: '{{ range(5) | list }}' , concurrency: 5 }
    tool: model_call
    inputs: { prompt: hello, model: m }
";
    let told = Told { price: Amount { money: 3, tokens: 10 }, ..Told::default() };
    let house = House::of(&[text], told).await;
    let run = house.start("dear", json!({})).await;
    let (status, error) = house.end(run).await;
    assert_eq!((status, &error["code"]), (Status::Failed, &json!("T-1214")));
    let listed = house.runner.run(run).await.unwrap();
    assert_eq!((listed.spent, listed.reserved), (Amount { money: 6, tokens: 20 }, Amount::default()));
}
