//! Budgets: what may be spent, by whom, and that neither a race nor a crash spends more.

mod tiers;

use super::provider::{Provider, Step, events, json, whole};
use super::{CHAT, chat, post};
use crate::harness::{Http, Setup, trials};
use libtest_mimic::Trial;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::sync::Arc;
use tiers::{
    each_route_of_a_request_pays_for_what_is_asked_through_it, the_tier_that_an_answer_names_is_paid_for,
    what_may_be_served_dearer_is_set_aside_dearer,
};
use tokio::task::JoinSet;

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::budgets":
        a90_two_hundred_clients_get_exactly_what_the_budget_pays_for,
        a90_a115_a_kill_in_the_middle_overspends_nothing,
        each_budget_holds_for_what_it_is_named_for,
        a_model_without_a_price_is_not_asked_on_a_budget,
        what_is_not_used_is_given_back,
        what_came_and_was_of_no_use_is_paid,
        tokens_are_limited_for_a_key,
        kept_answers_are_in_the_books_and_cost_nothing,
        the_tier_that_an_answer_names_is_paid_for,
        what_may_be_served_dearer_is_set_aside_dearer,
        each_route_of_a_request_pays_for_what_is_asked_through_it,
    )
}

pub(super) const KEY: &str = "o7rXf2kQ9vLm4TzB8sWn3YcD";
pub(super) const ALICE: &str = "Zq5uE1hG7jNx6RbV0pKt2MaS";
const BOB: &str = "Yw3dF8sJ1kLc5TnH4vQe7XgA";

/// A hub with one provider far away, whose model costs a thousandth of a dollar a token that it says and nothing for what it
/// reads: an answer of [`CHAT`] costs $0.002.
pub(super) fn priced(provider: &Provider, more: Value) -> Setup {
    let mut models = json!({
        "providers": {"p": {"url": format!("{}/v1", provider.url), "local": false}},
        "routes": {"r": {"use": ["p/m"]}},
        "deployments": {"p/m": {"price": {"input": 0, "output": 1000}, "max_output": 2}},
    });
    if let (Some(models), Value::Object(more)) = (models.as_object_mut(), more) {
        models.extend(more);
    }
    Setup::new().with("models", models)
}

async fn a90_two_hundred_clients_get_exactly_what_the_budget_pays_for() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let hub = Arc::new(priced(&provider, json!({"budget": "$0.1"})).start().await);
    let mut clients = JoinSet::new();
    for _ in 0..200 {
        let hub = Arc::clone(&hub);
        clients.spawn(async move {
            let answer = chat(&hub, false).send().await;
            (answer.status, answer.header("x-tutti-code").map(str::to_owned))
        });
    }
    let mut answers = clients.join_all().await;
    answers.sort();
    let answered = answers.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!((answered, provider.asked().len()), (50, 50));
    assert_eq!(answers.last(), Some(&(429, Some("T-0914".to_owned()))));
    assert_eq!(answers.iter().filter(|(status, _)| *status == 429).count(), 150);
}

async fn a90_a115_a_kill_in_the_middle_overspends_nothing() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let mut setup = priced(&provider, json!({"budget": "$0.4"}));
    for _ in 0..3 {
        let hub = Arc::new(setup.start().await);
        let mut clients = JoinSet::new();
        for _ in 0..40 {
            let hub = Arc::clone(&hub);
            clients.spawn(async move { chat(&hub, false).try_open().await.is_ok() });
        }
        // As soon as some are through the hub is killed among the others.
        for _ in 0..10 {
            clients.join_next().await;
        }
        hub.signal(Signal::KILL);
        clients.join_all().await;
        let mut hub = Arc::into_inner(hub).expect("all clients are gone");
        hub.end().await;
        setup = std::mem::replace(&mut hub.setup, Setup::new());
    }
    let before = provider.asked().len();
    assert!((30..=120).contains(&before), "{before}");
    let hub = setup.start().await;
    while chat(&hub, false).send().await.status == 200 {}
    let spent = provider.asked().len();
    assert!(spent <= 200, "a budget of 200 answers paid for {spent}");
    // What a kill costs is a small part of the budget at a time, and is told.
    assert!(spent >= 150, "{spent}");
}

async fn each_budget_holds_for_what_it_is_named_for() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let keys = json!({
        "alice": {"key": ALICE, "budget": "$0.004/day", "team": "research"},
        "bob": {"key": BOB, "team": "research"},
    });
    let setup =
        priced(&provider, json!({"routes": {"r": {"use": ["p/m"]}, "dear": {"use": ["p/m"], "budget": "$0.002"}}}));
    let teams = json!({"research": {"budget": "$0.010"}});
    let hub = setup.with("key", json!(KEY)).with("keys", keys).with("teams", teams).start().await;
    let asked = async |key: &str, model: &str| {
        let body = json!({"model": model, "messages": []}).to_string();
        let bearer = format!("Bearer {key}");
        post(&hub, "/v1/chat/completions", body).header("authorization", &bearer).send().await
    };
    let mut statuses = Vec::new();
    for (key, model) in
        [(ALICE, "r"), (ALICE, "r"), (ALICE, "r"), (BOB, "dear"), (BOB, "dear"), (BOB, "r"), (BOB, "r"), (BOB, "r")]
    {
        statuses.push(asked(key, model).await.status);
    }
    assert_eq!(statuses, [200, 200, 429, 200, 429, 200, 200, 429]);
    // Who runs the hub is in none of these.
    assert_eq!(asked(KEY, "r").await.status, 200);
    let refused = asked(ALICE, "r").await;
    assert_eq!(refused.header("x-tutti-code"), Some("T-0914"));
    let wait: u64 = refused.header("retry-after").and_then(|wait| wait.parse().ok()).expect("the day ends");
    // Libraries that do as they are told would wait for hours, and say nothing.
    assert_eq!(refused.header("x-should-retry"), (wait > 60).then_some("false"));
    let message = refused.json()["error"]["message"].to_string();
    assert!(message.contains("key:alice") && message.contains("$0.004"), "{message}");
    assert!(!message.contains(ALICE));
}

async fn a_model_without_a_price_is_not_asked_on_a_budget() {
    let provider = Provider::start(|_| json(CHAT)).await;
    // One that says something else than what tokens cost is none.
    for price in [json!({}), json!({"p/m": {"price": {"web_search": 0.02}}}), json!({"p/m": {"price": {"input": 1}}})] {
        let hub = priced(&provider, json!({"budget": "$1", "deployments": price})).start().await;
        let answer = chat(&hub, false).send().await;
        assert_eq!((answer.status, answer.header("x-tutti-code")), (503, Some("T-0915")), "{price}");
        assert!(answer.text().contains("deployments"), "{}", answer.text());
    }
    assert_eq!(provider.asked().len(), 0);
}

async fn what_is_not_used_is_given_back() {
    // A refusal and a failure, after which it is asked once more, cost nothing, and a stream costs what it says at its end.
    let steps: Vec<Vec<Step>> = vec![
        whole(500, "application/json", &[], r#"{"error":{"message":"x"}}"#),
        whole(500, "application/json", &[], r#"{"error":{"message":"x"}}"#),
        whole(400, "application/json", &[], r#"{"error":{"message":"x"}}"#),
        events(&[
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n",
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1,\"total_tokens\":10}}\n\n",
            "data: [DONE]\n\n",
        ]),
        json(CHAT),
    ];
    let steps = std::sync::Mutex::new(steps.into_iter());
    let provider = Provider::start(move |_| steps.lock().unwrap().next().unwrap_or_else(|| json(CHAT))).await;
    let hub = priced(&provider, json!({"budget": "$0.003"})).start().await;
    let mut statuses = Vec::new();
    for stream in [false, false, true, false, false] {
        statuses.push(chat(&hub, stream).send().await.status);
    }
    assert_eq!(statuses, [502, 400, 200, 200, 429]);
}

async fn what_came_and_was_of_no_use_is_paid() {
    let long = CHAT.replace("\"model\"", &format!("\"padding\":\"{}\",\"model\"", "x".repeat(5_000)));
    for (what, stream, answer) in [("no stream", true, CHAT.to_owned()), ("too large", false, long)] {
        let provider = Provider::start(move |_| json(&answer)).await;
        let providers = json!({"p": {"url": format!("{}/v1", provider.url), "local": false, "answer_limit": "2KiB"}});
        let hub = priced(&provider, json!({"providers": providers, "budget": "$0.003"})).start().await;
        let statuses = [chat(&hub, stream).send().await.status, chat(&hub, stream).send().await.status];
        assert_eq!(statuses, [502, 429], "{what}");
    }
}

async fn tokens_are_limited_for_a_key() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let keys = json!({"alice": {"key": ALICE, "tokens": "60/h"}});
    let hub = priced(&provider, json!({})).with("key", json!(KEY)).with("keys", keys).start().await;
    let body =
        format!(r#"{{"model":"r","max_tokens":2,"messages":[{{"role":"user","content":"{}"}}]}}"#, "a".repeat(120));
    let asked =
        || post(&hub, "/v1/chat/completions", body.clone()).header("authorization", &format!("Bearer {ALICE}")).send();
    // It is nearly fifty tokens by its size, and three by what the provider says.
    assert_eq!(asked().await.status, 200);
    assert_eq!(asked().await.status, 200);
    let long = body.replace("\"max_tokens\":2", "\"max_tokens\":200");
    let answer =
        post(&hub, "/v1/chat/completions", long).header("authorization", &format!("Bearer {ALICE}")).send().await;
    assert_eq!((answer.status, answer.header("x-tutti-code")), (429, Some("T-0325")));
    assert!(answer.header("retry-after").is_some());
}

async fn kept_answers_are_in_the_books_and_cost_nothing() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let kept = json!({"r": {"use": ["p/m"], "cache": {"exact": "1h", "any_temperature": true}}});
    let hub = priced(&provider, json!({"budget": "$0.003", "routes": kept})).start().await;
    for expected in ["miss", "hit", "hit"] {
        assert_eq!(chat(&hub, false).send().await.header("x-tutti-cache"), Some(expected));
    }
    assert_eq!(chat(&hub, true).send().await.status, 429, "what is not kept is paid for");
    let usage = Http::new("GET", &hub.at("/api/v1/usage?by=deployment")).send().await.json();
    let rows = usage["usage"].as_array().cloned().unwrap_or_default();
    let row = rows.into_iter().find(|row| row["deployment"] == "p/m" && row["cached"] != 0).unwrap_or_default();
    assert_eq!((&row["cached"], &row["cost"]["nano_dollars"]), (&json!(2), &json!(2_000_000)), "{usage}");
}
