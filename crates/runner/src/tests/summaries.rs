//! Texts that are made shorter for the context of steps are calls of the run.

use super::tools::{Does, House, Told};
use crate::By;
use journal::{Amount, Status};
use serde_json::{Value, json};
use std::time::Duration;

const PRICE: Amount = Amount { money: 0, tokens: 10 };

/// A step that reads a long text, in so few tokens that it must be made shorter, with a budget and a time limit.
fn reads(budget: u64, timeout: &str) -> String {
    format!(
        "name: reads
budget: {{ tokens: {budget} }}
steps:
  - name: search
    tool: mcp://web/search
    effect: read
    inputs: {{ text: '{}' }}
  - name: answer
    tool: model_call
    timeout: {timeout}
    memory: {{ needs: [{{ from: tool_output(search), fit: summary, max: 100 }}] }}
    inputs: {{ model: m, prompt: '{{{{ memory.search_output }}}}' }}
",
        "words that are many ".repeat(100)
    )
}

fn told(does: &[(&str, &[Does])]) -> Told {
    Told { price: PRICE, ..Told::does(does) }
}

async fn run(text: &str, told: Told) -> (House, Status, Value, u64) {
    let house = House::of(&[text], told).await;
    let run = house.start("reads", json!({})).await;
    let (status, value) = house.end(run).await;
    let listed = house.runner.run(run).await.unwrap();
    assert_eq!(listed.reserved, Amount::default(), "all that was set aside is settled");
    (house, status, value, listed.spent.tokens)
}

/// Waits until just these calls were made.
async fn called(house: &House, calls: &[&str]) {
    while house.outside.calls().len() < calls.len() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(house.outside.calls(), calls);
}

#[tokio::test(start_paused = true)]
async fn summaries_are_paid_from_the_budget_of_the_run() {
    let (house, status, value, spent) = run(&reads(1_000, "1m"), told(&[])).await;
    assert_eq!(
        (status, house.outside.calls()),
        (Status::Succeeded, ["search:1", "answer~summary", "answer:1"].map(str::to_owned).to_vec()),
        "{value}"
    );
    assert!(house.outside.prompts.lock().unwrap()[0].contains("letters in short"));
    // The search, the summary, and the answer.
    assert_eq!(spent, 30);
}

#[tokio::test(start_paused = true)]
async fn a_summary_that_cannot_be_paid_is_not_made() {
    // The search took ten, and ten are set aside for the answer.
    let (house, status, error, spent) = run(&reads(29, "1m"), told(&[])).await;
    assert_eq!((status, &error["code"], spent), (Status::Failed, &json!("T-1214"), 10), "{error}");
    assert_eq!(house.outside.calls(), ["search:1"]);
}

#[tokio::test(start_paused = true)]
async fn a_summary_waits_for_what_other_calls_give_back() {
    let slow =
        "  - { name: slow, tool: model_call, on_error: continue, after: [search], inputs: { model: m, prompt: x } }\n";
    let text = format!("{}{slow}", reads(39, "1m"));
    let (house, status, error, spent) = run(&text, told(&[("slow", &[Does::Refuses(5_000)])])).await;
    assert_eq!((status, spent), (Status::Succeeded, 30), "{error}");
    assert_eq!(house.outside.calls(), ["search:1", "slow:1", "answer~summary", "answer:1"]);
}

#[tokio::test(start_paused = true)]
async fn a_summary_takes_of_the_time_of_its_step() {
    for (summary, call, calls) in [(6_000, 0, 2), (3_000, 3_000, 3)] {
        let does = [("answer~summary", &[Does::Takes(summary)][..]), ("answer", &[Does::Takes(call)])];
        let (house, status, error, _) = run(&reads(1_000, "5s"), told(&does)).await;
        assert_eq!((status, &error["code"]), (Status::Failed, &json!("T-1211")), "{error}");
        assert_eq!(house.outside.calls().len(), calls);
    }
    let does = [("answer~summary", &[Does::Takes(2_000)][..]), ("answer", &[Does::Takes(2_000)])];
    assert_eq!(run(&reads(1_000, "5s"), told(&does)).await.1, Status::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn what_a_summary_took_that_failed_is_spent() {
    let (house, status, error, spent) =
        run(&reads(1_000, "1m"), told(&[("answer~summary", &[Does::Fails("T-0304")])])).await;
    assert_eq!((status, spent), (Status::Failed, 20), "{error}");
    assert_eq!(house.outside.calls(), ["search:1", "answer~summary"]);
}

/// Two texts are made shorter one after the other. Dies in the middle of the second, and goes on where nobody remembers the first.
#[tokio::test(start_paused = true)]
async fn a_crash_pays_for_no_summary_twice() {
    let one = "{ from: tool_output(search), fit: summary, max: 100 }";
    let text = reads(1_000, "8784h")
        .replace(one, &format!("{one}, {{ from: tool_output(search), as: other, fit: summary, max: 120 }}"));
    let does = [("answer~summary", &[Does::Takes(0), Does::Takes(1 << 40)][..])];
    let house = House::of(&[&text], told(&does)).await;
    let run = house.start("reads", json!({})).await;
    called(&house, &["search:1", "answer~summary", "answer~summary"]).await;
    let house = house.crash_forgetful(&[&text], told(&[])).await;
    assert_eq!(house.end(run).await.0, Status::Succeeded);
    assert_eq!(house.outside.calls()[3..], ["answer~summary", "answer:1"]);
    // Nobody knows what the summary took in whose middle it died. The call that was to follow was not made.
    let listed = house.runner.run(run).await.unwrap();
    assert_eq!((listed.spent.tokens, listed.reserved.tokens), (50, 0));
}

/// Where calls wait for a place, summaries do too.
#[tokio::test(start_paused = true)]
async fn a_summary_takes_a_place_among_the_calls() {
    let text = format!("{}  - {{ name: other, tool: 'mcp://web/other', effect: read }}\n", reads(1_000, "10m"));
    let does = [("answer~summary", &[Does::Takes(5_000)][..]), ("other", &[Does::Takes(1 << 40)])];
    let house = House::narrow(&[&text], told(&does)).await;
    let run = house.start("reads", json!({})).await;
    called(&house, &["search:1", "other:1"]).await;
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(house.outside.calls().len(), 2, "there is one place");
    house.runner.cancel(run, &By { actor: "somebody".to_owned(), ..By::default() }).await.unwrap();
    house.end(run).await;
    assert_eq!(house.outside.calls().len(), 2);
}
