//! Signatures and encrypted thoughts for which a client's dialect has no place: they come back to the provider that made
//! them when the client sends the turn again, and to nobody else.

use super::provider::{Asked, Provider, Step, end, json as whole, piece, stream_head};
use super::script::{of_anthropic, of_responses};
use super::wire::{ALL, Wire};
use super::{post, wants_stream};
use crate::harness::{Answer, Hub, Setup, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::signatures":
        they_come_back_over_turns_with_tools_and_a_restart,
        nobody_gets_those_of_another,
        they_go_only_to_those_who_made_them,
    )
}

const KEY: &str = "o7rXf2kQ9vLm4TzB8sWn3YcD";
const ALICE: &str = "Zq5uE1hG7jNx6RbV0pKt2MaS";
const BOB: &str = "Yw3dF8sJ1kLc5TnH4vQe7XgA";

/// The turns in which tools are called.
const TURNS: usize = 3;

/// Those whose models sign, with the name of one.
const SIGNING: [(Wire, &str); 3] =
    [(Wire::Anthropic, "claude-sonnet-4-5"), (Wire::Gemini, "gemini-3-pro-preview"), (Wire::Responses, "gpt-5.1")];

/// How often a model has answered before in what it is asked.
fn turns(wire: Wire, body: &Value) -> usize {
    let of = |list: &Value, name: &str, value: &str| {
        list.as_array().map_or(0, |list| list.iter().filter(|entry| entry[name] == value).count())
    };
    match wire {
        Wire::Anthropic => of(&body["messages"], "role", "assistant"),
        Wire::Gemini => of(&body["contents"], "role", "model"),
        _ => of(&body["input"], "role", "assistant"),
    }
}

/// What the model signs in its answer of this number: it as it must come back.
fn signed(wire: Wire, number: usize) -> Value {
    match wire {
        Wire::Anthropic => {
            json!({"type": "thinking", "thinking": format!("Thought {number}"), "signature": format!("RXFvQkNrZ0lCeEFCR0FJ{number}==")})
        }
        Wire::Gemini => json!(["CsEB", "CtAC", "CuAD", "CvAE", "CwAF"][number]),
        _ => {
            json!({"type": "reasoning", "id": format!("rs_{number}"), "encrypted_content": format!("gAAAAAB{number}"), "summary": [{"type": "summary_text", "text": format!("Thought {number}")}]})
        }
    }
}

/// What it answers: thoughts, a text and a call, and after the last turn no call.
fn answer(wire: Wire, number: usize) -> Value {
    let (calls, said) = (number < TURNS, format!("Let me look {number}."));
    let (arguments, signed) = (json!({"city": format!("City {number}"), "days": 1.0}), signed(wire, number));
    match wire {
        Wire::Anthropic => {
            let mut content = vec![signed, json!({"type": "text", "text": said})];
            if calls {
                content.push(json!({"type": "tool_use", "id": format!("toolu_{number}"), "name": "get_weather", "input": arguments}));
            }
            json!({
                "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_sequence": null, "content": content,
                "stop_reason": if calls { "tool_use" } else { "end_turn" }, "usage": {"input_tokens": 12, "output_tokens": 7},
            })
        }
        Wire::Gemini => {
            let mut parts = vec![json!({"text": "A thought", "thought": true})];
            if calls {
                parts.push(json!({"text": said}));
                parts.push(
                    json!({"functionCall": {"name": "get_weather", "args": arguments}, "thoughtSignature": signed}),
                );
            } else {
                parts.push(json!({"text": said, "thoughtSignature": signed}));
            }
            json!({
                "candidates": [{"index": 0, "finishReason": "STOP", "content": {"role": "model", "parts": parts}}],
                "usageMetadata": {"promptTokenCount": 12, "candidatesTokenCount": 7, "totalTokenCount": 19}, "modelVersion": "m",
            })
        }
        _ => {
            let mut output = vec![
                signed,
                json!({"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [{"type": "output_text", "text": said, "annotations": []}]}),
            ];
            if calls {
                output.push(json!({"type": "function_call", "id": format!("fc_{number}"), "call_id": format!("call_{number}"), "name": "get_weather", "arguments": arguments.to_string(), "status": "completed"}));
            }
            json!({
                "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "error": null, "model": "m", "output": output,
                "usage": {"input_tokens": 12, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 7, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 19},
            })
        }
    }
}

fn answers(wire: Wire, asked: &Asked) -> Vec<Step> {
    let body = asked.json();
    let said = answer(wire, turns(wire, &body));
    if !wants_stream(wire, &asked.target, &body) {
        return whole(&said.to_string());
    }
    let events = match wire {
        Wire::Anthropic => of_anthropic(&said),
        Wire::Responses => of_responses(&said),
        _ => vec![said],
    };
    let mut steps = vec![stream_head("text/event-stream")];
    steps.extend(events.iter().map(|event| match event["type"].as_str() {
        Some(name) => piece(&format!("event: {name}\ndata: {event}\n\n")),
        None => piece(&format!("data: {event}\n\n")),
    }));
    steps.push(end());
    steps
}

/// What came back of what the model signed, in order.
fn came_back(wire: Wire, body: &Value) -> Vec<Value> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    match wire {
        Wire::Anthropic => {
            let blocks = list(&body["messages"]).into_iter().flat_map(|message| list(&message["content"]));
            blocks.filter(|block| block["type"] == "thinking").collect()
        }
        Wire::Gemini => {
            let parts = list(&body["contents"]).into_iter().flat_map(|content| list(&content["parts"]));
            parts.map(|part| part["thoughtSignature"].clone()).filter(|signature| !signature.is_null()).collect()
        }
        _ => list(&body["input"]).into_iter().filter(|item| item["type"] == "reasoning").collect(),
    }
}

/// A conversation as a client keeps it, whose library knows nothing of signatures.
struct Talk {
    client: Wire,
    said: Vec<Value>,
}

impl Talk {
    fn new(client: Wire) -> Self {
        let mut talk = Self { client, said: Vec::new() };
        talk.user("How is the weather?");
        talk
    }

    fn user(&mut self, text: &str) {
        self.said.push(match self.client {
            Wire::Gemini => json!({"role": "user", "parts": [{"text": text}]}),
            _ => json!({"role": "user", "content": text}),
        });
    }

    fn body(&self, stream: bool) -> Value {
        let schema = json!({"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "number"}}});
        let function = json!({"name": "get_weather", "description": "Tells the weather", "parameters": schema});
        match self.client {
            Wire::Responses => {
                let mut tool = function;
                tool["type"] = json!("function");
                json!({"model": "r", "stream": stream, "input": self.said, "tools": [tool]})
            }
            Wire::Anthropic => {
                let tool = json!({"name": "get_weather", "description": "Tells the weather", "input_schema": schema});
                json!({"model": "r", "stream": stream, "max_tokens": 4000, "messages": self.said, "tools": [tool]})
            }
            Wire::Gemini => json!({"contents": self.said, "tools": [{"functionDeclarations": [function]}]}),
            _ => {
                let tool = json!({"type": "function", "function": function});
                let mut body = json!({"model": "r", "stream": stream, "messages": self.said, "tools": [tool]});
                if self.client == Wire::Chat {
                    body["reasoning_effort"] = json!("low");
                }
                body
            }
        }
    }

    async fn ask(&self, hub: &Hub, key: &str, stream: bool) -> Answer {
        let asked = post(hub, &self.client.path("r", stream), self.body(stream).to_string());
        let got = asked.header("authorization", &format!("Bearer {key}")).send().await;
        assert_eq!(got.status, 200, "{}", got.text());
        let lost = got.header("x-tutti-lost").unwrap_or_default();
        assert!(!lost.contains("signature") && !lost.contains("encrypted"), "{:?}: lost {lost}", self.client);
        got
    }

    /// Keeps the answer of this number, and what the tool said, if it was called.
    fn keep(&mut self, number: usize, got: &Answer) {
        let (said, name) = (format!("Let me look {number}."), "get_weather");
        // A library in JavaScript writes numbers in its own way, and members in its own order.
        let arguments = json!({"days": 1, "city": format!("City {number}")});
        let calls = number < TURNS;
        let id = if calls { id_of(self.client, &got.text(), number) } else { String::new() };
        let entries = match self.client {
            Wire::Chat if calls => vec![
                json!({"role": "assistant", "content": said, "tool_calls": [{"id": id, "type": "function", "function": {"name": name, "arguments": arguments.to_string()}}]}),
                json!({"role": "tool", "tool_call_id": id, "content": "sunny"}),
            ],
            Wire::Responses if calls => vec![
                json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": said, "annotations": []}]}),
                json!({"type": "function_call", "call_id": id, "name": name, "arguments": arguments.to_string()}),
                json!({"type": "function_call_output", "call_id": id, "output": "sunny"}),
            ],
            Wire::Anthropic if calls => vec![
                json!({"role": "assistant", "content": [{"type": "text", "text": said}, {"type": "tool_use", "id": id, "name": name, "input": arguments}]}),
                json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": "sunny"}]}),
            ],
            Wire::Gemini if calls => vec![
                json!({"role": "model", "parts": [{"text": said}, {"functionCall": {"name": name, "args": arguments}}]}),
                json!({"role": "user", "parts": [{"functionResponse": {"name": name, "response": {"result": "sunny"}}}]}),
            ],
            Wire::Gemini => vec![json!({"role": "model", "parts": [{"text": said}]})],
            Wire::Ollama if calls => vec![
                json!({"role": "assistant", "content": said, "tool_calls": [{"function": {"name": name, "arguments": arguments}}]}),
                json!({"role": "tool", "tool_name": name, "content": "sunny"}),
            ],
            _ => vec![json!({"role": "assistant", "content": said})],
        };
        self.said.extend(entries);
    }
}

/// The id of the call in an answer; nothing in dialects whose clients keep none.
fn id_of(client: Wire, text: &str, number: usize) -> String {
    let name = match client {
        Wire::Chat | Wire::Anthropic => "\"id\":",
        Wire::Responses => "\"call_id\":",
        _ => return String::new(),
    };
    let ids = text.split(name).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
    let ids: Vec<&str> = ids.filter(|id| id.starts_with("call_") || id.starts_with("toolu_")).collect();
    (*ids.first().unwrap_or_else(|| panic!("{client:?} is told no id of call {number}: {text}"))).to_owned()
}

async fn provider(wire: Wire) -> Provider {
    Provider::start(move |asked| answers(wire, asked)).await
}

fn setup(providers: &[(Wire, &str, &Provider)]) -> Setup {
    let mut models = json!({"providers": {}, "routes": {"r": {"use": []}}});
    for (number, (wire, model, provider)) in providers.iter().enumerate() {
        models["providers"][format!("p{number}")] = wire.provider(&provider.url);
        models["routes"]["r"]["use"].as_array_mut().expect("it is a list").push(json!(format!("p{number}/{model}")));
    }
    Setup::new().with("models", models).with("key", json!(KEY)).with("keys", json!({"alice": ALICE, "bob": BOB}))
}

async fn they_come_back_over_turns_with_tools_and_a_restart() {
    for (wire, model) in SIGNING {
        let provider = provider(wire).await;
        let mut hub = setup(&[(wire, model, &provider)]).start().await;
        for client in ALL.into_iter().filter(|client| *client != wire) {
            for stream in [false, true] {
                let mut talk = Talk::new(client);
                if stream {
                    talk.user("Tell me piece by piece.");
                }
                for number in 0..=TURNS {
                    let got = talk.ask(&hub, ALICE, stream).await;
                    let (body, expected) =
                        (provider.last().json(), (0..number).map(|turn| signed(wire, turn)).collect::<Vec<_>>());
                    assert_eq!(
                        came_back(wire, &body),
                        expected,
                        "{client:?} before {wire:?}, stream {stream}: {body:#}"
                    );
                    talk.keep(number, &got);
                    if number == 1 && client == ALL[usize::from(wire == ALL[0])] {
                        hub = hub.stop().await.start().await;
                    }
                }
                // What is no call is found too.
                talk.user("Thank you.");
                let before = provider.asked().len();
                let _ = talk.ask(&hub, ALICE, stream).await;
                assert_eq!(provider.asked().len(), before + 1);
                let expected: Vec<Value> = (0..=TURNS).map(|turn| signed(wire, turn)).collect();
                let body = provider.last().json();
                assert_eq!(came_back(wire, &body), expected, "{client:?} before {wire:?}, stream {stream}: {body:#}");
            }
        }
    }
}

async fn nobody_gets_those_of_another() {
    for (wire, model) in SIGNING {
        let provider = provider(wire).await;
        let hub = setup(&[(wire, model, &provider)]).start().await;
        for client in ALL.into_iter().filter(|client| *client != wire) {
            let mut talk = Talk::new(client);
            let got = talk.ask(&hub, ALICE, false).await;
            talk.keep(0, &got);
            for (key, expected) in [(BOB, false), (ALICE, true), (KEY, false)] {
                talk.ask(&hub, key, false).await;
                let body = provider.last().json();
                let back = came_back(wire, &body);
                assert_eq!(back == [signed(wire, 0)], expected, "{client:?} before {wire:?}: {body:#}");
                if !expected {
                    // What is documented for calls whose signature is not there.
                    let instead =
                        if wire == Wire::Gemini { vec![json!("skip_thought_signature_validator")] } else { vec![] };
                    assert_eq!(back, instead, "{client:?} before {wire:?}: {body:#}");
                }
                if (wire, client) == (Wire::Anthropic, Wire::Chat) {
                    assert_eq!(body.get("thinking").is_some(), expected, "{body:#}");
                }
            }
        }
    }
}

async fn they_go_only_to_those_who_made_them() {
    let (one, other) = (provider(Wire::Anthropic).await, provider(Wire::Gemini).await);
    let providers = [(Wire::Anthropic, SIGNING[0].1, &one), (Wire::Gemini, SIGNING[1].1, &other)];
    let setup = setup(&providers);
    let hub = setup.start().await;
    let mut talk = Talk::new(Wire::Chat);
    for (number, model) in
        ["p0/claude-sonnet-4-5", "p1/gemini-3-pro-preview", "p0/claude-sonnet-4-5"].iter().enumerate()
    {
        let mut body = talk.body(false);
        body["model"] = json!(model);
        let got =
            post(&hub, "/v1/chat/completions", body.to_string()).header("authorization", &format!("Bearer {ALICE}"));
        let got = got.send().await;
        assert_eq!(got.status, 200, "{}", got.text());
        talk.keep(number, &got);
    }
    assert_eq!(came_back(Wire::Anthropic, &one.last().json()), [signed(Wire::Anthropic, 0)]);
    let expected = json!("skip_thought_signature_validator");
    assert_eq!(came_back(Wire::Gemini, &other.last().json()), [expected]);
}
