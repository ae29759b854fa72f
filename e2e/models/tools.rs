//! Tools of the hub for models: what a model calls is run, and it goes on until there is an answer, for clients of every
//! dialect before providers of another.

use super::post;
use super::provider::{Asked, Provider};
use super::script::Line;
use super::wire::{ALL, Said, Wire};
use super::wire_answers::{read_stream, read_whole};
use crate::harness::{Answer, Http, Hub, Setup, eventually, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::tools":
        every_client_gets_an_answer_with_tools_from_every_provider,
    )
}

const PARIS: &str = "18 degrees in Paris";
const ROME: &str = "24 degrees in Rome";

/// A model that calls `echo` for two cities at once, and answers when it has both results.
fn weather(asked: &Asked) -> Line {
    let body = String::from_utf8_lossy(&asked.body).into_owned();
    // What was called stands there beside what came of it.
    if body.matches(PARIS).count() > 1 && body.matches(ROME).count() > 1 {
        return Line::says("Mild, and warm.");
    }
    let call = |text: &str| ("good__echo", json!({"message": text}));
    Line::calls("Let me look.", &[call(PARIS), call(ROME)])
}

/// A hub with the fixture as `good`, and this provider behind the route `one`.
async fn hub(wire: Wire, provider: &Provider, more: Value) -> Hub {
    let mut models = json!({"providers": {"one": wire.provider(&provider.url)}, "routes": {"one": {"use": ["one/m"]}}});
    for (name, value) in more.as_object().into_iter().flatten() {
        models[name] = value.clone();
    }
    Setup::new().fixture("good", &[], json!({})).with("models", models).ready().await
}

/// A request of this client with `tools` in place of its own.
fn request(hub: &Hub, client: Wire, stream: bool, tools: &Value) -> Http {
    let mut body = client.request("one", stream);
    body["tools"] = tools.clone();
    post(hub, &client.path("one", stream), body.to_string())
}

fn read(client: Wire, stream: bool, got: &Answer) -> Said {
    if stream { read_stream(client, &got.text()) } else { read_whole(client, &got.json()) }
}

async fn every_client_gets_an_answer_with_tools_from_every_provider() {
    for wire in ALL {
        let provider = Provider::start(move |asked| weather(asked).answer(wire, asked)).await;
        let hub = hub(wire, &provider, json!({})).await;
        for client in ALL {
            for stream in [false, true] {
                let before = (provider.asked().len(), hub.recorded_method("good", "tools/call").len());
                let got = request(&hub, client, stream, &json!("tutti")).send().await;
                let pair = format!("{client:?} before {wire:?}, stream {stream}: {}", got.text());
                assert_eq!(got.status, 200, "{pair}");
                let said = read(client, stream, &got);
                assert_eq!(said.text, "Let me look.\n\nMild, and warm.", "{pair}");
                assert_eq!((said.calls, said.usage), (vec![], (24, 14)), "{pair}");
                assert!(!got.text().contains("good__echo"), "{pair}");
                let asked = provider.asked().split_off(before.0);
                assert_eq!(asked.len(), 2, "{pair}");
                let second = String::from_utf8_lossy(&asked[1].body).into_owned();
                let places = [second.rfind(PARIS), second.rfind(ROME)];
                assert!(places[0] < places[1], "the results stand in the order of the calls: {second}");
                assert_eq!(wire == Wire::Gemini, second.contains("thoughtSignature"), "turns stay signed: {second}");
                assert!((client, wire) != (Wire::Gemini, Wire::Gemini) || second.contains("c2lnbmVk"), "{second}");
                assert_eq!(hub.recorded_method("good", "tools/call").len(), before.1 + 2, "{pair}");
                if !stream {
                    assert_eq!(got.header("x-tutti-tools"), Some("good__echo, good__echo"), "{pair}");
                    assert_eq!(got.header("x-tutti-attempts"), Some("one/m answered, one/m answered"), "{pair}");
                }
            }
        }
    }
}
