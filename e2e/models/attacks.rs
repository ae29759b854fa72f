//! Attacks on the model plane.

mod clients;
mod doors;
mod money;
mod providers;

use super::provider::{Asked, Provider, Step, events, json, whole};
use super::{CHAT, CHAT_EVENTS, chat, post, route};
use crate::harness::{Hub, eventually, trials};
use libtest_mimic::Trial;
use serde_json::json;

pub(super) fn tests() -> Vec<Trial> {
    let own = trials!("models::attacks":
        a86_callers_do_not_choose_where_a_model_is,
        a87_streams_that_are_left_at_once_end_at_the_provider,
        a88_broken_streams_are_told_as_what_they_are,
        a92_a_storm_is_not_made_worse_by_models,
        a09_a11_a13_bodies_are_held_to_limits,
    );
    [own, clients::tests(), doors::tests(), money::tests(), providers::tests()].into_iter().flatten().collect()
}

/// The log of the hub, once it tells of `code`.
async fn logged(hub: &Hub, code: &str) -> String {
    eventually("the log tells of it", || async {
        let log = hub.stderr();
        if log.contains(code) { Ok(log) } else { Err(log) }
    })
    .await
}

async fn a86_callers_do_not_choose_where_a_model_is() {
    let (provider, trap) = (Provider::start(|_| json(CHAT)).await, Provider::start(|_| json(CHAT)).await);
    let hub = route(&[&provider], &json!({"api_key": "sk-hub"})).start().await;
    let body = json!({
        "model": "r", "messages": [], "api_base": trap.url, "base_url": trap.url, "extra_body": {"api_base": trap.url},
    });
    let answer = post(&hub, "/v1/chat/completions", body.to_string())
        .header("openai-organization", "org-stolen")
        .header("x-forwarded-host", "evil.example")
        .header("x-api-base", &trap.url)
        .header("cookie", "a=b")
        .send()
        .await;
    assert_eq!(answer.status, 200);
    let asked = provider.last();
    let forbidden = ["openai-organization", "x-forwarded-host", "x-api-base", "cookie"];
    assert!(forbidden.iter().all(|name| asked.header(name).is_none()), "{:?}", asked.headers);
    assert_eq!(asked.header("authorization"), Some("Bearer sk-hub"));
    for model in ["p0/../../../admin", "http://127.0.0.1:1/m", "../p0/m", "r\u{0}", "r\r\nhost: evil"] {
        let body = json!({"model": model, "messages": []});
        let answer = post(&hub, "/v1/chat/completions", body.to_string()).send().await;
        let target = provider.last().target;
        assert_eq!(target, "/v1/chat/completions", "{model}: status {}", answer.status);
    }
    assert_eq!(trap.asked().len(), 0);
}

async fn a87_streams_that_are_left_at_once_end_at_the_provider() {
    let provider = Provider::start(|_| {
        let mut steps = events(&CHAT_EVENTS[..2]);
        steps.pop();
        steps.push(Step::Stall);
        steps
    })
    .await;
    let hub = route(&[&provider], &json!({})).start().await;
    for _ in 0..100 {
        drop(chat(&hub, true).open().await);
    }
    eventually("the provider sees that nobody waits", || async {
        let left = provider.left();
        if left == 100 { Ok(()) } else { Err(left.to_string()) }
    })
    .await;
}

/// One event, split at the byte that the client names in `seed`.
fn split(asked: &Asked) -> Vec<Step> {
    let text = "data:{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ü😀\"}}]}\r\n\r\n: comment\r\n\r\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\n";
    let at = usize::try_from(asked.json()["seed"].as_u64().unwrap_or(0)).unwrap_or(0) % text.len();
    let chunk = |bytes: &[u8]| Step::Send([format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat());
    let mut steps = events(&[]);
    steps.insert(1, chunk(&text.as_bytes()[at..]));
    if at > 0 {
        steps.insert(1, chunk(&text.as_bytes()[..at]));
    }
    steps
}

async fn a88_broken_streams_are_told_as_what_they_are() {
    let provider = Provider::start(split).await;
    let hub = route(&[&provider], &json!({})).start().await;
    let whole_text = post(&hub, "/v1/chat/completions", r#"{"model":"r","stream":true,"seed":0}"#).send().await.text();
    assert!(whole_text.contains("ü😀") && !whole_text.contains("T-09"), "no [DONE] is no error: {whole_text}");
    for seed in 1..whole_text.len() {
        let body = json!({"model": "r", "stream": true, "seed": seed}).to_string();
        let answer = post(&hub, "/v1/chat/completions", body).send().await;
        assert_eq!(answer.text(), whole_text, "split at {seed}");
    }
    for (body, code) in [
        (r#"{"choices":[]}"#, "T-0905"),
        (r#"{"error":{"message":"overloaded"}}"#, "T-0907"),
        ("[]", "T-0905"),
        ("", "T-0905"),
    ] {
        let provider = Provider::start(move |_| json(body)).await;
        let hub = route(&[&provider], &json!({})).start().await;
        let answer = chat(&hub, false).send().await;
        assert_eq!((answer.status, answer.header("x-tutti-code")), (502, Some(code)), "{body}");
    }
}

async fn a92_a_storm_is_not_made_worse_by_models() {
    let storm = Provider::start(|_| whole(429, "application/json", &[("retry-after", "60")], "{}")).await;
    let calm = Provider::start(|_| json(CHAT)).await;
    let hub = route(&[&storm, &calm], &json!({})).start().await;
    for _ in 0..50 {
        assert_eq!(chat(&hub, false).send().await.status, 200);
    }
    assert_eq!((storm.asked().len(), calm.asked().len()), (1, 50), "it is left alone as long as it wishes");
}

async fn a09_a11_a13_bodies_are_held_to_limits() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let long = Provider::start(|_| json(&format!("{{\"a\":\"{}\"}}", "x".repeat(4000)))).await;
    let endless = Provider::start(|_| events(&[&"data: x".repeat(1000)])).await;
    let hub = route(&[&provider], &json!({})).with("limits", json!({"body": "64KiB"})).start().await;
    for (body, code) in [
        (format!("{{\"model\":\"r\",\"x\":{}1{}}}", "[".repeat(300), "]".repeat(300)), "T-0902"),
        (format!("{{\"model\":\"r\",\"x\":\"{}\"}}", "x".repeat(70_000)), "T-0314"),
        (r#"{"model":"r","model":"p0/m"}"#.to_owned(), "T-0902"),
        (r#"{"model":7}"#.to_owned(), "T-0902"),
        (r#"["model"]"#.to_owned(), "T-0902"),
        ("{".to_owned(), "T-0902"),
    ] {
        let answer = post(&hub, "/v1/chat/completions", body.clone()).send().await;
        assert_eq!(answer.json()["error"]["code"], code, "{:.80}", body);
    }
    assert_eq!(provider.asked().len(), 0);
    let hub = route(&[&long], &json!({"answer_limit": "2KiB"})).start().await;
    assert_eq!(chat(&hub, false).send().await.json()["error"]["code"], "T-0911");
    let hub = route(&[&endless], &json!({"answer_limit": "2KiB"})).start().await;
    assert_eq!(chat(&hub, true).send().await.json()["error"]["code"], "T-0911");
}
