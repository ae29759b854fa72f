//! Clients that want more than is left, and providers that lie about what they took.

use super::super::budgets::priced;
use super::super::provider::{Provider, Step, events, json};
use super::super::{CHAT, CHAT_EVENTS, chat, post};
use crate::harness::{Http, Setup, eventually, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::task::JoinSet;

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::attacks":
        a87_a90_streams_that_are_left_are_paid_for,
        a89_requests_beyond_a_budget_are_not_sent,
        a89_requests_beyond_a_model_are_not_sent,
        a90_a_thousand_clients_spend_the_last_cent_once,
        a90_what_a_provider_may_read_otherwise_is_not_sent,
        a90_numbers_of_providers_overflow_nothing,
    )
}

const PATH: &str = "/v1/chat/completions";

/// Requests that are far beyond what a model reads or writes, each with what is wrong with it.
fn beyond() -> Vec<(&'static str, String)> {
    let message = |content: Value| json!([{"role": "user", "content": content}]);
    let image = json!({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}});
    let bias: serde_json::Map<String, Value> = (0..100_000).map(|token| (token.to_string(), json!(-100))).collect();
    let bodies = [
        ("answers", json!({"model": "r", "n": 1000, "max_tokens": 1000, "messages": message(json!("a"))})),
        ("tokens", json!({"model": "r", "max_tokens": 1_000_000_000, "messages": message(json!("a"))})),
        ("prompt", json!({"model": "r", "messages": message(json!("a".repeat(2 << 20)))})),
        ("images", json!({"model": "r", "messages": message(json!(vec![image; 10_000]))})),
        ("bias", json!({"model": "r", "logit_bias": bias, "messages": message(json!("a"))})),
    ];
    bodies.into_iter().map(|(what, body)| (what, body.to_string())).collect()
}

async fn a89_requests_beyond_a_budget_are_not_sent() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let price = json!({"p/m": {"price": {"input": 1, "output": 10}, "max_output": 100, "context_length": 1_000_000}});
    let hub = priced(&provider, json!({"budget": "$0.5", "deployments": price})).start().await;
    let file = json!({"type": "file", "file": {"file_id": "file-1"}});
    let document = json!({"model": "r", "messages": [{"role": "user", "content": [file]}]}).to_string();
    for (what, body) in beyond().into_iter().chain([("document", document)]) {
        let got = post(&hub, PATH, body).send().await;
        assert_eq!((got.status, got.header("x-tutti-code")), (429, Some("T-0914")), "{what}: {}", got.text());
    }
    assert_eq!(provider.asked().len(), 0, "nothing is sent that might not be paid for");
    assert_eq!(chat(&hub, false).send().await.status, 200, "and nothing is taken for it");
}

async fn a89_requests_beyond_a_model_are_not_sent() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let models = json!({
        "providers": {"p": {"url": format!("{}/v1", provider.url)}},
        "routes": {"r": {"use": ["p/m"], "strategy": "cost"}},
        "deployments": {"p/m": {"price": {"input": 0, "output": 1}, "max_output": 100, "context_length": 8000}},
    });
    let hub = Setup::new().with("models", models).start().await;
    for (what, body) in beyond() {
        let got = post(&hub, PATH, body).send().await;
        assert_eq!((got.status, got.header("x-tutti-code")), (400, Some("T-0916")), "{what}: {}", got.text());
    }
    assert_eq!(provider.asked().len(), 0);
    assert_eq!(chat(&hub, false).send().await.status, 200);
}

async fn a90_a_thousand_clients_spend_the_last_cent_once() {
    let provider = Provider::start(|asked| {
        let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n";
        let stream = [CHAT_EVENTS[1], CHAT_EVENTS[2], usage, CHAT_EVENTS[3]];
        if asked.json()["stream"] == true { events(&stream) } else { json(CHAT) }
    })
    .await;
    // An answer costs $0.002.
    let hub = Arc::new(priced(&provider, json!({"budget": "$0.01"})).start().await);
    let (mut clients, mut statuses) = (JoinSet::new(), Vec::new());
    for number in 0..1000_u32 {
        if clients.len() == 100 {
            statuses.extend(clients.join_next().await);
        }
        let hub = Arc::clone(&hub);
        clients.spawn(async move { chat(&hub, number.is_multiple_of(2)).send().await.status });
    }
    while let Some(status) = clients.join_next().await {
        statuses.push(status);
    }
    let statuses: Vec<u16> = statuses.into_iter().map(|status| status.expect("no client panics")).collect();
    let answered = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!((answered, provider.asked().len()), (5, 5));
    assert!(statuses.iter().all(|status| matches!(status, 200 | 429)), "{statuses:?}");
}

async fn a90_what_a_provider_may_read_otherwise_is_not_sent() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let hub = priced(&provider, json!({"budget": "$0.01"})).start().await;
    let members = [
        r#""n":"1000""#,
        r#""n":1e3"#,
        r#""n":4294967296"#,
        r#""N":1000"#,
        r#""MAX_TOKENS":1000000"#,
        "\"max_to\u{212a}ens\":1000000",
        r#""MODEL":"dear""#,
        r#""model\u0000":"dear""#,
        r#""stream":"true""#,
        r#""stream":1"#,
    ];
    for member in members {
        let body = format!(r#"{{"model":"r","max_tokens":1,{member},"messages":[]}}"#);
        let got = post(&hub, PATH, body).send().await;
        assert_eq!((got.status, got.header("x-tutti-code")), (400, Some("T-0902")), "{member}: {}", got.text());
    }
    // What can be read in one way only is reserved for.
    for member in [r#""n":1000.0"#, r#""n":1000"#] {
        let body = format!(r#"{{"model":"r","max_tokens":1,{member},"messages":[]}}"#);
        assert_eq!(post(&hub, PATH, body).send().await.header("x-tutti-code"), Some("T-0914"), "{member}");
    }
    assert_eq!(provider.asked().len(), 0);
}

async fn a87_a90_streams_that_are_left_are_paid_for() {
    let provider = Provider::start(|_| {
        let mut steps = events(&CHAT_EVENTS[..2]);
        steps.pop();
        steps.push(Step::Stall);
        steps
    })
    .await;
    let hub = priced(&provider, json!({"budget": "$0.0025"})).start().await;
    let mut stream = chat(&hub, true).open().await;
    stream.next_message("the first event").await;
    drop(stream);
    let spent = eventually("what went by is in the books", || async {
        let budgets = Http::new("GET", &hub.at("/api/v1/budgets")).send().await.json();
        let spent = budgets["budgets"][0]["spent"]["nano_dollars"].as_u64().unwrap_or_default();
        if spent > 0 { Ok(spent) } else { Err(budgets.to_string()) }
    })
    .await;
    assert!((1_000_000..=2_000_000).contains(&spent), "{spent}");
    assert_eq!(chat(&hub, true).open().await.status, 429, "it has used up what the next one needs");
}

async fn a90_numbers_of_providers_overflow_nothing() {
    let lies = [
        r#"{"prompt_tokens":-5,"completion_tokens":-1000000,"total_tokens":-1}"#,
        r#"{"prompt_tokens":18446744073709551615,"completion_tokens":18446744073709551615,"total_tokens":1}"#,
        r#"{"prompt_tokens":1e30,"completion_tokens":1e308,"total_tokens":1e999}"#,
        r#"{"prompt_tokens":99999999999999999999999999,"completion_tokens":"x","total_tokens":[]}"#,
        r#"{"prompt_tokens":1,"prompt_tokens_details":{"cached_tokens":18446744073709551615},"completion_tokens":1,"completion_tokens_details":{"reasoning_tokens":9223372036854775808}}"#,
        r#"{"prompt_tokens":{},"completion_tokens":true}"#,
        "[]",
        "7",
    ];
    let provider = Provider::start(move |asked| {
        let asked = asked.json();
        let lie = lies[usize::try_from(asked["seed"].as_u64().unwrap_or_default()).unwrap_or_default()];
        let head = CHAT.split("\"usage\"").next().unwrap_or_default();
        if asked["stream"] == true {
            let end = format!("data: {{\"choices\":[],\"usage\":{lie}}}\n\n");
            return events(&[CHAT_EVENTS[1], CHAT_EVENTS[2], &end, CHAT_EVENTS[3]]);
        }
        json(&format!("{head}\"usage\":{lie}}}"))
    })
    .await;
    let hub = priced(&provider, json!({})).start().await;
    let mut requests = 0;
    for (seed, lie) in lies.iter().enumerate() {
        for stream in [false, true] {
            let body = json!({"model": "r", "seed": seed, "stream": stream, "messages": []}).to_string();
            let got = post(&hub, PATH, body).send().await;
            assert_eq!(got.status, 200, "{lie}: {}", got.text());
            requests += 1;
        }
    }
    let row = eventually("all of it is in the books", || async {
        let usage = Http::new("GET", &hub.at("/api/v1/usage?by=deployment")).send().await;
        let row = usage.json()["usage"][0].clone();
        if row["requests"] == requests { Ok(row) } else { Err(usage.text()) }
    })
    .await;
    for name in ["input", "output", "cache_read", "cache_write", "reasoning"] {
        assert!(row["tokens"][name].is_u64() || row[name].is_u64(), "{name}: {row}");
    }
    assert!(row["cost"]["nano_dollars"].as_u64().is_some_and(|cost| cost > 0), "{row}");
    assert_eq!(chat(&hub, false).send().await.status, 200);
}
