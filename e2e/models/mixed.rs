//! Conversations in which one model of a route answers for another: none of them is given what only the other can read.

use super::provider::{Asked, Provider, Step, events, json as whole, whole as answer};
use super::script::of_anthropic;
use super::wire::Wire;
use super::{post, wants_stream};
use crate::harness::{Answer, Hub, Setup, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::mixed":
        claude_takes_over_again_what_another_model_has_thought,
        gemini_takes_over_calls_that_claude_has_signed,
        openai_takes_over_thoughts_that_claude_has_hidden,
        claude_takes_over_what_another_of_its_dialect_has_signed,
        another_account_takes_over_what_it_cannot_read,
        what_was_put_back_and_is_refused_is_left_out,
    )
}

pub(super) const CLAUDE: &str = "claude-sonnet-4-5";
pub(super) const SIGNATURE: &str = "RXFvQkNrZ0lCeEFCR0FJ";
const HIDDEN: &str = "RW1rS0FoZ0JFZ3k=";

/// Claude, which thinks, and hides a part of that, and calls a tool. It refuses thoughts that it has not signed.
async fn claude() -> Provider {
    claude_that_says(json!([
        {"type": "thinking", "thinking": "I should look.", "signature": SIGNATURE},
        {"type": "redacted_thinking", "data": HIDDEN},
        {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {}},
    ]))
    .await
}

pub(super) async fn claude_that_says(content: Value) -> Provider {
    Provider::start(move |asked| claude_says(asked, &content)).await
}

/// The answer of Claude with this content, whole or as a stream.
pub(super) fn claude_says(asked: &Asked, content: &Value) -> Vec<Step> {
    let said = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": CLAUDE, "stop_reason": "tool_use", "stop_sequence": null,
        "content": content, "usage": {"input_tokens": 12, "output_tokens": 7},
    });
    if !wants_stream(Wire::Anthropic, &asked.target, &asked.json()) {
        return whole(&said.to_string());
    }
    let told = of_anthropic(&said).into_iter();
    let told: Vec<String> =
        told.map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap_or_default())).collect();
    events(&told.iter().map(String::as_str).collect::<Vec<_>>())
}

pub(super) fn setup(route: &[(Value, &str)]) -> Setup {
    let mut models = json!({"providers": {}, "routes": {"r": {"use": []}}});
    for (number, (provider, model)) in route.iter().enumerate() {
        models["providers"][format!("p{number}")] = provider.clone();
        models["routes"]["r"]["use"].as_array_mut().expect("it is a list").push(json!(format!("p{number}/{model}")));
    }
    Setup::new().with("models", models)
}

pub(super) async fn ask(hub: &Hub, client: Wire, model: &str, stream: bool, body: &Value) -> Answer {
    let got = post(hub, &client.path(model, stream), body.to_string()).send().await;
    assert_eq!(got.status, 200, "{}", got.text());
    got
}

async fn claude_takes_over_again_what_another_model_has_thought() {
    let down = || {
        answer(529, "application/json", &[], r#"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#)
    };
    let one = Provider::start(move |asked| {
        let text = asked.json().to_string();
        if !text.contains("So?") {
            return down();
        }
        if text.contains(r#""type":"thinking""#) {
            return answer(400, "application/json", &[], r#"{"type":"error","error":{"type":"invalid_request_error","message":"Invalid `signature`"}}"#);
        }
        whole(&json!({"id": "msg_2", "type": "message", "role": "assistant", "model": CLAUDE, "stop_reason": "end_turn", "stop_sequence": null,
            "content": [{"type": "text", "text": "Sunny"}], "usage": {"input_tokens": 12, "output_tokens": 7}}).to_string())
    }).await;
    let other = Provider::start(|_| -> Vec<Step> {
        whole(r#"{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","reasoning_content":"I should look.","content":"Rainy"}}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"#)
    }).await;
    let hub =
        setup(&[(Wire::Anthropic.provider(&one.url), CLAUDE), (Wire::Chat.provider(&other.url), "r1")]).start().await;
    let mut body = json!({"model": "r", "max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 1024}, "messages": [{"role": "user", "content": "Hi"}]});
    let said: Value =
        serde_json::from_str(&ask(&hub, Wire::Anthropic, "r", false, &body).await.text()).expect("it is JSON");
    assert_eq!(said["content"][0], json!({"type": "thinking", "thinking": "I should look.", "signature": ""}));
    let messages = body["messages"].as_array_mut().expect("it is a list");
    messages.push(json!({"role": "assistant", "content": said["content"]}));
    messages.push(json!({"role": "user", "content": "So?"}));
    body["model"] = json!("p0/claude-sonnet-4-5");
    let got = ask(&hub, Wire::Anthropic, "p0/claude-sonnet-4-5", false, &body).await;
    assert!(got.text().contains("Sunny"), "{}", got.text());
    assert_eq!(got.header("x-tutti-lost"), Some("reasoning"));
    let mut expected = body.clone();
    expected["model"] = json!(CLAUDE);
    expected["messages"][1]["content"].as_array_mut().expect("it is a list").remove(0);
    assert_eq!(one.last().json(), expected);
    // Nobody is asked who would say that it is wrong: a client that wants all of it is told here.
    let asked = one.asked().len();
    let strict = post(&hub, "/v1/messages", body.to_string());
    let refused = strict.header("x-tutti-strict", "true").send().await;
    assert!(refused.text().contains("T-0913"), "{}", refused.text());
    assert_eq!(one.asked().len(), asked);
}

async fn gemini_takes_over_calls_that_claude_has_signed() {
    let (one, other) = (claude().await, Provider::start(|_| {
        whole(r#"{"candidates":[{"index":0,"finishReason":"STOP","content":{"role":"model","parts":[{"text":"Sunny"}]}}],"modelVersion":"m"}"#)
    }).await);
    let model = "gemini-3-pro-preview";
    let hub = setup(&[(Wire::Anthropic.provider(&one.url), CLAUDE), (Wire::Gemini.provider(&other.url), model)])
        .start()
        .await;
    let tools = json!([{"functionDeclarations": [{"name": "get_weather", "description": "Tells the weather"}]}]);
    for stream in [false, true] {
        let mut body =
            json!({"contents": [{"role": "user", "parts": [{"text": format!("Hi {stream}")}]}], "tools": tools});
        let got = ask(&hub, Wire::Gemini, "p0/claude-sonnet-4-5", stream, &body).await;
        assert!(!got.text().contains(SIGNATURE) && !got.text().contains("thoughtSignature"), "{}", got.text());
        // It is kept, and so it is not lost.
        assert_eq!(got.header("x-tutti-lost"), None);
        let call = json!({"functionCall": {"name": "get_weather", "args": {}}});
        let result = json!({"functionResponse": {"name": "get_weather", "response": {"result": "sunny"}}});
        body["contents"].as_array_mut().expect("it is a list").extend([
            json!({"role": "model", "parts": [{"text": "I should look.", "thought": true}, call]}),
            json!({"role": "user", "parts": [result]}),
        ]);
        ask(&hub, Wire::Gemini, &format!("p1/{model}"), false, &body).await;
        let mut expected = body.clone();
        expected["contents"][1]["parts"][1]["thoughtSignature"] = json!("skip_thought_signature_validator");
        assert_eq!(other.last().json(), expected);
        // Claude itself gets its own back.
        ask(&hub, Wire::Gemini, "p0/claude-sonnet-4-5", false, &body).await;
        let back = one.last().json()["messages"][1]["content"].clone();
        assert_eq!((&back[0]["signature"], &back[1]["data"]), (&json!(SIGNATURE), &json!(HIDDEN)), "{back}");
    }
}

async fn openai_takes_over_thoughts_that_claude_has_hidden() {
    let one = claude().await;
    let other = Provider::start(|_| {
        whole(r#"{"id":"resp_1","object":"response","created_at":1,"status":"completed","error":null,"model":"m","output":[{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Sunny","annotations":[]}]}],"usage":{"input_tokens":12,"output_tokens":7,"total_tokens":19}}"#)
    }).await;
    let hub = setup(&[(Wire::Anthropic.provider(&one.url), CLAUDE), (Wire::Responses.provider(&other.url), "gpt-5.1")])
        .start()
        .await;
    for stream in [false, true] {
        let tools =
            json!([{"type": "function", "name": "get_weather", "parameters": {"type": "object", "properties": {}}}]);
        let mut body = json!({"model": "p0/claude-sonnet-4-5", "stream": stream, "input": [{"role": "user", "content": format!("Hi {stream}")}], "tools": tools});
        let got = ask(&hub, Wire::Responses, "p0/claude-sonnet-4-5", stream, &body).await.text();
        assert!(!got.contains(HIDDEN) && !got.contains(SIGNATURE), "{got}");
        let said: Value = if stream {
            let last = got
                .lines()
                .filter_map(|line| line.strip_prefix("data: "))
                .find(|data| data.contains(r#""type":"response.completed""#));
            serde_json::from_str::<Value>(last.expect("it ends")).expect("it is JSON")["response"].clone()
        } else {
            serde_json::from_str(&got).expect("it is JSON")
        };
        let output = said["output"].as_array().expect("it is a list").clone();
        let kinds: Vec<&str> = output.iter().filter_map(|item| item["type"].as_str()).collect();
        assert_eq!(kinds, ["reasoning", "function_call"], "{said}");
        let input = body["input"].as_array_mut().expect("it is a list");
        input.extend(output);
        input.push(json!({"type": "function_call_output", "call_id": "toolu_1", "output": "sunny"}));
        body["model"] = json!("p1/gpt-5.1");
        body["stream"] = json!(false);
        ask(&hub, Wire::Responses, "p1/gpt-5.1", false, &body).await;
        let mut expected = body.clone();
        expected["model"] = json!("gpt-5.1");
        expected["input"].as_array_mut().expect("it is a list").remove(1);
        assert_eq!(other.last().json(), expected);
    }
}

/// Claude, which refuses whatever is signed.
async fn suspicious() -> Provider {
    Provider::start(|asked| {
        let text = asked.json().to_string();
        if text.contains(r#""signature":""#) || text.contains("redacted_thinking") {
            return answer(400, "application/json", &[], r#"{"type":"error","error":{"type":"invalid_request_error","message":"messages.1.content.0: Invalid `signature` in `thinking` block"}}"#);
        }
        whole(&json!({"id": "msg_2", "type": "message", "role": "assistant", "model": CLAUDE, "stop_reason": "end_turn", "stop_sequence": null,
            "content": [{"type": "text", "text": "Sunny"}], "usage": {"input_tokens": 12, "output_tokens": 7}}).to_string())
    })
    .await
}

async fn claude_takes_over_what_another_of_its_dialect_has_signed() {
    let one = suspicious().await;
    let hub = setup(&[(Wire::Anthropic.provider(&one.url), CLAUDE)]).start().await;
    let thinking = json!({"type": "thinking", "thinking": "I should look.", "signature": "b2Yga2ltaQ=="});
    let body = json!({"model": "r", "max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 1024}, "messages": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": [thinking, {"type": "text", "text": "Well"}]},
        {"role": "user", "content": "So?"},
    ]});
    let got = ask(&hub, Wire::Anthropic, "r", false, &body).await;
    assert!(got.text().contains("Sunny"), "{}", got.text());
    assert_eq!(got.header("x-tutti-lost"), Some("reasoning"));
    let mut expected = body.clone();
    expected["model"] = json!(CLAUDE);
    assert_eq!(one.asked()[0].json(), expected);
    expected["messages"][1]["content"].as_array_mut().expect("it is a list").remove(0);
    assert_eq!((one.asked().len(), one.last().json()), (2, expected));
    // Who wants nothing left out is told what Claude says.
    let strict = post(&hub, "/v1/messages", body.to_string()).header("x-tutti-strict", "true").send().await;
    assert_eq!((strict.status, one.asked().len()), (400, 3));
    assert!(strict.text().contains("Invalid `signature`"), "{}", strict.text());
}

async fn another_account_takes_over_what_it_cannot_read() {
    let error = json!({"message": "The encrypted content gAAA...DQ== could not be verified.", "type": "invalid_request_error", "param": null, "code": "invalid_encrypted_content"});
    let answered = json!({"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "error": null, "model": "m",
        "output": [{"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [{"type": "output_text", "text": "Sunny", "annotations": []}]}],
        "usage": {"input_tokens": 12, "output_tokens": 7, "total_tokens": 19}});
    let one = Provider::start(move |asked| {
        let body = asked.json();
        let stream = body["stream"] == true;
        let event = |name: &str, response: &Value| {
            format!("event: {name}\ndata: {}\n\n", json!({"type": name, "sequence_number": 0, "response": response}))
        };
        match (body.to_string().contains("encrypted_content"), stream) {
            // It may be found out late.
            (true, true) => {
                let failed =
                    json!({"id": "resp_0", "object": "response", "status": "failed", "error": error, "output": []});
                events(&[event("response.failed", &failed).as_str()])
            }
            (true, false) => answer(400, "application/json", &[], &json!({"error": error}).to_string()),
            (false, true) => events(&[event("response.completed", &answered).as_str()]),
            (false, false) => whole(&answered.to_string()),
        }
    })
    .await;
    let hub = setup(&[(Wire::Responses.provider(&one.url), "gpt-5.1")]).start().await;
    for stream in [false, true] {
        let body = json!({"model": "r", "stream": stream, "store": false, "input": [
            {"role": "user", "content": "Hi"},
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"},
            {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "sunny"},
        ]});
        let got = ask(&hub, Wire::Responses, "r", stream, &body).await;
        assert!(got.text().contains("Sunny") && !got.text().contains("verified"), "{}", got.text());
        assert_eq!(got.header("x-tutti-lost"), Some("reasoning"));
        let mut expected = body.clone();
        expected["model"] = json!("gpt-5.1");
        expected["input"].as_array_mut().expect("it is a list").remove(1);
        assert_eq!(one.last().json(), expected);
    }
    assert_eq!(one.asked().len(), 4);
}

async fn what_was_put_back_and_is_refused_is_left_out() {
    let (one, other) = (claude().await, suspicious().await);
    let hub = setup(&[(Wire::Anthropic.provider(&one.url), CLAUDE), (Wire::Anthropic.provider(&other.url), CLAUDE)])
        .start()
        .await;
    let mut body = json!({"messages": [{"role": "user", "content": "Hi"}], "tools": [{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}]});
    body["model"] = json!("p0/claude-sonnet-4-5");
    let got = ask(&hub, Wire::Chat, "p0/claude-sonnet-4-5", false, &body).await;
    let said: Value = serde_json::from_str(&got.text()).expect("it is JSON");
    let mut message = said["choices"][0]["message"].clone();
    message
        .as_object_mut()
        .expect("it is an object")
        .retain(|name, _| ["role", "content", "tool_calls"].contains(&name.as_str()));
    let messages = body["messages"].as_array_mut().expect("it is a list");
    messages.push(message);
    messages.push(json!({"role": "tool", "tool_call_id": "toolu_1", "content": "sunny"}));
    body["model"] = json!("p1/claude-sonnet-4-5");
    let got = ask(&hub, Wire::Chat, "p1/claude-sonnet-4-5", false, &body).await;
    assert!(got.text().contains("Sunny"), "{}", got.text());
    // Nothing of it was the client's, and it is kept.
    assert_eq!(got.header("x-tutti-lost"), None);
    assert!(other.asked()[0].json().to_string().contains(SIGNATURE));
    let kinds: Vec<Value> = other.last().json()["messages"][1]["content"]
        .as_array()
        .expect("it is a list")
        .iter()
        .map(|part| part["type"].clone())
        .collect();
    assert_eq!(kinds, ["tool_use"]);
}
