//! How much a provider and a deployment are asked: what is at its limit is passed over, and waited for where nobody else answers.

use super::provider::{Provider, Step, json};
use super::{CHAT, chat, post};
use crate::harness::{Http, Hub, Setup, eventually, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Semaphore;

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::limits":
        one_at_its_limit_is_passed_over_and_waited_for,
        as_many_wait_as_may_and_no_longer_than_said,
        a_rate_and_tokens_are_kept_and_told_in_the_clients_dialect,
        the_choice_says_who_is_at_its_limit,
    )
}

async fn hub(models: Value) -> Hub {
    Setup::new().with("models", models).start().await
}

fn at(provider: &Provider, limits: Value) -> Value {
    let mut entry = json!({"url": format!("{}/v1", provider.url)});
    if !limits.is_null() {
        entry["limits"] = limits;
    }
    entry
}

/// A provider that answers as often as it is let.
async fn gated() -> (Provider, Arc<Semaphore>) {
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    (Provider::start(move |_| [vec![Step::Wait(Arc::clone(&held))], json(CHAT)].concat()).await, gate)
}

async fn asked(provider: &Provider, count: usize) {
    eventually("the provider is asked", || async {
        let asked = provider.asked().len();
        if asked == count { Ok(()) } else { Err(asked.to_string()) }
    })
    .await;
}

async fn one_at_its_limit_is_passed_over_and_waited_for() {
    let (one, gate) = gated().await;
    let (two, other) = gated().await;
    let limits = json!({"concurrency": 1, "wait": "5m"});
    let hub = hub(json!({
        "providers": {"a": at(&one, limits.clone()), "b": at(&two, Value::Null)},
        "deployments": {"b/m": {"limits": limits}},
        "routes": {"r": {"use": ["a/m", "b/m"]}},
    }))
    .await;
    let first = tokio::spawn(chat(&hub, false).send());
    asked(&one, 1).await;
    let second = tokio::spawn(chat(&hub, false).send());
    asked(&two, 1).await;
    let third = tokio::spawn(chat(&hub, false).send());
    other.add_permits(1);
    let second = second.await.expect("it does not panic");
    assert_eq!((second.status, second.header("x-tutti-attempts")), (200, Some("b/m answered")));
    assert_eq!(second.header("x-tutti-choice"), Some("order: b/m, a/m (at its limit)"));
    // Whoever has waited takes the place of the second, and not that of the first, which is at work still.
    other.add_permits(1);
    let third = third.await.expect("it does not panic");
    assert_eq!((third.status, third.header("x-tutti-deployment")), (200, Some("b/m")), "{}", third.text());
    gate.add_permits(1);
    let first = first.await.expect("it does not panic");
    assert_eq!((first.status, first.header("x-tutti-deployment")), (200, Some("a/m")));
    assert_eq!((one.asked().len(), two.asked().len()), (1, 2));
}

async fn as_many_wait_as_may_and_no_longer_than_said() {
    let (one, gate) = gated().await;
    let models = |queue: u32, wait: &str| {
        let limits = json!({"concurrency": 1, "queue": queue, "wait": wait});
        json!({"providers": {"a": at(&one, limits)}, "routes": {"r": {"use": "a/m"}}})
    };
    let none = hub(models(0, "5m")).await;
    let first = tokio::spawn(chat(&none, false).send());
    asked(&one, 1).await;
    let refused = chat(&none, false).send().await;
    assert_eq!((refused.status, refused.header("x-tutti-code")), (429, Some("T-0921")), "{}", refused.text());
    assert_eq!(refused.header("retry-after"), Some("1"));
    gate.add_permits(1);
    assert_eq!(first.await.expect("it does not panic").status, 200);
    let short = hub(models(1, "50ms")).await;
    let first = tokio::spawn(chat(&short, false).send());
    asked(&one, 2).await;
    let refused = chat(&short, false).send().await;
    assert_eq!((refused.status, refused.header("x-tutti-code")), (429, Some("T-0921")), "{}", refused.text());
    // Who leaves in the middle makes room too.
    first.abort();
    eventually("there is room again", || async {
        // The first may take one of them before it is told that nobody waits for it.
        gate.add_permits(2);
        let answer = chat(&short, false).send().await;
        if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
}

async fn a_rate_and_tokens_are_kept_and_told_in_the_clients_dialect() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let models = json!({
        "providers": {"a": at(&provider, json!({"rate": "1/d"})), "b": at(&provider, json!({"tokens": "60/d"}))},
    });
    let hub = hub(models).await;
    let ask = async |path: &str, model: &str, most: u32| {
        let body = json!({"model": model, "max_tokens": most, "messages": [{"role": "user", "content": "x"}]});
        post(&hub, path, body.to_string()).send().await
    };
    assert_eq!(ask("/v1/chat/completions", "a/m", 5).await.status, 200);
    let refused = ask("/v1/messages", "a/n", 5).await;
    assert_eq!((refused.status, refused.header("x-tutti-code")), (429, Some("T-0921")), "{}", refused.text());
    let said = refused.json();
    assert_eq!((said["type"].as_str(), said["error"]["type"].as_str()), (Some("error"), Some("rate_limit_error")));
    let wait: u64 = refused.header("retry-after").and_then(|wait| wait.parse().ok()).expect("it says when");
    assert!((80_000..=86_400).contains(&wait), "{wait}");
    // What is expected is set aside, and what was used in the end counts.
    assert_eq!(ask("/v1/chat/completions", "b/m", 50).await.status, 200);
    assert_eq!(ask("/v1/chat/completions", "b/m", 58).await.status, 429);
    assert_eq!(ask("/v1/chat/completions", "b/m", 20).await.status, 200);
    assert_eq!(provider.asked().len(), 3);
}

async fn the_choice_says_who_is_at_its_limit() {
    let (one, gate) = gated().await;
    let two = Provider::start(|_| json(CHAT)).await;
    let hub = hub(json!({
        "providers": {"a": at(&one, json!({"concurrency": 1})), "b": at(&two, Value::Null)},
        "routes": {"r": {"use": ["a/m", "b/m"], "place": "prefer-local"}},
    }))
    .await;
    let first = tokio::spawn(chat(&hub, false).send());
    asked(&one, 1).await;
    let answer = chat(&hub, false).send().await;
    assert_eq!((answer.status, answer.header("x-tutti-deployment")), (200, Some("b/m")));
    let why = answer.header("x-tutti-choice").unwrap_or_default();
    assert!(why.contains("a/m (at its limit)"), "{why}");
    let told = Http::new("GET", &hub.at("/api/v1/models/r")).send().await.json();
    let limit = json!({
        "of": "a", "concurrency": 1, "rate": null, "tokens": null, "running": 1, "waiting": 0, "full": true,
    });
    assert_eq!((&told["deployments"][0]["limits"], &told["deployments"][1]["limits"]), (&json!([limit]), &json!([])));
    gate.add_permits(1);
    assert_eq!(first.await.expect("it does not panic").status, 200);
}
