//! Clients of one dialect before providers of another: every pair, whole and streamed, and what goes wrong.

use super::failing;
use super::provider::{Provider, json, whole};
use super::wire::{ALL, PROVIDERS, Wire, answer};
use super::wire_answers::{read_stream, read_whole};
use super::wire_bedrock::check_signature;
use super::{post, wants_stream};
use crate::harness::{Answer, Http, Hub, Setup, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::translated":
        every_client_is_answered_by_every_provider,
        what_cannot_be_said_is_told_or_refused,
        an_answer_that_cannot_be_said_is_told_or_refused,
        a_route_may_mix_dialects,
        errors_are_told_in_the_clients_dialect,
        a_request_that_is_none_is_refused,
        openai_is_asked_where_more_can_be_said,
        a_model_that_does_not_think_is_asked_without,
    )
}

/// A hub with these providers, each behind the route of its name, and all behind the route `all`.
async fn hub(providers: &[(&str, Wire, &Provider)]) -> Hub {
    let mut models = json!({"providers": {}, "routes": {"all": {"use": []}}});
    for (name, wire, provider) in providers {
        models["providers"][name] = wire.provider(&provider.url);
        models["routes"][name] = json!({"use": [format!("{name}/m")]});
        models["routes"]["all"]["use"].as_array_mut().expect("it is a list").push(json!(format!("{name}/m")));
    }
    Setup::new().with("models", models).start().await
}

async fn ask(hub: &Hub, client: Wire, model: &str, stream: bool) -> Answer {
    post(hub, &client.path(model, stream), client.request(model, stream).to_string()).send().await
}

async fn every_client_is_answered_by_every_provider() {
    for wire in PROVIDERS {
        let provider = Provider::start(move |asked| {
            let stream = wants_stream(wire, &asked.target, &asked.json());
            if stream { failing::stream(wire) } else { json(&wire.whole()) }
        })
        .await;
        let hub = hub(&[("one", wire, &provider)]).await;
        for client in ALL {
            for stream in [false, true] {
                let got = ask(&hub, client, "one", stream).await;
                let pair = format!("{client:?} before {wire:?}, stream {stream}: {}", got.text());
                assert_eq!((got.status, got.header("x-tutti-deployment")), (200, Some("one/m")), "{pair}");
                let kind = got.header("content-type").unwrap_or_default().to_owned();
                let kind = kind.split(';').next().unwrap_or_default();
                let said = if stream {
                    assert_eq!(
                        kind,
                        if client == Wire::Ollama { "application/x-ndjson" } else { "text/event-stream" },
                        "{pair}"
                    );
                    read_stream(client, &got.text())
                } else {
                    assert_eq!(kind, "application/json", "{pair}");
                    read_whole(client, &got.json())
                };
                assert_eq!(said, answer(), "{pair}");
                assert_eq!(got.header("x-tutti-lost"), None, "{pair}");
                let asked = provider.last();
                let body = asked.json();
                assert_eq!(asked.target, wire.path("m", stream), "{pair}");
                for (place, expected) in wire.places() {
                    assert_eq!(body.pointer(place), Some(&expected), "{pair}\n{place} of {body:#}");
                }
                let text = String::from_utf8_lossy(&asked.body).into_owned();
                for words in
                    ["Be brief.", "Weather in Oslo?", "18 degrees", "And in Paris and Rome?", "Tells the weather"]
                {
                    assert_eq!(text.matches(words).count(), 1, "{pair}\n{words} in {text}");
                }
                let in_path = matches!(wire, Wire::Gemini | Wire::Bedrock);
                assert!(in_path || body["model"] == "m", "{pair}\n{text}");
                if wire == Wire::Bedrock {
                    check_signature(&asked);
                }
            }
        }
    }
}

async fn what_cannot_be_said_is_told_or_refused() {
    let provider = Provider::start(|_| json(&Wire::Anthropic.whole())).await;
    let hub = hub(&[("one", Wire::Anthropic, &provider)]).await;
    let body = json!({"model": "one", "seed": 7, "messages": [{"role": "user", "content": "Hello"}]}).to_string();
    let asked = || post(&hub, "/v1/chat/completions", body.clone());
    let told = asked().send().await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert!(told.header("x-tutti-lost").is_some_and(|lost| lost.contains("seed")), "{:?}", told.header("x-tutti-lost"));
    let refused = asked().header("x-tutti-strict", "true").send().await;
    assert_eq!((refused.status, refused.header("x-tutti-code")), (400, Some("T-0913")));
    assert!(
        refused.json()["error"]["message"].as_str().is_some_and(|text| text.contains("seed")),
        "{}",
        refused.text()
    );
    assert_eq!(provider.asked().len(), 1, "what is refused is not sent");
    // What the provider does not have is no detail that may be left out.
    let rest = json!({"model": "one", "input": "And then?", "previous_response_id": "resp_1"}).to_string();
    let rest = post(&hub, "/v1/responses", rest).send().await;
    assert_eq!((rest.status, rest.header("x-tutti-code")), (400, Some("T-0913")), "{}", rest.text());
    assert_eq!(provider.asked().len(), 1, "what is refused is not sent");
    // In its own dialect nothing is lost.
    let own = json!({"model": "one", "max_tokens": 5, "seed": 7, "messages": []}).to_string();
    let own = post(&hub, "/v1/messages", own).header("x-tutti-strict", "true").send().await;
    assert_eq!((own.status, own.header("x-tutti-lost")), (200, None));
}

async fn an_answer_that_cannot_be_said_is_told_or_refused() {
    let answer = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn", "stop_sequence": null,
        "content": [
            {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "fjords"}},
            {"type": "text", "text": "Deep."},
        ],
        "usage": {"input_tokens": 1000, "output_tokens": 10},
    });
    let provider = Provider::start(move |_| json(&answer.to_string())).await;
    let entry = json!({"kind": "anthropic", "url": provider.url, "local": false});
    let models = json!({
        "providers": {"p": entry},
        "routes": {"one": {"use": ["p/m", "p/other"]}},
        "deployments": {"p/m": {"price": {"input": 1, "output": 1}}},
    });
    let hub = Setup::new().with("models", models).start().await;
    let body = json!({"model": "one", "messages": [{"role": "user", "content": "Hello"}]}).to_string();
    let told = post(&hub, "/v1/chat/completions", body.clone()).send().await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert!(told.header("x-tutti-lost").is_some(), "{:?}", told.headers);
    let refused = post(&hub, "/v1/chat/completions", body).header("x-tutti-strict", "true").send().await;
    assert_eq!((refused.status, refused.header("x-tutti-code")), (400, Some("T-0913")), "{}", refused.text());
    assert!(refused.text().contains("is paid for"), "{}", refused.text());
    assert_eq!(provider.asked().len(), 2, "it was answered, and nobody else is asked");
    let own = json!({"model": "one", "max_tokens": 5, "messages": []}).to_string();
    let own = post(&hub, "/v1/messages", own).header("x-tutti-strict", "true").send().await;
    assert_eq!((own.status, own.header("x-tutti-lost")), (200, None));
    let usage = Http::new("GET", &hub.at("/api/v1/usage?by=deployment")).send().await.json();
    assert_eq!(usage["usage"][0]["cost"]["nano_dollars"], 3 * 1_010_000, "{usage:#}");
}

async fn a_route_may_mix_dialects() {
    let busy = Provider::start(|_| {
        whole(529, "application/json", &[], r#"{"type":"error","error":{"type":"overloaded_error","message":"full"}}"#)
    })
    .await;
    let fine = Provider::start(|asked| {
        if asked.json()["stream"] == true { failing::stream(Wire::Ollama) } else { json(&Wire::Ollama.whole()) }
    })
    .await;
    let hub = hub(&[("a", Wire::Anthropic, &busy), ("b", Wire::Ollama, &fine)]).await;
    for client in ALL {
        for stream in [false, true] {
            let got = ask(&hub, client, "all", stream).await;
            assert_eq!(got.status, 200, "{client:?}: {}", got.text());
            assert_eq!(got.header("x-tutti-deployment"), Some("b/m"), "{client:?}");
            let said = if stream { read_stream(client, &got.text()) } else { read_whole(client, &got.json()) };
            assert_eq!(said, answer(), "{client:?}");
        }
    }
}

/// The words of an error in the client's dialect.
fn words(client: Wire, said: &Value) -> String {
    let error = if client == Wire::Ollama { &said["error"] } else { &said["error"]["message"] };
    error.as_str().unwrap_or_default().to_owned()
}

async fn errors_are_told_in_the_clients_dialect() {
    for wire in PROVIDERS {
        let refusal = match wire {
            Wire::Anthropic => {
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"too long by half"}}"#
            }
            Wire::Gemini => r#"{"error":{"code":400,"message":"too long by half","status":"INVALID_ARGUMENT"}}"#,
            Wire::Ollama => r#"{"error":"too long by half"}"#,
            Wire::Bedrock => r#"{"message":"too long by half"}"#,
            _ => r#"{"error":{"message":"too long by half","type":"invalid_request_error","param":null,"code":null}}"#,
        };
        let provider = Provider::start(|_| whole(400, "application/json", &[], refusal)).await;
        let hub = hub(&[("one", wire, &provider)]).await;
        for client in ALL {
            let got = ask(&hub, client, "one", true).await;
            assert_eq!((got.status, got.header("x-tutti-code")), (400, Some("T-0912")), "{client:?} before {wire:?}");
            assert!(
                words(client, &got.json()).contains("too long by half"),
                "{client:?} before {wire:?}: {}",
                got.text()
            );
        }
    }
}

async fn a_request_that_is_none_is_refused() {
    let provider = Provider::start(|_| json(&Wire::Anthropic.whole())).await;
    let hub = hub(&[("one", Wire::Anthropic, &provider)]).await;
    let body = json!({"model": "one", "messages": [{"role": "user", "content": 7}]}).to_string();
    let got = post(&hub, "/v1/chat/completions", body).send().await;
    assert_eq!((got.status, got.header("x-tutti-code")), (400, Some("T-0902")), "{}", got.text());
    assert!(got.text().contains("messages[0]"), "it is told where: {}", got.text());
    assert_eq!(provider.asked().len(), 0);
}

/// OpenAI's newer models take tools in Responses alone while they reason.
async fn openai_is_asked_where_more_can_be_said() {
    let provider = Provider::start(|asked| {
        json(&if asked.target == "/v1/responses" { Wire::Responses.whole() } else { Wire::Chat.whole() })
    })
    .await;
    let openai = json!({"url": provider.url, "api_key": "sk-hub", "models": ["gpt-5.6-terra", "gpt-4.1"]});
    let models = json!({"providers": {"openai": openai}});
    let hub = Setup::new().with("models", models).start().await;
    for client in ALL {
        let own = matches!(client, Wire::Chat | Wire::Responses);
        let got = ask(&hub, client, "gpt-5.6-terra", false).await;
        assert_eq!(got.status, 200, "{client:?}: {}", got.text());
        let asked = provider.last();
        let target = if client == Wire::Chat { "/v1/chat/completions" } else { "/v1/responses" };
        assert_eq!(asked.target, target, "{client:?}");
        // How tokens are chosen is the business of who speaks the dialect, and refused of others.
        assert_eq!(asked.json().get("temperature").is_some(), own, "{client:?}");
        assert_eq!(got.header("x-tutti-lost").is_some_and(|lost| lost.contains("temperature")), !own, "{client:?}");
    }
    let stops = json!({"model": "gpt-4.1", "max_tokens": 9, "stop_sequences": ["END"], "messages": [{"role": "user", "content": "x"}]});
    let got = post(&hub, "/v1/messages", stops.to_string()).send().await;
    assert_eq!((got.status, got.header("x-tutti-lost")), (200, None), "{}", got.text());
    assert_eq!(provider.last().target, "/v1/chat/completions");
}

/// Ollama refuses to let a model think that cannot. The client is told that it does not.
async fn a_model_that_does_not_think_is_asked_without() {
    let refusal = r#"{"error":"registry.ollama.ai/library/m does not support thinking"}"#;
    let provider = Provider::start(move |asked| match asked.json().get("think") {
        Some(_) => whole(400, "application/json", &[], refusal),
        None => json(&Wire::Ollama.whole()),
    })
    .await;
    let hub = hub(&[("one", Wire::Ollama, &provider)]).await;
    let body = json!({"model": "one", "max_tokens": 9000, "messages": [{"role": "user", "content": "x"}],
        "thinking": {"type": "enabled", "budget_tokens": 2000}});
    let got = post(&hub, "/v1/messages", body.to_string()).send().await;
    assert_eq!((got.status, got.header("x-tutti-lost")), (200, Some("thinking")), "{}", got.text());
    assert_eq!(provider.asked().len(), 2);
    let strict = post(&hub, "/v1/messages", body.to_string()).header("x-tutti-strict", "true").send().await;
    assert_eq!(strict.status, 400, "{}", strict.text());
}
