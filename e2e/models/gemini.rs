//! What clients of Gemini ask beside answers and streams of events: streams as lists, and embeddings.

use super::failing;
use super::post;
use super::provider::{Provider, json as whole};
use super::wire::{PROVIDERS, Wire};
use crate::harness::{Hub, Setup, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::gemini":
        a_stream_without_events_is_a_list_before_every_provider,
        texts_become_vectors_before_every_provider_that_has_any,
    )
}

async fn hub(wire: Wire, provider: &Provider) -> Hub {
    let models =
        json!({"providers": {"p": wire.provider(&provider.url)}, "routes": {"r": {"use": ["p/gemini-embedding-001"]}}});
    Setup::new().with("models", models).start().await
}

const QUESTION: &str = r#"{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}"#;

async fn a_stream_without_events_is_a_list_before_every_provider() {
    for wire in PROVIDERS {
        let provider = Provider::start(move |_| failing::stream(wire)).await;
        let hub = hub(wire, &provider).await;
        for query in ["", "?alt=json"] {
            let path = format!("/v1beta/models/r:streamGenerateContent{query}");
            let got = post(&hub, &path, QUESTION).send().await;
            assert_eq!((got.status, got.header("content-type")), (200, Some("application/json")), "{wire:?}");
            let list = got.json();
            let list = list.as_array().unwrap_or_else(|| panic!("{wire:?}: {list}"));
            let parts = list.iter().filter_map(|event| event["candidates"][0]["content"]["parts"].as_array()).flatten();
            let said: String = parts.filter_map(|part| part["text"].as_str()).collect();
            assert_eq!(said, super::wire::answer().text, "{wire:?}: {list:?}");
        }
    }
}

async fn texts_become_vectors_before_every_provider_that_has_any() {
    let one = json!({"content": {"parts": [{"text": "One"}]}, "outputDimensionality": 2});
    let many = json!({"requests": [
        {"model": "models/r", "content": {"parts": [{"text": "One"}]}, "taskType": "RETRIEVAL_QUERY"},
        {"model": "models/r", "content": {"parts": [{"text": "Two"}]}},
    ]});
    let vectors = [json!({"values": [0.5, -1.0]}), json!({"values": [0.25, 2.0]})];
    let of_gemini = |many: bool, vectors: &[Value; 2]| {
        if many { json!({"embeddings": vectors}) } else { json!({"embedding": vectors[0]}) }
    };
    for wire in [Wire::Gemini, Wire::Chat] {
        let said = vectors.clone();
        let provider = Provider::start(move |asked| {
            let body = asked.json();
            let answer = match body["input"].as_array() {
                Some(texts) => {
                    let data = texts.iter().enumerate().map(|(number, _)| json!({"object": "embedding", "index": number, "embedding": said[number]["values"]}));
                    json!({"object": "list", "model": "m", "data": data.collect::<Vec<_>>(), "usage": {"prompt_tokens": 2, "total_tokens": 2}})
                }
                None => of_gemini(body["requests"].is_array(), &said),
            };
            whole(&answer.to_string())
        })
        .await;
        let hub = hub(wire, &provider).await;
        for (method, body) in [("embedContent", &one), ("batchEmbedContents", &many)] {
            let got = post(&hub, &format!("/v1beta/models/r:{method}"), body.to_string()).send().await;
            assert_eq!(got.json(), of_gemini(method == "batchEmbedContents", &vectors), "{wire:?} {method}");
            let asked = provider.last();
            if wire == Wire::Gemini {
                assert_eq!(asked.target, format!("/v1beta/models/gemini-embedding-001:{method}"));
                let told = body.to_string().replace("models/r", "models/gemini-embedding-001");
                assert_eq!(asked.json().to_string(), told);
                continue;
            }
            assert_eq!(asked.target, "/v1/embeddings");
            let expected = if method == "embedContent" {
                json!({"model": "gemini-embedding-001", "input": ["One"], "dimensions": 2, "encoding_format": "float"})
            } else {
                json!({"model": "gemini-embedding-001", "input": ["One", "Two"], "encoding_format": "float"})
            };
            assert_eq!(asked.json(), expected);
            let lost = (method == "batchEmbedContents").then_some("request.taskType");
            assert_eq!(got.header("x-tutti-lost"), lost, "{method}");
        }
    }
    let provider = Provider::start(|_| whole("{}")).await;
    let hub = hub(Wire::Anthropic, &provider).await;
    let got = post(&hub, "/v1beta/models/r:embedContent", one.to_string()).send().await;
    assert_eq!((got.status, got.header("x-tutti-code")), (400, Some("T-0903")), "{}", got.text());
}
