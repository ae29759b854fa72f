//! Providers that are looked at while nobody asks them, and files of models that describe deployments.

use super::provider::{Asked, Provider, Step, json, whole};
use super::{CHAT, post};
use crate::harness::{Http, Hub, Setup, eventually, replace, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::probes":
        one_that_does_not_answer_is_asked_behind_the_others,
        each_kind_is_looked_at_where_it_costs_nothing,
        a_file_describes_its_deployment,
    )
}

/// One that answers what is asked of models, and with `status` where it is looked whether it answers.
async fn provider(status: &Arc<AtomicU16>) -> Provider {
    let status = Arc::clone(status);
    Provider::start(move |asked| match status.load(Ordering::SeqCst) {
        _ if !is_probe(asked) => json(CHAT),
        0 => vec![Step::Reset],
        200 => json(r#"{"data":[]}"#),
        status => whole(status, "application/json", &[], r#"{"error":{"message":"secret-key is wrong"}}"#),
    })
    .await
}

fn is_probe(asked: &Asked) -> bool {
    asked.body.is_empty()
}

/// What was seen when it was looked last whether the provider of the deployment answers.
async fn seen(hub: &Hub, deployment: &str) -> Value {
    let known = Http::new("GET", &hub.at("/api/v1/models?deployments=true")).send().await.json();
    let all = known["models"].as_array().cloned().unwrap_or_default();
    let found = all.iter().flat_map(|model| model["deployments"].as_array().into_iter().flatten());
    found.clone().find(|found| found["name"] == deployment).map_or(Value::Null, |found| found["probe"].clone())
}

async fn until(hub: &Hub, deployment: &str, code: &Value) -> Value {
    eventually("it was seen", || async {
        let seen = seen(hub, deployment).await;
        let fits = seen.is_object() && &seen["failure"]["code"] == code;
        if fits { Ok(seen) } else { Err(seen.to_string()) }
    })
    .await
}

async fn answers(hub: &Hub) -> String {
    let body = json!({"model": "r", "messages": []}).to_string();
    let answer = post(hub, "/v1/chat/completions", body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.header("x-tutti-deployment").unwrap_or_default().to_owned()
}

async fn one_that_does_not_answer_is_asked_behind_the_others() {
    let status = Arc::new(AtomicU16::new(200));
    let (first, second) = (provider(&status).await, provider(&Arc::new(AtomicU16::new(200))).await);
    let models = |probe: Value| {
        let entry = |url: &str| json!({"url": format!("{url}/v1"), "api_key": "secret-key", "probe": probe});
        json!({
            "providers": {"a": entry(&first.url), "b": entry(&second.url)},
            "routes": {"r": {"use": ["a/m", "b/m"]}},
        })
    };
    let often = json!({"every": "100ms"});
    let hub = Setup::new().with("models", models(often)).start().await;
    until(&hub, "a/m", &Value::Null).await;
    assert_eq!(answers(&hub).await, "a/m");
    for (said, code) in [(500, "T-0907"), (401, "T-0909"), (0, "T-0905")] {
        status.store(said, Ordering::SeqCst);
        let seen = until(&hub, "a/m", &json!(code)).await;
        assert!(!seen.to_string().contains("secret-key"), "{seen}");
        assert_eq!(answers(&hub).await, "b/m", "{said}");
    }
    // It answers, whatever it thinks of the question.
    status.store(404, Ordering::SeqCst);
    until(&hub, "a/m", &Value::Null).await;
    assert_eq!(answers(&hub).await, "a/m");
    status.store(503, Ordering::SeqCst);
    until(&hub, "a/m", &json!("T-0907")).await;
    // One that is not looked at any more is not held to what was seen.
    let mut config = hub.setup.config.clone();
    config["models"] = models(Value::Null);
    replace(&hub.setup.config_path(), &config.to_string());
    eventually("it is forgotten", || async {
        let seen = seen(&hub, "a/m").await;
        if seen.is_null() { Ok(()) } else { Err(seen.to_string()) }
    })
    .await;
    assert_eq!(answers(&hub).await, "a/m");
}

async fn each_kind_is_looked_at_where_it_costs_nothing() {
    let table = [
        ("openai-compatible", "/v1/models", "authorization"),
        ("anthropic", "/v1/models", "x-api-key"),
        ("gemini", "/v1beta/models", "x-goog-api-key"),
        ("ollama", "/api/tags", "authorization"),
    ];
    for (kind, target, credential) in table {
        let provider = provider(&Arc::new(AtomicU16::new(200))).await;
        let entry =
            json!({"kind": kind, "url": provider.url, "api_key": "k", "models": ["m"], "probe": {"every": "1h"}});
        let hub = Setup::new().with("models", json!({"providers": {"p": entry}})).start().await;
        until(&hub, "p/m", &Value::Null).await;
        let asked = provider.last();
        assert_eq!(asked.target, target, "{kind}");
        assert!(asked.header(credential).is_some(), "{kind}");
        assert_eq!(provider.asked().len(), 1, "{kind}");
    }
}

async fn a_file_describes_its_deployment() {
    let setup = Setup::new();
    std::fs::write(setup.path("m.gguf"), include_bytes!("../../tiny/data/tiny.gguf")).expect("a file can be written");
    let models = json!({
        "providers": {"local": {"url": "http://127.0.0.1:1/v1"}},
        "deployments": {"local/m": {"file": "m.gguf"}, "local/n": {"file": "none.gguf", "max_output": 7}},
    });
    let hub = setup.with("models", models).start().await;
    let hub = &hub;
    let known = |name: &'static str| async move {
        Http::new("GET", &hub.at(&format!("/api/v1/models/{name}"))).send().await.json()["deployments"][0].clone()
    };
    let known_of = known("local%2Fm").await;
    assert_eq!(known_of["context"]["limits"]["context"], json!({"value": 256, "source": "file"}), "{known_of}");
    assert_eq!(known_of["unprobed"], Value::Null, "{known_of}");
    let missing = known("local%2Fn").await;
    assert_eq!(missing["context"]["limits"]["max_output"], json!({"value": 7, "source": "config"}), "{missing}");
    assert!(missing["unprobed"]["message"].as_str().is_some_and(|why| why.contains("none.gguf")), "{missing}");
}
