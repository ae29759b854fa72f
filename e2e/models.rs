//! The model gateway: clients of every dialect, providers that speak the real wire, and all that can go wrong at them.

mod again;
mod attacks;
mod bedrock;
mod budgets;
mod builtin;
mod cache;
mod choices;
mod codex;
mod dialects;
mod failing;
mod failures;
mod fallbacks;
mod gemini;
mod hybrid;
mod keys;
mod learning;
mod limits;
mod mixed;
mod odd;
mod passed;
mod prices;
mod probes;
pub(crate) mod provider;
mod pull;
mod reload;
mod script;
mod signatures;
mod tools;
mod tools_limits;
mod translated;
mod wire;
mod wire_answers;
mod wire_bedrock;

use crate::harness::{Http, Hub, Setup};
use libtest_mimic::Trial;
use provider::Provider;
use serde_json::{Value, json};
use wire::Wire;

pub(crate) fn tests() -> Vec<Trial> {
    let all = [
        dialects::tests(),
        translated::tests(),
        bedrock::tests(),
        failures::tests(),
        odd::tests(),
        passed::tests(),
        keys::tests(),
        cache::tests(),
        reload::tests(),
        gemini::tests(),
        signatures::tests(),
        mixed::tests(),
        attacks::tests(),
        budgets::tests(),
        prices::tests(),
        probes::tests(),
        choices::tests(),
        codex::tests(),
        learning::tests(),
        limits::tests(),
        fallbacks::tests(),
        again::tests(),
        hybrid::tests(),
        builtin::tests(),
        pull::tests(),
        tools::tests(),
        tools_limits::tests(),
    ];
    all.into_iter().flatten().collect()
}

/// What OpenAI answers.
const CHAT: &str = r#"{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi there"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}"#;

/// The pieces of the same as a stream.
const CHAT_EVENTS: [&str; 4] = [
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n",
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null}]}\n\n",
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    "data: [DONE]\n\n",
];

/// A hub with these providers of OpenAI's dialect, `p0`, `p1` and so on, behind the one route `r`. `more` stands in the
/// entry of each.
fn route(providers: &[&Provider], more: &Value) -> Setup {
    let mut models = json!({"providers": {}, "routes": {"r": {"use": []}}});
    for (index, provider) in providers.iter().enumerate() {
        let mut entry = more.clone();
        entry["url"] = json!(format!("{}/v1", provider.url));
        models["providers"][format!("p{index}")] = entry;
        if let Some(used) = models["routes"]["r"]["use"].as_array_mut() {
            used.push(json!(format!("p{index}/m{index}")));
        }
    }
    Setup::new().with("models", models)
}

/// A request to the hub.
fn post(hub: &Hub, path: &str, body: impl Into<bytes::Bytes>) -> Http {
    Http::new("POST", &hub.at(path)).header("content-type", "application/json").body(body)
}

/// A question in OpenAI's dialect to the route.
fn chat(hub: &Hub, stream: bool) -> Http {
    let body = json!({"model": "r", "messages": [{"role": "user", "content": "Hello"}], "stream": stream});
    post(hub, "/v1/chat/completions", body.to_string())
}

/// Whether the provider was asked for a stream.
fn wants_stream(wire: Wire, target: &str, body: &Value) -> bool {
    match wire {
        Wire::Gemini => target.contains(":streamGenerateContent"),
        Wire::Bedrock => target.ends_with("/converse-stream"),
        _ => body["stream"] == true,
    }
}
