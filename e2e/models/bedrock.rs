//! Bedrock as a provider: how it is asked, and what goes wrong in its binary streams.

use super::provider::{Provider, Step, end, json};
use super::wire::{ALL, Wire};
use super::wire_bedrock::{
    SECRET, answer, begun, check_signature, chunk, entry, event, exception, message, messages, refusal, stream,
};
use super::{chat, post};
use crate::harness::{Answer, Hub, Setup, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::time::Duration;

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::bedrock":
        requests_are_signed,
        a_key_of_bedrock_is_a_bearer,
        what_fails_before_the_first_token_is_passed_over,
        what_fails_later_is_told_in_the_clients_dialect,
    )
}

/// A hub with these entries of providers, and the route `r` over all of them.
async fn hub(providers: &[(&str, Value)]) -> Hub {
    let mut models = json!({"providers": {}, "routes": {"r": {"use": []}}});
    for (name, entry) in providers {
        models["providers"][name] = entry.clone();
        models["routes"]["r"]["use"].as_array_mut().expect("it is a list").push(json!(format!("{name}/m")));
    }
    Setup::new().with("models", models).start().await
}

async fn well() -> Provider {
    Provider::start(
        |asked| {
            if asked.target.ends_with("-stream") { stream(&messages()) } else { json(&answer().to_string()) }
        },
    )
    .await
}

async fn requests_are_signed() {
    let provider = well().await;
    let mut temporary = entry(&provider.url);
    temporary["session_token"] = json!("token/of+hub==");
    let hub = hub(&[("plain", entry(&provider.url)), ("temporary", temporary)]).await;
    let arn = "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.anthropic.claude-x-v1:0";
    let encoded =
        "arn%3Aaws%3Abedrock%3Aeu-central-1%3A123456789012%3Ainference-profile%2Feu.anthropic.claude-x-v1%3A0";
    for (name, token) in [("plain", None), ("temporary", Some("token/of+hub=="))] {
        for (streamed, end) in [(false, "converse"), (true, "converse-stream")] {
            let body = json!({"model": format!("{name}/{arn}"), "messages": [{"role": "user", "content": "Grüße"}], "stream": streamed});
            let asked = post(&hub, "/v1/chat/completions", body.to_string()).header("x-amz-date", "20000101T000000Z");
            let got = asked.header("authorization", "Bearer sk-of-the-client").send().await;
            assert_eq!(got.status, 200, "{}", got.text());
            let asked = provider.last();
            assert_eq!(asked.target, format!("/model/{encoded}/{end}"));
            assert_eq!(asked.header("x-amz-security-token"), token);
            check_signature(&asked);
            let sent = format!("{:?} {}", asked.headers, String::from_utf8_lossy(&asked.body));
            assert!(!sent.contains(SECRET) && !sent.contains("sk-of-the-client"), "{sent}");
        }
    }
    let got = post(&hub, "/v1/chat/completions", r#"{"model":"plain/..","messages":[]}"#).send().await;
    assert_eq!((got.status, got.header("x-tutti-code")), (404, Some("T-0901")), "{}", got.text());
    assert_eq!(provider.asked().len(), 4, "it is no name of a model");
}

async fn a_key_of_bedrock_is_a_bearer() {
    let provider = well().await;
    let hub = hub(&[("one", json!({"kind": "bedrock", "url": provider.url, "api_key": "bedrock-api-key-1"}))]).await;
    assert_eq!(chat(&hub, false).send().await.status, 200);
    let asked = provider.last();
    assert_eq!(asked.header("authorization"), Some("Bearer bedrock-api-key-1"));
    assert_eq!(asked.header("x-amz-date"), None);
}

/// How Bedrock fails before the model has said anything, and the code that tells of each. Streams come last.
fn failures() -> Vec<(&'static str, &'static str, Vec<Step>)> {
    let words = r#"{"message":"said by the service"}"#;
    let start = || event("messageStart", &json!({"role": "assistant"}));
    let mut damaged = event("contentBlockDelta", &json!({"contentBlockIndex": 0, "delta": {"text": "Hi"}}));
    damaged[60] ^= 1;
    let mut lengths = start();
    lengths[1] ^= 1;
    let large = event("messageStart", &json!({"role": "assistant", "p": "x".repeat(5000)}));
    let error =
        message(&[(":message-type", "error"), (":error-code", "InternalFailure"), (":error-message", "x")], b"");
    vec![
        ("throttled", "T-0908", refusal(429, "ThrottlingException", words)),
        ("not ready", "T-0908", refusal(429, "ModelNotReadyException", words)),
        ("quota", "T-0908", refusal(400, "ServiceQuotaExceededException", words)),
        ("unknown credential", "T-0909", refusal(403, "UnrecognizedClientException", words)),
        ("expired token", "T-0909", refusal(403, "ExpiredTokenException", words)),
        ("no access", "T-0909", refusal(403, "AccessDeniedException", r#"{"Message":"no access to the model"}"#)),
        ("model failed", "T-0907", refusal(424, "ModelErrorException", words)),
        ("model too slow", "T-0907", refusal(408, "ModelTimeoutException", words)),
        ("out of order", "T-0907", refusal(503, "ServiceUnavailableException", words)),
        ("no such model", "T-0901", refusal(404, "ResourceNotFoundException", words)),
        ("an answer that is none", "T-0905", json(r#"{"Output":{}}"#)),
        ("an exception at once", "T-0907", stream(&[exception("throttlingException", "slow down")])),
        ("an exception behind the prelude", "T-0907", stream(&[start(), exception("modelStreamErrorException", "x")])),
        ("an error of no model", "T-0907", stream(&[start(), error])),
        ("a damaged message", "T-0905", stream(&[start(), damaged])),
        ("damaged lengths", "T-0905", stream(&[lengths])),
        ("cut off", "T-0905", stream(&[start(), start()[..30].to_vec()])),
        ("a message that is too large", "T-0911", stream(&[large])),
        ("no message", "T-0905", stream(&[b"data: {\"error\":{}}\n\n".to_vec()])),
        ("nothing", "T-0905", stream(&[])),
    ]
}

async fn what_fails_before_the_first_token_is_passed_over() {
    let well = well().await;
    for (name, code, steps) in failures() {
        let steps = std::sync::Arc::new(steps);
        let ill = Provider::start(move |_| steps.to_vec()).await;
        let mut small = entry(&ill.url);
        small["answer_limit"] = json!("4KiB");
        let hub = hub(&[("ill", small), ("well", entry(&well.url))]).await;
        let got = chat(&hub, true).send().await;
        assert_eq!(got.status, 200, "{name}: {}", got.text());
        assert_eq!(got.header("x-tutti-attempts"), Some(&*format!("ill/m {code}, well/m answered")), "{name}");
        assert!(got.text().contains("look.") && got.text().trim_end().ends_with("[DONE]"), "{name}: {}", got.text());
        assert_eq!(ill.asked().len(), 1, "{name}");
    }
}

/// How a stream fails in the middle: what is told of it, and whether it is the hub that tells it.
fn failures_in_the_middle() -> Vec<(&'static str, &'static str, Vec<Step>)> {
    let send = |bytes: Vec<u8>| vec![Step::Send(chunk(&bytes)), end()];
    let mut damaged = messages().swap_remove(2);
    damaged[70] ^= 4;
    let last = messages();
    let mut metadata = last[12].clone();
    metadata[60] ^= 4;
    vec![
        ("an exception", "said by the service", send(exception("modelStreamErrorException", "said by the service"))),
        ("throttled", "said by the service", send(exception("throttlingException", "said by the service"))),
        ("a damaged message", "T-0905", send(damaged)),
        ("a message that is cut off", "T-0905", send(last[2][..40].to_vec())),
        ("an end too soon", "T-0905", vec![end()]),
        ("a message that is too large", "T-0911", send(event("what_is_new", &json!({"p": "x".repeat(5000)})))),
        ("a damaged end", "T-0905", send([&last[3], &last[11], &metadata].map(Vec::as_slice).concat())),
        ("a reset", "T-0905", vec![Step::Reset]),
    ]
}

async fn what_fails_later_is_told_in_the_clients_dialect() {
    for (name, told, rest) in failures_in_the_middle() {
        // What has been said goes on before the rest comes.
        let empty = event("contentBlockDelta", &json!({"contentBlockIndex": 0, "delta": {"text": ""}}));
        let pause = Step::Drip(chunk(&empty), Duration::from_millis(1));
        let steps = std::sync::Arc::new([begun(&messages()[..2]), vec![pause], rest].concat());
        let provider = Provider::start(move |_| steps.to_vec()).await;
        let mut small = entry(&provider.url);
        small["answer_limit"] = json!("4KiB");
        let hub = hub(&[("one", small)]).await;
        let ask = |client: Wire| post(&hub, &client.path("r", true), client.request("r", true).to_string()).send();
        let [chat, responses, anthropic, gemini, ollama] = ALL;
        let all = tokio::join!(ask(chat), ask(responses), ask(anthropic), ask(gemini), ask(ollama));
        for (client, got) in ALL.into_iter().zip([all.0, all.1, all.2, all.3, all.4]) {
            is_told(&format!("{name} to {client:?}"), told, &got);
        }
    }
}

/// What was said is there, the last event is the error, and nothing looks complete.
fn is_told(name: &str, told: &str, got: &Answer) {
    let text = got.text();
    assert_eq!(got.status, 200, "{name}: {text}");
    let last = text.trim_end().lines().last().unwrap_or_default();
    let last: Value = serde_json::from_str(last.strip_prefix("data: ").unwrap_or(last)).unwrap_or_default();
    assert!(last.to_string().contains(told), "{name}: {text}");
    let complete = ["[DONE]", "message_stop", "response.completed", "\"done\":true"];
    assert!(complete.iter().all(|end| !text.contains(end)), "{name}: {text}");
    assert!(text.contains("Let me"), "{name}: {text}");
}
