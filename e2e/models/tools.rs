//! Tools of the hub for models: what a model calls is run, and it goes on until there is an answer, for clients of every
//! dialect before providers of another.

use super::post;
use super::provider::{Asked, Provider, Step, whole};
use super::script::Line;
use super::wire::{ALL, Said, Wire};
use super::wire_answers::{read_stream, read_whole};
use crate::harness::{Answer, Http, Hub, Setup, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::tools":
        every_client_gets_an_answer_with_tools_from_every_provider,
        a_tool_of_the_clients_own_is_its_own_and_nothing_is_forgotten,
        a_turn_with_both_kinds_is_the_clients,
        a_tool_of_a_namespace_is_the_clients_whatever_its_own_name,
        what_openai_thinks_between_rounds_comes_back_also_where_it_stores_nothing,
        tools_are_asked_for_in_three_ways_and_otherwise_nothing_changes,
        a_view_that_there_is_not_is_refused_in_the_dialect,
        another_provider_goes_on_in_the_middle,
        a_response_is_gone_on_from_by_the_id_at_its_end,
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

/// What the client sends next: what it got, and what came of its own tool.
fn continued(client: Wire, mut body: Value, got: &Value) -> Value {
    let mut add = |list: &str, entries: Vec<Value>| {
        body[list].as_array_mut().expect("it is a list").extend(entries);
    };
    match client {
        Wire::Chat => {
            let message = got["choices"][0]["message"].clone();
            let id = message["tool_calls"][0]["id"].clone();
            add("messages", vec![message, json!({"role": "tool", "tool_call_id": id, "content": "shown"})]);
        }
        Wire::Responses => {
            let mut output = got["output"].as_array().cloned().unwrap_or_default();
            let id = output.last().map(|call| call["call_id"].clone());
            output.push(json!({"type": "function_call_output", "call_id": id, "output": "shown"}));
            add("input", output);
        }
        Wire::Anthropic => {
            let content = got["content"].clone();
            let id = content.as_array().and_then(|blocks| blocks.last()).map(|call| call["id"].clone());
            let result =
                json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": "shown"}]});
            add("messages", vec![json!({"role": "assistant", "content": content}), result]);
        }
        Wire::Gemini => {
            let result = json!({"functionResponse": {"name": "get_weather", "response": {"output": "shown"}}});
            add("contents", vec![got["candidates"][0]["content"].clone(), json!({"role": "user", "parts": [result]})]);
        }
        Wire::Ollama => {
            let result = json!({"role": "tool", "tool_name": "get_weather", "content": "shown"});
            add("messages", vec![got["message"].clone(), result]);
        }
        Wire::Bedrock => unreachable!("clients do not speak it"),
    }
    body
}

async fn a_tool_of_the_clients_own_is_its_own_and_nothing_is_forgotten() {
    for wire in ALL {
        let provider = Provider::start(move |asked| {
            let body = String::from_utf8_lossy(&asked.body).into_owned();
            let line = match (body.contains("shown"), body.contains(PARIS)) {
                (true, _) => Line::says("Done."),
                (false, true) => Line::calls("Now yours.", &[("get_weather", json!({"city": "Rome"}))]),
                (false, false) => Line::calls("Let me look.", &[("good__echo", json!({"message": PARIS}))]),
            };
            line.answer(wire, asked)
        })
        .await;
        let hub = hub(wire, &provider, json!({})).await;
        for client in ALL {
            for stream in [true, false] {
                let mut body = client.request("one", stream);
                body["tools"].as_array_mut().expect("it is a list").push(json!({"type": "tutti", "view": "all"}));
                let got = post(&hub, &client.path("one", stream), body.to_string()).send().await;
                let pair = format!("{client:?} before {wire:?}, stream {stream}: {}", got.text());
                let said = read(client, stream, &got);
                assert_eq!(said.text, "Let me look.\n\nNow yours.", "{pair}");
                assert_eq!(said.calls, [("get_weather".to_owned(), json!({"city": "Rome"}))], "{pair}");
                assert!(said.ends_in_calls, "{pair}");
                if stream {
                    continue;
                }
                let called = hub.recorded_method("good", "tools/call").len();
                let body = continued(client, body, &got.json());
                let end = post(&hub, &client.path("one", false), body.to_string()).send().await;
                assert_eq!(read_whole(client, &end.json()).text, "Done.", "{pair}: {}", end.text());
                let asked = String::from_utf8_lossy(&provider.last().body).into_owned();
                assert_eq!(asked.matches(PARIS).count(), 2, "{pair}: the model knows what it did: {asked}");
                assert!(asked.rfind(PARIS) < asked.rfind("shown"), "{pair}: {asked}");
                assert_eq!(hub.recorded_method("good", "tools/call").len(), called, "{pair}: it is not done again");
            }
        }
    }
}

async fn a_turn_with_both_kinds_is_the_clients() {
    for wire in ALL {
        let provider = Provider::start(move |asked| {
            let calls = [("good__echo", json!({"message": PARIS})), ("get_weather", json!({"city": "Rome"}))];
            Line::calls("Both.", &calls).answer(wire, asked)
        })
        .await;
        let hub = hub(wire, &provider, json!({})).await;
        for client in ALL {
            for stream in [true, false] {
                let mut body = client.request("one", stream);
                body["tools"].as_array_mut().expect("it is a list").push(json!({"type": "tutti"}));
                let got = post(&hub, &client.path("one", stream), body.to_string()).send().await;
                let pair = format!("{client:?} before {wire:?}, stream {stream}: {}", got.text());
                let said = read(client, stream, &got);
                assert_eq!(said.calls, [("get_weather".to_owned(), json!({"city": "Rome"}))], "{pair}");
                assert!(said.ends_in_calls, "{pair}");
            }
        }
        assert_eq!(hub.recorded_method("good", "tools/call").len(), 0, "the model calls again what it still needs");
    }
}

async fn a_tool_of_a_namespace_is_the_clients_whatever_its_own_name() {
    for wire in [Wire::Chat, Wire::Anthropic] {
        let provider = Provider::start(move |asked| {
            let body = String::from_utf8_lossy(&asked.body).into_owned();
            let line = match (body.contains("shown"), body.contains(PARIS)) {
                (true, _) => Line::says("Done."),
                (false, true) => Line::calls("Now yours.", &[("crm__good__echo", json!({"message": ROME}))]),
                (false, false) => Line::calls("Let me look.", &[("good__echo", json!({"message": PARIS}))]),
            };
            line.answer(wire, asked)
        })
        .await;
        let hub = hub(wire, &provider, json!({})).await;
        for stream in [true, false] {
            let own =
                json!({"type": "function", "name": "good__echo", "strict": false, "parameters": {"type": "object"}});
            let mut body = json!({"model": "one", "stream": stream, "input": [{"role": "user", "content": "Look."}],
                "tools": [{"type": "namespace", "name": "crm", "tools": [own]}, {"type": "tutti", "view": "all"}]});
            let before = hub.recorded_method("good", "tools/call").len();
            let got = post(&hub, "/v1/responses", body.to_string()).send().await;
            let last = got.text().lines().filter_map(|line| line.strip_prefix("data: ")).next_back().map(str::to_owned);
            let said: Value = last.map_or_else(|| got.json(), |last| serde_json::from_str(&last).expect("it is JSON"));
            let output = if stream { &said["response"]["output"] } else { &said["output"] };
            let output = output.as_array().expect("it is a list");
            let call = output.last().expect("it calls");
            let named = (&call["type"], &call["namespace"], &call["name"]);
            assert_eq!(named, (&json!("function_call"), &json!("crm"), &json!("good__echo")), "{wire:?}: {said}");
            assert_eq!(hub.recorded_method("good", "tools/call").len(), before + 1, "{wire:?}: the other is the hub's");
            let id = call["call_id"].clone();
            let input = body["input"].as_array_mut().expect("it is a list");
            input.extend(output.iter().cloned());
            input.push(json!({"type": "function_call_output", "call_id": id, "output": "shown"}));
            body["stream"] = json!(false);
            let end = post(&hub, "/v1/responses", body.to_string()).send().await;
            assert_eq!(read_whole(Wire::Responses, &end.json()).text, "Done.", "{wire:?}: {}", end.text());
            let asked = String::from_utf8_lossy(&provider.last().body).into_owned();
            assert!(asked.contains("\"crm__good__echo\"") && asked.contains(PARIS), "{wire:?}: {asked}");
            assert_eq!(hub.recorded_method("good", "tools/call").len(), before + 1, "{wire:?}: it is not done again");
        }
    }
}

async fn tools_are_asked_for_in_three_ways_and_otherwise_nothing_changes() {
    let provider = Provider::start(|asked| Line::says("Hello.").answer(Wire::Chat, asked)).await;
    let view = json!({"small": {"tools": ["good__echo", "good__add"]}});
    let models = json!({"providers": {"one": Wire::Chat.provider(&provider.url)}});
    let hub = Setup::new().fixture("good", &[], json!({})).with("models", models).with("views", view).ready().await;
    let question = json!([{"role": "user", "content": "Add two numbers"}]);
    let ask = |tools: Option<Value>| {
        let mut body = json!({"model": "one/m", "messages": question, "x-vendor": 1.50});
        tools.into_iter().for_each(|tools| body["tools"] = tools);
        post(&hub, "/v1/chat/completions", body.to_string())
    };
    let offered = || -> Vec<String> {
        let body = provider.last().json();
        let tools = body["tools"].as_array().cloned().unwrap_or_default();
        tools.iter().map(|tool| tool["function"]["name"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let own = json!({"type": "function", "function": {"name": "own"}});
    for (http, expected) in [
        (ask(Some(json!("small"))), vec!["good__echo", "good__add"]),
        (ask(None).header("x-tutti-tools", "small"), vec!["good__echo", "good__add"]),
        (ask(Some(json!([own, {"type": "tutti", "view": "small"}]))), vec!["own", "good__echo", "good__add"]),
    ] {
        let got = http.send().await;
        assert_eq!((got.status, got.json()["choices"][0]["message"]["content"].clone()), (200, json!("Hello.")));
        assert_eq!(offered(), expected);
        assert!(provider.last().json().get("x-vendor").is_some(), "all else goes on");
    }
    // Of many tools those that fit, and those that find the others.
    ask(Some(json!("tutti"))).send().await;
    let names = offered();
    assert!(names.len() <= 11 && names.contains(&"good__add".to_owned()), "{names:?}");
    assert!(
        ["search_tools", "describe_tools", "call_tool"].iter().all(|own| names.contains(&(*own).to_owned())),
        "{names:?}"
    );
    // Without a word of it the client's own bytes go on.
    let body = r#"{ "model" : "m" , "tools":[ {"type":"function","function":{"name":"own"}}],"messages":[]}"#;
    post(&hub, "/v1/chat/completions", body.replace("\"m\"", "\"one/m\"")).send().await;
    assert_eq!(String::from_utf8_lossy(&provider.last().body), body);
}

async fn a_view_that_there_is_not_is_refused_in_the_dialect() {
    let provider = Provider::start(|asked| Line::says("Hello.").answer(Wire::Chat, asked)).await;
    let key = "Zq5uE1hG7jNx6RbV0pKt2MaS";
    let models =
        json!({"providers": {"one": Wire::Chat.provider(&provider.url)}, "routes": {"one": {"use": ["one/m"]}}});
    let setup = Setup::new().fixture("good", &[], json!({})).with("models", models);
    let setup = setup.with("views", json!({"small": {"tools": ["good__echo"]}, "secret": {}}));
    let setup = setup
        .with("key", json!("o7rXf2kQ9vLm4TzB8sWn3YcD"))
        .with("keys", json!({"alice": {"key": key, "views": ["small"]}}));
    let hub = setup.start().await;
    for client in ALL {
        for view in ["nobody", "secret", "tutti"] {
            let got = request(&hub, client, false, &json!(view)).header("x-api-key", key).send().await;
            let said = got.json();
            let error = if client == Wire::Ollama { &said["error"] } else { &said["error"]["message"] };
            let words = error.as_str().unwrap_or_default();
            assert_eq!((got.status, got.header("x-tutti-code")), (404, Some("T-0320")), "{client:?}: {}", got.text());
            assert!(words.contains("one of these: small") && !words.contains(": secret"), "{client:?}: {words}");
        }
    }
    assert_eq!(provider.asked().len(), 0);
}

async fn another_provider_goes_on_in_the_middle() {
    for stream in [false, true] {
        let first = Provider::start(|asked| {
            let body = String::from_utf8_lossy(&asked.body).into_owned();
            if body.contains(PARIS) {
                return whole(
                    529,
                    "application/json",
                    &[],
                    r#"{"type":"error","error":{"type":"overloaded_error","message":"full"}}"#,
                );
            }
            weather(asked).answer(Wire::Anthropic, asked)
        })
        .await;
        let second = Provider::start(|asked| weather(asked).answer(Wire::Gemini, asked)).await;
        let models = json!({
            "providers": {"a": Wire::Anthropic.provider(&first.url), "b": Wire::Gemini.provider(&second.url)},
            "routes": {"one": {"use": ["a/m", "b/m"]}},
        });
        let hub = Setup::new().fixture("good", &[], json!({})).with("models", models).ready().await;
        let got = request(&hub, Wire::Chat, stream, &json!("tutti")).send().await;
        let said = read(Wire::Chat, stream, &got);
        assert_eq!((said.text.as_str(), said.usage), ("Let me look.\n\nMild, and warm.", (24, 14)), "{}", got.text());
        if !stream {
            assert_eq!(got.header("x-tutti-attempts"), Some("a/m answered, a/m T-0907, b/m answered"));
            assert_eq!(got.header("x-tutti-deployment"), Some("b/m"));
        }
    }
}

async fn a_response_is_gone_on_from_by_the_id_at_its_end() {
    for stream in [false, true] {
        // Each round has an id of its own.
        let provider = Provider::start(|asked| {
            let answered = String::from_utf8_lossy(&asked.body).matches(PARIS).count() > 1;
            let rename = |step| match step {
                Step::Send(bytes) if answered => {
                    Step::Send(String::from_utf8_lossy(&bytes).replace("resp_1", "resp_2").into_bytes())
                }
                step => step,
            };
            weather(asked).answer(Wire::Responses, asked).into_iter().map(rename).collect()
        })
        .await;
        let mut hub = hub(Wire::Responses, &provider, json!({})).await;
        let got = request(&hub, Wire::Responses, stream, &json!("tutti")).send().await;
        let events: Vec<Value> =
            got.text().lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok()).collect();
        let ids = if stream {
            [&events[0], &events[events.len() - 1]].map(|event| event["response"]["id"].clone())
        } else {
            [json!("resp_1"), got.json()["id"].clone()]
        };
        assert_eq!(ids, ["resp_1", "resp_2"], "{}", got.text());
        let go_on = async |hub: &Hub, id: &str| {
            let body = json!({"model": "one", "input": "And then?", "previous_response_id": id});
            post(hub, "/v1/responses", body.to_string()).send().await;
            provider.last().json()["previous_response_id"].clone()
        };
        // The one at the beginning leads there too, as long as this hub knows of it.
        assert_eq!(go_on(&hub, "resp_1").await, if stream { "resp_2" } else { "resp_1" });
        hub = hub.stop().await.start().await;
        assert_eq!(go_on(&hub, "resp_2").await, "resp_2");
    }
}

async fn what_openai_thinks_between_rounds_comes_back_also_where_it_stores_nothing() {
    let provider = Provider::start(|asked| weather(asked).answer(Wire::Responses, asked)).await;
    let models = json!({"providers": {"one": Wire::Responses.provider(&provider.url)}});
    let hub = Setup::new().fixture("good", &[], json!({})).with("models", models).ready().await;
    let question = json!([{"role": "user", "content": "What is the weather in Paris?"}]);
    for (model, stream) in [("one/gpt-5", false), ("one/gpt-5", true), ("one/gpt-4o", false)] {
        let before = provider.asked().len();
        let body = json!({"model": model, "stream": stream, "store": false, "input": question, "tools": "tutti"});
        assert_eq!(post(&hub, "/v1/responses", body.to_string()).send().await.status, 200);
        let asked: Vec<Value> =
            provider.asked()[before..].iter().map(|asked| asked.json()["include"].clone()).collect();
        let expected = if model == "one/gpt-5" { json!(["reasoning.encrypted_content"]) } else { Value::Null };
        assert!(asked.len() > 1 && asked.iter().all(|include| *include == expected), "{model}: {asked:?}");
    }
}
