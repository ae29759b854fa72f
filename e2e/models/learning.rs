//! Routes that learn which deployment is worth the most, by how requests end and by what clients think of answers.

use super::provider::{Provider, events, json};
use super::{CHAT, CHAT_EVENTS, chat, post};
use crate::harness::{Answer, Http, Hub, Setup, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::learning":
        the_better_of_two_gets_most_and_a_restart_forgets_nothing,
        what_is_dear_is_asked_less,
        a_shadow_changes_nothing,
        who_did_not_ask_has_no_say,
        a_score_is_for_an_answer_or_a_run_and_counts_once,
    )
}

const KEY: &str = "o7rXf2kQ9vLm4TzB8sWn3YcD";
const ALICE: &str = "Zq5uE1hG7jNx6RbV0pKt2MaS";
const BOB: &str = "Wd8yJ4cP6mKz3TfH9gXs1LvQ";

/// A hub with the route `r` to `a/m` and `b/m`.
fn setup(provider: &Provider, mut route: Value, deployments: &Value) -> Setup {
    let entry = json!({"url": format!("{}/v1", provider.url)});
    route["use"] = json!(["a/m", "b/m"]);
    let models = json!({"providers": {"a": entry, "b": entry}, "routes": {"r": route}, "deployments": deployments});
    Setup::new().with("models", models)
}

async fn answering() -> Provider {
    Provider::start(|asked| if asked.json()["stream"] == true { events(&CHAT_EVENTS) } else { json(CHAT) }).await
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.header(name).unwrap_or_default()
}

async fn score(hub: &Hub, key: &str, id: &str, score: f64) -> Answer {
    let said = post(hub, "/api/v1/feedback", json!({"id": id, "score": score}).to_string());
    if key.is_empty() { said.send().await } else { said.header("authorization", &format!("Bearer {key}")).send().await }
}

/// What the route has learned, as the API says.
async fn learned(hub: &Hub) -> Value {
    Http::new("GET", &hub.at("/api/v1/models/r")).send().await.json()["learned"].clone()
}

/// Asks so often, and says that answers of `b` are good and those of `a` are not. How often each was asked.
async fn rounds(hub: &Hub, count: usize) -> (usize, usize) {
    let (mut a, mut b) = (0, 0);
    for _ in 0..count {
        let answer = chat(hub, false).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let good = header(&answer, "x-tutti-deployment") == "b/m";
        (a, b) = (a + usize::from(!good), b + usize::from(good));
        let taken = score(hub, "", header(&answer, "x-tutti-answer"), if good { 0.9 } else { 0.2 }).await;
        assert_eq!((taken.status, taken.json()), (200, json!({"answers": 1})), "{}", taken.text());
    }
    (a, b)
}

/// Only what clients say counts.
fn by_scores(explore: &str) -> Value {
    json!({"strategy": "learned", "learn": {"goal": "quality", "per_dollar": 0, "per_second": 0, "explore": explore}})
}

async fn the_better_of_two_gets_most_and_a_restart_forgets_nothing() {
    let provider = answering().await;
    // Up to 60 requests go elsewhere; that none of the first 30 reaches the better one takes more than luck.
    let hub = setup(&provider, by_scores("20%"), &json!({})).start().await;
    let first = chat(&hub, false).send().await;
    assert!(header(&first, "x-tutti-choice").starts_with("learned: a/m worth 0."), "{:?}", first.headers);
    let (a, b) = rounds(&hub, 300).await;
    assert!(b > 150, "{a} and {b}");
    let before = learned(&hub).await;
    assert_eq!((&before["decides"], &before["decided"]), (&json!(true), &json!(301)));
    assert!(before["explored"].as_u64().is_some_and(|explored| explored <= 60), "{before}");
    let worth = |learned: &Value, deployment: &str| {
        let seen = learned["seen"].as_array().into_iter().flatten().find(|seen| seen["deployment"] == deployment);
        seen.and_then(|seen| seen["worth"].as_f64()).unwrap_or_default()
    };
    assert!(worth(&before, "b/m") > worth(&before, "a/m") + 0.3, "{before}");
    let hub = hub.stop().await.start().await;
    let after = learned(&hub).await;
    assert_eq!((&after["seen"], &after["decided"]), (&before["seen"], &json!(0)));
    for _ in 0..4 {
        assert_eq!(header(&chat(&hub, true).send().await, "x-tutti-deployment"), "b/m");
    }
}

async fn what_is_dear_is_asked_less() {
    let provider = answering().await;
    let price = |dollars: u64| json!({"price": {"input": dollars, "output": dollars}});
    let route = json!({"strategy": "learned", "learn": {"goal": "cost", "explore": "0%"}});
    let hub = setup(&provider, route, &json!({"a/m": price(10_000), "b/m": price(1)})).start().await;
    for _ in 0..5 {
        assert_eq!(header(&chat(&hub, false).send().await, "x-tutti-deployment"), "b/m");
    }
}

async fn a_shadow_changes_nothing() {
    let provider = answering().await;
    let price = |dollars: u64| json!({"price": {"input": dollars, "output": dollars}});
    let prices = json!({"a/m": price(10_000), "b/m": price(1)});
    for route in [
        json!({"strategy": "learned", "learn": {"goal": "cost", "shadow": true}}),
        json!({"strategy": "order", "learn": {"goal": "cost", "shadow": true}}),
    ] {
        let hub = setup(&provider, route, &prices).start().await;
        for _ in 0..40 {
            let answer = chat(&hub, false).send().await;
            assert_eq!(header(&answer, "x-tutti-deployment"), "a/m");
            let why = header(&answer, "x-tutti-choice");
            assert!(why.starts_with("order: a/m, b/m; learned would ask b/m worth "), "{why}");
        }
        let learned = learned(&hub).await;
        let counts = (&learned["decides"], &learned["decided"], &learned["agreed"], &learned["explored"]);
        assert_eq!(counts, (&json!(false), &json!(40), &json!(0), &json!(0)), "{learned}");
    }
}

async fn who_did_not_ask_has_no_say() {
    let provider = answering().await;
    let keys = json!({"alice": {"key": ALICE}, "bob": {"key": BOB}});
    let hub = setup(&provider, by_scores("0%"), &json!({})).with("key", json!(KEY)).with("keys", keys).start().await;
    let asked = chat(&hub, false).header("authorization", &format!("Bearer {ALICE}"));
    let answer = asked.header("x-tutti-run", "nightly").send().await;
    let id = header(&answer, "x-tutti-answer");
    for (key, id) in [(BOB, id), (BOB, "nightly"), (KEY, id), (ALICE, "a-000000000000000000000000"), (ALICE, "")] {
        let refused = score(&hub, key, id, 0.0).await;
        assert_eq!(
            (refused.status, &refused.json()["error"]["data"]["code"]),
            (404, &json!("T-0920")),
            "{}",
            refused.text()
        );
    }
    assert_eq!(score(&hub, "", id, 0.0).await.status, 401);
    assert_eq!(score(&hub, ALICE, "nightly", 1.0).await.json(), json!({"answers": 1}));
}

async fn a_score_is_for_an_answer_or_a_run_and_counts_once() {
    let provider = answering().await;
    let hub = setup(&provider, by_scores("0%"), &json!({})).start().await;
    let mut ids = Vec::new();
    for stream in [false, true, false] {
        let answer = chat(&hub, stream).header("x-tutti-run", "nightly").send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        ids.push(header(&answer, "x-tutti-answer").to_owned());
    }
    assert_eq!(score(&hub, "", &ids[1], 0.5).await.json(), json!({"answers": 1}));
    assert_eq!(score(&hub, "", &ids[1], 1.0).await.json(), json!({"answers": 0}));
    assert_eq!(score(&hub, "", "nightly", 1.0).await.json(), json!({"answers": 2}));
    for body in [json!({}), json!({"id": ids[0], "score": 2}), json!({"id": ids[0], "score": "1"}), json!([1])] {
        assert_eq!(post(&hub, "/api/v1/feedback", body.to_string()).send().await.status, 400, "{body}");
    }
    // Of a route that does not learn no answer has a name.
    let plain = json!({"model": "a/m", "messages": [{"role": "user", "content": "x"}]}).to_string();
    assert_eq!(post(&hub, "/v1/chat/completions", plain).send().await.header("x-tutti-answer"), None);
}
