//! Who may ask: the hub's own keys, in each place where clients of models put them. None of them gets to a provider.

use super::provider::{Provider, Step, events, json, piece, stream_head};
use super::{CHAT, CHAT_EVENTS, chat, post, route};
use crate::harness::{Answer, Http, replace, trials};
use libtest_mimic::Trial;
use serde_json::json;

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::keys":
        each_client_may_show_its_key_in_its_own_way,
        without_a_key_the_refusal_is_in_the_dialect,
        a_client_key_asks_models_within_its_rate,
        a_client_key_asks_for_its_own_models_only,
        a_key_that_is_taken_back_ends_its_streams,
    )
}

const KEY: &str = "o7rXf2kQ9vLm4TzB8sWn3YcD";
const ALICE: &str = "Zq5uE1hG7jNx6RbV0pKt2MaS";
const BOB: &str = "Yw3dF8sJ1kLc5TnH4vQe7XgA";

async fn each_client_may_show_its_key_in_its_own_way() {
    let said = r#"{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}]}"#;
    let provider = Provider::start(move |_| json(said)).await;
    let hub =
        route(&[&provider], &json!({"kind": "gemini", "api_key": "sk-hub"})).with("key", json!(KEY)).start().await;
    let path = "/v1beta/models/r:generateContent";
    let asked = |path: &str| post(&hub, path, "{}");
    let ways = [
        asked(path).header("authorization", &format!("Bearer {KEY}")),
        asked(path).header("x-api-key", KEY),
        asked(path).header("x-goog-api-key", KEY),
        asked(&format!("{path}?key={KEY}")),
    ];
    for (number, way) in ways.into_iter().enumerate() {
        let answer = way.send().await;
        assert_eq!(answer.status, 200, "{number}: {}", answer.text());
        let asked = provider.last();
        assert!(!asked.target.contains(KEY), "{number}: {}", asked.target);
        assert!(asked.headers.iter().all(|(_, value)| !value.contains(KEY)), "{number}: {:?}", asked.headers);
        assert_eq!(asked.header("x-goog-api-key"), Some("sk-hub"), "{number}");
    }
    assert!(!hub.stderr().contains(KEY), "no log tells a key");
    // Elsewhere nothing has changed.
    let elsewhere = |path: &str| Http::new("GET", &hub.at(path)).header("x-api-key", KEY);
    assert_eq!(elsewhere("/api/v1/servers").send().await.status, 401);
    assert_eq!(elsewhere(&format!("/api/v1/servers?key={KEY}")).send().await.json()["error"]["data"]["code"], "T-0407");
}

async fn without_a_key_the_refusal_is_in_the_dialect() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let hub = route(&[&provider], &json!({})).with("key", json!(KEY)).start().await;
    let refused = |path: &str| post(&hub, path, r#"{"model":"r"}"#).header("x-api-key", "sk-ant-of-nobody").send();
    let openai = refused("/v1/chat/completions").await;
    assert_eq!((openai.status, openai.json()["error"]["code"].clone()), (401, json!("T-0404")));
    assert_eq!(openai.json()["error"]["type"], "authentication_error");
    let anthropic = refused("/v1/messages").await.json();
    assert_eq!(anthropic["error"]["type"], "authentication_error");
    assert_eq!(refused("/v1beta/models/r:generateContent").await.json()["error"]["status"], "UNAUTHENTICATED");
    assert!(refused("/api/chat").await.json()["error"].as_str().is_some_and(|text| text.contains("T-0404")));
    assert!(refused("/api/embed").await.json()["error"].as_str().is_some_and(|text| text.contains("T-0403")));
    assert_eq!(provider.asked().len(), 0);
}

async fn a_client_key_asks_models_within_its_rate() {
    let provider = Provider::start(|asked| match asked.json()["stream"] == true {
        true => events(&CHAT_EVENTS),
        false => json(CHAT),
    })
    .await;
    let keys = json!({"alice": {"key": ALICE, "rate": "2/h"}});
    let hub = route(&[&provider], &json!({})).with("key", json!(KEY)).with("keys", keys).start().await;
    let asked = || chat(&hub, false).header("authorization", &format!("Bearer {ALICE}")).send();
    let first = asked().await;
    let told = |answer: &Answer| {
        let of = |name: &str| answer.header(name).map(str::to_owned);
        [of("ratelimit-limit"), of("ratelimit-remaining")]
    };
    let says = |left: &str| [Some("2".to_owned()), Some(left.to_owned())];
    assert_eq!((first.status, told(&first)), (200, says("1")), "{}", first.text());
    assert!(first.header("ratelimit-reset").is_some());
    let stream = chat(&hub, true).header("authorization", &format!("Bearer {ALICE}")).send().await;
    assert_eq!((stream.status, told(&stream)), (200, says("0")), "{}", stream.text());
    let of_hub = chat(&hub, false).header("authorization", &format!("Bearer {KEY}")).send().await;
    assert_eq!((of_hub.status, told(&of_hub)), (200, [None, None]), "nothing where there is no rate");
    let third = asked().await;
    assert_eq!((third.status, third.header("x-tutti-code")), (429, Some("T-0325")));
    assert!(third.header("retry-after").is_some());
    assert_eq!(told(&third), says("0"));
    assert_eq!(provider.asked().len(), 3);
}

async fn a_client_key_asks_for_its_own_models_only() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let keys = json!({"alice": {"key": ALICE, "models": ["p0/a*"]}, "bob": {"key": BOB, "models": []}});
    let hub = route(&[&provider], &json!({"models": ["p0/listed"]})).with("key", json!(KEY)).with("keys", keys);
    let hub = hub.start().await;
    let asked = |key: &str, model: &str| {
        let body = json!({"model": model, "messages": []}).to_string();
        post(&hub, "/v1/chat/completions", body).header("authorization", &format!("Bearer {key}")).send()
    };
    for (key, model, status) in
        [(ALICE, "p0/abc", 200), (ALICE, "p0/b", 404), (ALICE, "r", 404), (BOB, "p0/a", 404), (KEY, "r", 200)]
    {
        assert_eq!(asked(key, model).await.status, status, "{model}");
    }
    assert_eq!(provider.asked().len(), 2);
    let listed = Http::new("GET", &hub.at("/v1/models")).header("authorization", &format!("Bearer {ALICE}"));
    assert_eq!(listed.send().await.json()["data"], json!([]));
}

async fn a_key_that_is_taken_back_ends_its_streams() {
    let provider =
        Provider::start(|_| vec![stream_head("text/event-stream"), piece(CHAT_EVENTS[1]), Step::Stall]).await;
    let setup = route(&[&provider], &json!({})).with("key", json!(KEY)).with("keys", json!({"alice": ALICE}));
    let hub = setup.start().await;
    let mut stream = chat(&hub, true).header("authorization", &format!("Bearer {ALICE}")).open().await;
    stream.next_message("the first token").await;
    let mut config = hub.setup.config.clone();
    config["keys"] = json!({});
    replace(&hub.setup.config_path(), &config.to_string());
    assert_eq!(stream.next_message("the end of the key").await["error"]["code"], "T-0404");
    assert_eq!(stream.next_data().await, None);
}
