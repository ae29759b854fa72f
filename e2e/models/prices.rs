//! Prices that are read anew, from a file and over the network, and what becomes of them when that fails.

use super::provider::{Provider, Step, json, whole};
use super::{CHAT, post};
use crate::harness::{Http, Hub, Setup, eventually, replace, trials};
use libtest_mimic::Trial;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::prices":
        newer_prices_hold_without_a_restart_and_over_one,
        prices_come_over_the_network_and_a_broken_table_changes_nothing,
        searches_that_providers_make_are_paid_for,
    )
}

/// A table as LiteLLM publishes it, as large as that of the binary, in which an answer of [`CHAT`] by `gpt-5` costs `dollars` for
/// each of its two tokens.
fn table(dollars: &str) -> String {
    let mut models: Vec<String> = (0..4_000)
        .map(|number| {
            format!(
                r#""m{number}":{{"mode":"chat","litellm_provider":"openai","input_cost_per_token":1e-6,"output_cost_per_token":1e-6}}"#
            )
        })
        .collect();
    models.push(format!(
        r#""gpt-5":{{"mode":"chat","litellm_provider":"openai","input_cost_per_token":1e-9,"output_cost_per_token":{dollars}}}"#
    ));
    format!("{{{}}}", models.join(","))
}

fn setup(provider: &Provider, prices: &Value) -> Setup {
    let openai = json!({"url": format!("{}/v1", provider.url), "local": false, "models": ["gpt-5"]});
    Setup::new().with("models", json!({"providers": {"openai": openai}, "prices": prices}))
}

async fn standing(hub: &Hub) -> Value {
    Http::new("GET", &hub.at("/api/v1/models")).send().await.json()
}

/// Waits until this holds of the prices.
async fn until(hub: &Hub, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    eventually(what, || async {
        let all = standing(hub).await;
        if holds(&all["prices"]) { Ok(all) } else { Err(all["prices"].to_string()) }
    })
    .await
}

async fn cost(hub: &Hub) -> u64 {
    let asked = json!({"model": "gpt-5", "messages": []}).to_string();
    assert_eq!(post(hub, "/v1/chat/completions", asked).send().await.status, 200);
    let usage = Http::new("GET", &hub.at("/api/v1/usage?by=deployment")).send().await.json();
    usage["usage"][0]["cost"]["nano_dollars"].as_u64().unwrap_or_default()
}

async fn newer_prices_hold_without_a_restart_and_over_one() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let setup = setup(&provider, &json!({"from": "prices.json", "every": "1s"}));
    replace(&setup.path("prices.json"), &table("0.25"));
    let mut hub = setup.start().await;
    let all = until(&hub, "the table", |prices| prices["source"] == "refreshed").await;
    assert!(all["prices"]["from"].as_str().is_some_and(|from| from.ends_with("prices.json")), "{all}");
    let price = &all["models"][0]["deployments"][0]["context"]["cost"]["price"];
    assert_eq!((&price["source"], &price["value"]["output"]), (&json!("refreshed"), &json!("250000")), "{all}");
    assert_eq!(cost(&hub).await, 500_000_001);
    replace(&hub.setup.path("prices.json"), "{\"gpt-5\":");
    let all = until(&hub, "the failure", |prices| !prices["failure"].is_null()).await;
    assert_eq!((&all["prices"]["failure"]["code"], &all["prices"]["source"]), (&json!("T-0917"), &json!("refreshed")));
    assert_eq!(cost(&hub).await, 1_000_000_002);
    // The last good table is there before anything is read.
    hub.signal(Signal::TERM);
    hub.end().await;
    let hub = std::mem::replace(&mut hub.setup, Setup::new()).start().await;
    assert_eq!(standing(&hub).await["prices"]["source"], "refreshed");
    assert_eq!(cost(&hub).await, 1_500_000_003);
}

async fn prices_come_over_the_network_and_a_broken_table_changes_nothing() {
    let answer: Arc<Mutex<Vec<Step>>> = Arc::new(Mutex::new(whole(200, "application/json", &[], &table("0.25"))));
    let now = Arc::clone(&answer);
    let provider = Provider::start(move |asked| match asked.target.as_str() {
        "/prices.json?key=hidden" => now.lock().unwrap().clone(),
        _ => json(CHAT),
    })
    .await;
    let from = format!("{}/prices.json?key=hidden", provider.url);
    let hub = setup(&provider, &json!({"from": from, "every": "1s"})).start().await;
    let all = until(&hub, "the table", |prices| prices["source"] == "refreshed").await;
    assert!(!all.to_string().contains("hidden"), "{all}");
    for broken in [
        whole(200, "application/json", &[], r#"{"gpt-5":{"mode":"chat","litellm_provider":"openai"}}"#),
        whole(302, "text/plain", &[("location", "http://127.0.0.1:1/")], ""),
        whole(500, "text/plain", &[], "no"),
    ] {
        let expected = all["prices"]["version"].clone();
        *answer.lock().unwrap() = whole(200, "application/json", &[], &table("0.25"));
        until(&hub, "the table", |prices| prices["failure"].is_null()).await;
        *answer.lock().unwrap() = broken;
        let failed = until(&hub, "the failure", |prices| !prices["failure"].is_null()).await;
        assert_eq!(failed["prices"]["version"], expected);
        assert!(!failed.to_string().contains("hidden"), "{failed}");
    }
    assert_eq!(cost(&hub).await, 500_000_001);
}

async fn searches_that_providers_make_are_paid_for() {
    let claude = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn", "stop_sequence": null,
        "content": [{"type": "text", "text": "Deep."}],
        "usage": {"input_tokens": 0, "output_tokens": 0, "server_tool_use": {"web_search_requests": 2}},
    });
    let item = |kind: &str| json!({"type": kind, "id": "i", "status": "completed", "action": {"type": "search", "query": "q"}});
    let response = json!({
        "id": "resp_1", "object": "response", "status": "completed", "model": "m",
        "output": [item("web_search_call"), item("file_search_call"), item("web_search_call")],
        "usage": {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0},
    });
    let provider = Provider::start(move |asked| {
        json(&if asked.target.ends_with("/messages") { claude.to_string() } else { response.to_string() })
    })
    .await;
    let models = json!({
        "providers": {
            "anthropic": {"kind": "anthropic", "url": provider.url, "local": false},
            "other": {"url": format!("{}/v1", provider.url), "local": false, "dialects": ["openai-chat", "openai-responses"]},
        },
        "deployments": {"other/m": {"price": {"input": 0, "output": 0, "web_search": 0.02, "file_search": 0.003}}},
        "budget": "$0.15",
    });
    let hub = Setup::new().with("models", models).start().await;
    let tool = json!([{"type": "web_search_20250305", "name": "web_search", "max_uses": 3}]);
    let body = json!({"model": "anthropic/claude-sonnet-4-5", "max_tokens": 1, "messages": [], "tools": tool});
    let got = post(&hub, "/v1/messages", body.to_string()).send().await;
    assert_eq!(got.status, 429, "as much is set aside as the model may read: {}", got.text());
    assert_eq!(provider.asked().len(), 0);
    let body = json!({"model": "anthropic/claude-sonnet-4-5", "max_tokens": 1, "messages": []});
    assert_eq!(post(&hub, "/v1/messages", body.to_string()).send().await.status, 200);
    let body = |most: u64| json!({"model": "other/m", "input": "x", "max_tool_calls": most, "tools": [{"type": "web_search"}]});
    let got = post(&hub, "/v1/responses", body(3).to_string()).send().await;
    assert_eq!(got.status, 200, "{}", got.text());
    // 20 and 43 thousandths are spent of 150.
    let refused = post(&hub, "/v1/responses", body(5).to_string()).send().await;
    assert_eq!((refused.status, refused.header("x-tutti-code")), (429, Some("T-0914")), "{}", refused.text());
    let usage = Http::new("GET", &hub.at("/api/v1/usage?by=deployment")).send().await.json();
    let rows = usage["usage"].as_array().cloned().unwrap_or_default();
    let of = |name: &str| {
        rows.iter().find(|row| row["deployment"] == name).and_then(|row| row["cost"]["nano_dollars"].as_u64())
    };
    // The table knows what Claude's searches cost, the configuration those of the other.
    assert_eq!(of("anthropic/claude-sonnet-4-5"), Some(20_000_000), "{usage:#}");
    assert_eq!(of("other/m"), Some(43_000_000), "{usage:#}");
}
