//! Tools of the hub for models: what models may not do, calls that come to nothing, and talks without end.

use super::post;
use super::provider::{Asked, Provider};
use super::script::Line;
use super::wire::{ALL, Wire};
use super::wire_answers::{read_stream, read_whole};
use crate::harness::{Answer, Http, Hub, Setup, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::tools_limits":
        a_call_that_fails_is_told_to_the_model,
        a28_a_model_calls_no_tool_outside_the_view,
        a40_a_result_above_the_limit_is_cut,
        a43_a_server_cannot_ask_in_the_middle_of_a_models_call,
        a_model_that_calls_for_ever_is_ended,
        a_call_beyond_the_time_is_given_up,
        a_model_finds_a_tool_and_calls_it,
        a_model_is_not_asked_before_the_servers_are_up,
        a_server_that_hangs_in_its_start_is_waited_for_once,
        calls_count_for_the_rate_of_the_key,
        a_client_that_leaves_ends_everything,
        what_is_said_goes_on_at_once,
        a_provider_that_fails_in_the_middle_is_told,
    )
}

/// A hub with the fixture as `good` and a provider of OpenAI's dialect.
async fn hub(provider: &Provider, tools: &Value, members: &[(&str, Value)]) -> Hub {
    let models = json!({
        "providers": {"one": Wire::Chat.provider(&provider.url)}, "routes": {"one": {"use": ["one/m"]}}, "tools": tools,
    });
    let setup = Setup::new().fixture("good", &["--era", "legacy"], json!({"offers": ["sampling", "elicitation"]}));
    let setup =
        members.iter().fold(setup.with("models", models), |setup, (name, value)| setup.with(name, value.clone()));
    setup.ready().await
}

/// A provider whose model calls `tool`, and then says what it was told.
async fn calls_once(tool: &'static str, arguments: Value) -> Provider {
    Provider::start(move |asked| {
        let line =
            if told(asked).is_empty() { Line::calls("", &[(tool, arguments.clone())]) } else { Line::says("I see.") };
        line.answer(Wire::Chat, asked)
    })
    .await
}

/// What the model was told by tools.
fn told(asked: &Asked) -> Vec<String> {
    let body = asked.json();
    let messages = body["messages"].as_array().cloned().unwrap_or_default();
    let results = messages.into_iter().filter(|message| message["role"] == "tool");
    let text = |content: &Value| content.as_str().map_or_else(|| content.to_string(), str::to_owned);
    results.map(|message| text(&message["content"])).collect()
}

fn request(hub: &Hub, client: Wire, stream: bool, view: &str) -> Http {
    let mut body = json!({"model": "one", "stream": stream, "messages": [{"role": "user", "content": "Go on"}]});
    body["tools"] = json!(view);
    if client != Wire::Chat {
        body = client.request("one", stream);
        body["tools"] = json!(view);
    }
    post(hub, &client.path("one", stream), body.to_string())
}

async fn ask(hub: &Hub, view: &str) -> Answer {
    request(hub, Wire::Chat, false, view).send().await
}

#[track_caller]
fn assert_said(got: &Answer, text: &str) {
    assert_eq!((got.status, read_whole(Wire::Chat, &got.json()).text), (200, text.to_owned()), "{}", got.text());
}

async fn a_call_that_fails_is_told_to_the_model() {
    for (tool, arguments, expected) in [
        ("good__fail", json!({"text": "no such city"}), "no such city"),
        ("good__error", json!({"code": -32000, "message": "out of order"}), "out of order"),
        ("good__nothing", json!({}), "good__nothing"),
        ("good__echo", json!([1]), "no JSON object"),
    ] {
        let provider = calls_once(tool, arguments).await;
        let hub = hub(&provider, &json!({}), &[]).await;
        let got = ask(&hub, "tutti").await;
        assert_said(&got, "I see.");
        let told = told(&provider.last());
        assert!(told.len() == 1 && told[0].contains(expected), "{tool}: {told:?}");
        assert_eq!(got.header("x-tutti-tools"), Some(format!("{tool} failed").as_str()));
    }
}

async fn a28_a_model_calls_no_tool_outside_the_view() {
    for (tool, arguments) in [
        ("good__secret", json!({})),
        ("call_tool", json!({"name": "good__secret", "arguments": {}})),
        ("other__secret", json!({})),
        ("run_plan", json!({"steps": [{"id": "a", "tool": "good__secret"}]})),
    ] {
        let provider = calls_once(tool, arguments).await;
        let hub = hub(&provider, &json!({}), &[("views", json!({"open": {"deny": ["*secret"]}}))]).await;
        assert_said(&ask(&hub, "open").await, "I see.");
        let told = told(&provider.last());
        assert!(told.len() == 1 && !told[0].contains("the secret of"), "{tool}: {told:?}");
        assert_eq!(hub.recorded_method("good", "tools/call").len(), 0, "{tool}");
    }
}

async fn a40_a_result_above_the_limit_is_cut() {
    let provider = calls_once("good__huge", json!({"megabytes": 1})).await;
    let hub = hub(&provider, &json!({"result": "1KiB"}), &[]).await;
    assert_said(&ask(&hub, "tutti").await, "I see.");
    let told = told(&provider.last());
    assert!(told[0].len() < 1400 && told[0].contains("were left out"), "{} bytes: {:.200}", told[0].len(), told[0]);
}

async fn a43_a_server_cannot_ask_in_the_middle_of_a_models_call() {
    for method in ["sampling/createMessage", "elicitation/create"] {
        let provider = calls_once("good__ask", json!({"method": method, "params": {}})).await;
        let hub = hub(&provider, &json!({}), &[]).await;
        assert_said(&ask(&hub, "tutti").await, "I see.");
        let told = told(&provider.last());
        assert!(told.len() == 1 && told[0].contains("error"), "{method}: {told:?}");
        assert_eq!(provider.asked().len(), 2, "no model was asked for the server");
    }
}

async fn a_model_that_calls_for_ever_is_ended() {
    for client in ALL {
        for stream in [false, true] {
            let call = || Line::calls("More.", &[("good__echo", json!({"message": "again"}))]);
            let provider = Provider::start(move |asked| call().answer(Wire::Chat, asked)).await;
            let hub = hub(&provider, &json!({"rounds": 2}), &[]).await;
            let got = request(&hub, client, stream, "tutti").send().await;
            let pair = format!("{client:?}, stream {stream}: {}", got.text());
            assert_eq!(got.status, 200, "{pair}");
            let said = if stream { read_stream(client, &got.text()) } else { read_whole(client, &got.json()) };
            assert_eq!((said.text.as_str(), said.calls.len()), ("More.\n\nMore.\n\nMore.", 0), "{pair}");
            let asked = provider.asked();
            assert_eq!(asked.len(), 3, "{pair}");
            let last = asked[2].json();
            assert!(last["tool_choice"] == "none" || last.get("tools").is_none(), "{pair}: {last}");
            let ends = ["\"length\"", "\"max_tokens\"", "\"MAX_TOKENS\"", "max_output_tokens"];
            assert!(ends.iter().any(|end| got.text().contains(end)), "it does not look whole: {pair}");
        }
    }
}

async fn a_call_beyond_the_time_is_given_up() {
    let provider = calls_once("good__hang", json!({})).await;
    let hub = hub(&provider, &json!({"time": "1s"}), &[]).await;
    assert_said(&ask(&hub, "tutti").await, "I see.");
    assert!(told(&provider.last())[0].contains("T-0930"), "{:?}", told(&provider.last()));
    assert_eq!(provider.last().json()["tool_choice"], "none");
}

async fn a_model_finds_a_tool_and_calls_it() {
    let provider = Provider::start(|asked| {
        let line = match told(asked).as_slice() {
            [] => Line::calls("", &[("search_tools", json!({"queries": ["add two numbers"]}))]),
            [found] if found.contains("good__add") => {
                let arguments = json!({"name": "good__add", "arguments": {"a": 19, "b": 23}});
                Line::calls("", &[("call_tool", arguments), ("good__add", json!({"a": 1, "b": 1}))])
            }
            [_, ..] => Line::says("I see."),
        };
        line.answer(Wire::Chat, asked)
    })
    .await;
    let hub = hub(&provider, &json!({"top": 1}), &[]).await;
    assert_said(&ask(&hub, "tutti").await, "I see.");
    let told = told(&provider.last());
    assert!(told.len() == 3 && told[1].contains("42") && told[2].contains('2'), "{told:?}");
}

async fn a_model_is_not_asked_before_the_servers_are_up() {
    let provider = Provider::start(|asked| {
        let names = asked.json()["tools"].as_array().map_or(0, Vec::len);
        Line::says(if names > 0 { "With tools." } else { "Without." }).answer(Wire::Chat, asked)
    })
    .await;
    let models =
        json!({"providers": {"one": Wire::Chat.provider(&provider.url)}, "routes": {"one": {"use": ["one/m"]}}});
    let hub = Setup::new().fixture("good", &["--era", "legacy"], json!({})).with("models", models).start().await;
    assert_said(&ask(&hub, "tutti").await, "With tools.");
    // What there is to be searched says so.
    let tools = provider.last().json()["tools"].to_string();
    assert!(tools.contains("numbers of tools: good"), "{tools}");
}

async fn a_server_that_hangs_in_its_start_is_waited_for_once() {
    let provider = Provider::start(|asked| Line::says("Hello.").answer(Wire::Chat, asked)).await;
    let models =
        json!({"providers": {"one": Wire::Chat.provider(&provider.url)}, "routes": {"one": {"use": ["one/m"]}}});
    let mut setup = Setup::new().fixture("good", &["--era", "legacy"], json!({})).with("models", models);
    setup.config["servers"]["hang"] = json!({"command": "sleep", "args": ["1000"]});
    let hub = setup.with("views", json!({"well": {"servers": ["good"]}})).start().await;
    hub.wait_for_tool("good__echo").await;
    // It is waited for three seconds at a time: never where the view does not have it, and in all no longer than that where it does.
    for (view, longest) in [("well", 2), ("tutti", 6)] {
        let began = Instant::now();
        for _ in 0..3 {
            assert_said(&ask(&hub, view).await, "Hello.");
        }
        assert!(began.elapsed() < Duration::from_secs(longest), "{view}: {:?}", began.elapsed());
    }
}

async fn calls_count_for_the_rate_of_the_key() {
    let provider = Provider::start(|asked| {
        let calls: Vec<(&str, Value)> = (0..4).map(|_| ("good__echo", json!({"message": "hi"}))).collect();
        let line = if told(asked).is_empty() { Line::calls("", &calls) } else { Line::says("I see.") };
        line.answer(Wire::Chat, asked)
    })
    .await;
    let hub = hub(&provider, &json!({}), &[]).await;
    let mut setup = hub.stop().await;
    let key = "Zq5uE1hG7jNx6RbV0pKt2MaS";
    setup.config["key"] = json!("o7rXf2kQ9vLm4TzB8sWn3YcD");
    setup.config["keys"] = json!({"alice": {"key": key, "rate": "3/h"}});
    let hub = setup.start().await;
    let got = request(&hub, Wire::Chat, false, "tutti").header("x-api-key", key).send().await;
    assert_said(&got, "I see.");
    let told = told(&provider.last());
    assert_eq!(told.iter().filter(|text| text.contains("T-0325")).count(), 2, "{told:?}");
}

async fn a_client_that_leaves_ends_everything() {
    for stream in [false, true] {
        let provider = calls_once("good__hang", json!({})).await;
        let hub = hub(&provider, &json!({}), &[]).await;
        let http = request(&hub, Wire::Chat, stream, "tutti");
        let asking = tokio::spawn(async move {
            let answer = http.open().await;
            answer.finish().await
        });
        hub.wait_for_record("good", "tools/call").await;
        asking.abort();
        let cancelled = hub.call("good__cancelled", json!({"at_least": 1})).await;
        assert!(cancelled.structured().to_string().contains("hang"), "{:?}", cancelled.structured());
        assert_eq!(provider.asked().len(), 1, "stream {stream}: no model is asked any more");
    }
}

async fn what_is_said_goes_on_at_once() {
    let provider = Provider::start(|asked| {
        let line = if told(asked).is_empty() {
            Line::calls("One moment.", &[("good__hold", json!({"name": "here"}))])
        } else {
            Line::says("Here.")
        };
        line.answer(Wire::Chat, asked)
    })
    .await;
    let hub = hub(&provider, &json!({}), &[]).await;
    let mut stream = request(&hub, Wire::Chat, true, "tutti").open().await;
    let mut all = String::new();
    while !all.contains("One moment.") {
        all.push_str(&stream.next_data().await.expect("the stream goes on"));
    }
    hub.call("good__await_hold", json!({"name": "here"})).await;
    assert_eq!(provider.asked().len(), 1, "the tool is still at work");
    hub.call("good__release", json!({"name": "here"})).await;
    while let Some(data) = stream.next_data().await {
        all.push_str(&data);
    }
    assert!(all.contains("Here.") && all.ends_with("[DONE]"), "{all}");
    assert_eq!((all.matches("\"role\"").count(), all.matches("finish_reason\":\"").count()), (1, 1), "{all}");
}

async fn a_provider_that_fails_in_the_middle_is_told() {
    for client in ALL {
        let provider = Provider::start(|asked| {
            let body = asked.json();
            let last = body["messages"].as_array().and_then(|messages| messages.last());
            if last.is_some_and(|message| message["role"] != "tool") {
                return Line::calls("Hm.", &[("good__echo", json!({"message": "hi"}))]).answer(Wire::Chat, asked);
            }
            super::provider::whole(500, "application/json", &[], r#"{"error":{"message":"out of order"}}"#)
        })
        .await;
        let hub = hub(&provider, &json!({}), &[]).await;
        let whole = request(&hub, client, false, "tutti").send().await;
        assert_eq!((whole.status, whole.header("x-tutti-code")), (502, Some("T-0907")), "{client:?}: {}", whole.text());
        let got = request(&hub, client, true, "tutti").send().await;
        let text = got.text();
        // The last letter of a text has an event of its own for clients of Gemini.
        let said = if client == Wire::Gemini { "\"text\":\"H" } else { "Hm." };
        assert!(text.contains(said) && text.contains("T-0907"), "{client:?}: {text}");
        let complete = ["[DONE]", "message_stop", "response.completed", "\"done\":true", "finishReason"];
        assert!(complete.iter().all(|end| !text.contains(end)), "{client:?}: {text}");
    }
}
