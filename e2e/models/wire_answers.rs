//! Answers of providers of each dialect, and how a client of each reads them.

use super::wire::{Said, Wire};
use super::wire_bedrock;
use serde_json::{Value, json};

impl Wire {
    /// The answer, whole.
    pub(super) fn whole(self) -> String {
        let text = "Let me look.";
        match self {
            Wire::Chat => json!({
                "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
                "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {"role": "assistant", "content": text, "tool_calls": [
                    {"id": "call_a", "type": "function", "function": {"name": "get_weather", "arguments": "{\"city\":\"Paris\"}"}},
                    {"id": "call_b", "type": "function", "function": {"name": "get_weather", "arguments": "{\"city\":\"Rome\"}"}},
                ]}}],
                "usage": {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19},
            }),
            Wire::Responses => json!({
                "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "error": null, "model": "m",
                "output": [
                    {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [{"type": "output_text", "text": text, "annotations": []}]},
                    {"type": "function_call", "id": "fc_1", "call_id": "call_a", "name": "get_weather", "arguments": "{\"city\":\"Paris\"}", "status": "completed"},
                    {"type": "function_call", "id": "fc_2", "call_id": "call_b", "name": "get_weather", "arguments": "{\"city\":\"Rome\"}", "status": "completed"},
                ],
                "usage": {"input_tokens": 12, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 7, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 19},
            }),
            Wire::Anthropic => json!({
                "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "tool_use", "stop_sequence": null,
                "content": [
                    {"type": "text", "text": text},
                    {"type": "tool_use", "id": "toolu_a", "name": "get_weather", "input": {"city": "Paris"}},
                    {"type": "tool_use", "id": "toolu_b", "name": "get_weather", "input": {"city": "Rome"}},
                ],
                "usage": {"input_tokens": 12, "output_tokens": 7},
            }),
            Wire::Gemini => json!({
                "candidates": [{"index": 0, "finishReason": "STOP", "content": {"role": "model", "parts": [
                    {"text": text},
                    {"functionCall": {"name": "get_weather", "args": {"city": "Paris"}}},
                    {"functionCall": {"name": "get_weather", "args": {"city": "Rome"}}},
                ]}}],
                "usageMetadata": {"promptTokenCount": 12, "candidatesTokenCount": 7, "totalTokenCount": 19}, "modelVersion": "m",
            }),
            Wire::Ollama => json!({
                "model": "m", "created_at": "2026-01-01T00:00:00Z", "done": true, "done_reason": "stop",
                "message": {"role": "assistant", "content": text, "tool_calls": [
                    {"function": {"name": "get_weather", "arguments": {"city": "Paris"}}},
                    {"function": {"name": "get_weather", "arguments": {"city": "Rome"}}},
                ]},
                "prompt_eval_count": 12, "eval_count": 7,
            }),
            Wire::Bedrock => wire_bedrock::answer(),
        }
        .to_string()
    }

    /// The answer in pieces, each a whole event or line.
    pub(super) fn pieces(self) -> Vec<String> {
        let sse = |events: Vec<Value>| -> Vec<String> {
            events
                .iter()
                .map(|event| match event.get("type").and_then(Value::as_str) {
                    Some(name) => format!("event: {name}\ndata: {event}\n\n"),
                    None => format!("data: {event}\n\n"),
                })
                .collect()
        };
        match self {
            Wire::Chat => {
                let mut pieces = sse(events_of_chat());
                pieces.push("data: [DONE]\n\n".to_owned());
                pieces
            }
            Wire::Responses => sse(self.events_of_responses()),
            Wire::Anthropic => sse(events_of_anthropic()),
            Wire::Gemini => {
                let chunk = |parts: Value| json!({"candidates": [{"index": 0, "content": {"role": "model", "parts": parts}}], "modelVersion": "m"});
                let call = |city: &str| json!({"functionCall": {"name": "get_weather", "args": {"city": city}}});
                let mut last = chunk(json!([call("Paris"), call("Rome")]));
                last["candidates"][0]["finishReason"] = json!("STOP");
                last["usageMetadata"] =
                    json!({"promptTokenCount": 12, "candidatesTokenCount": 7, "totalTokenCount": 19});
                sse(vec![chunk(json!([{"text": "Let me "}])), chunk(json!([{"text": "look."}])), last])
            }
            Wire::Ollama => {
                let line = |message: Value| {
                    format!(
                        "{}\n",
                        json!({"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": false})
                    )
                };
                let call = |city: &str| json!({"function": {"name": "get_weather", "arguments": {"city": city}}});
                vec![
                    line(json!({"role": "assistant", "content": "Let me "})),
                    line(json!({"role": "assistant", "content": "look."})),
                    line(json!({"role": "assistant", "content": "", "tool_calls": [call("Paris"), call("Rome")]})),
                    format!(
                        "{}\n",
                        json!({"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": {"role": "assistant", "content": ""}, "done": true, "done_reason": "stop", "prompt_eval_count": 12, "eval_count": 7})
                    ),
                ]
            }
            Wire::Bedrock => unreachable!("its streams are no text"),
        }
    }

    fn events_of_responses(self) -> Vec<Value> {
        let whole: Value = serde_json::from_str(&self.whole()).expect("it is JSON");
        let mut begun = whole.clone();
        begun["status"] = json!("in_progress");
        begun["output"] = json!([]);
        begun["usage"] = Value::Null;
        let mut events = vec![
            json!({"type": "response.created", "response": begun}),
            json!({"type": "response.in_progress", "response": begun}),
            json!({"type": "response.output_item.added", "output_index": 0, "item": {"type": "message", "id": "msg_1", "role": "assistant", "status": "in_progress", "content": []}}),
            json!({"type": "response.content_part.added", "item_id": "msg_1", "output_index": 0, "content_index": 0, "part": {"type": "output_text", "text": "", "annotations": []}}),
            json!({"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": "Let me look."}),
            json!({"type": "response.output_text.done", "item_id": "msg_1", "output_index": 0, "content_index": 0, "text": "Let me look."}),
            json!({"type": "response.content_part.done", "item_id": "msg_1", "output_index": 0, "content_index": 0, "part": whole["output"][0]["content"][0]}),
            json!({"type": "response.output_item.done", "output_index": 0, "item": whole["output"][0]}),
        ];
        for index in [1, 2] {
            let done = whole["output"][index].clone();
            let mut added = done.clone();
            added["status"] = json!("in_progress");
            added["arguments"] = json!("");
            let id = done["id"].clone();
            events.extend([
                json!({"type": "response.output_item.added", "output_index": index, "item": added}),
                json!({"type": "response.function_call_arguments.delta", "item_id": id, "output_index": index, "delta": done["arguments"]}),
                json!({"type": "response.function_call_arguments.done", "item_id": id, "output_index": index, "arguments": done["arguments"]}),
                json!({"type": "response.output_item.done", "output_index": index, "item": done}),
            ]);
        }
        events.push(json!({"type": "response.completed", "response": whole}));
        for (number, event) in events.iter_mut().enumerate() {
            event["sequence_number"] = json!(number);
        }
        events
    }
}

fn events_of_chat() -> Vec<Value> {
    let chunk = |delta: Value, finish: Value| json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
    let call = |index: u32, part: Value| {
        let mut call = part;
        call["index"] = json!(index);
        chunk(json!({"tool_calls": [call]}), Value::Null)
    };
    let begun = |id: &str| json!({"id": id, "type": "function", "function": {"name": "get_weather", "arguments": ""}});
    let more = |text: &str| json!({"function": {"arguments": text}});
    vec![
        chunk(json!({"role": "assistant", "content": ""}), Value::Null),
        chunk(json!({"content": "Let me "}), Value::Null),
        chunk(json!({"content": "look."}), Value::Null),
        call(0, begun("call_a")),
        call(0, more("{\"city\":")),
        call(0, more("\"Paris\"}")),
        call(1, begun("call_b")),
        call(1, more("{\"city\":\"Rome\"}")),
        chunk(json!({}), json!("tool_calls")),
        json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19}}),
    ]
}

fn events_of_anthropic() -> Vec<Value> {
    let start =
        |index: u32, block: Value| json!({"type": "content_block_start", "index": index, "content_block": block});
    let delta = |index: u32, delta: Value| json!({"type": "content_block_delta", "index": index, "delta": delta});
    let stop = |index: u32| json!({"type": "content_block_stop", "index": index});
    let call = |id: &str| json!({"type": "tool_use", "id": id, "name": "get_weather", "input": {}});
    let part = |text: &str| json!({"type": "input_json_delta", "partial_json": text});
    vec![
        json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 12, "output_tokens": 1}}}),
        start(0, json!({"type": "text", "text": ""})),
        json!({"type": "ping"}),
        delta(0, json!({"type": "text_delta", "text": "Let me look."})),
        stop(0),
        start(1, call("toolu_a")),
        delta(1, part("{\"city\":")),
        delta(1, part(" \"Paris\"}")),
        stop(1),
        start(2, call("toolu_b")),
        delta(2, part("{\"city\":\"Rome\"}")),
        stop(2),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null}, "usage": {"output_tokens": 7}}),
        json!({"type": "message_stop"}),
    ]
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(u64::MAX)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Arguments as a client gets them: text that is JSON, or JSON.
fn arguments(value: &Value) -> Value {
    value.as_str().map_or_else(|| value.clone(), |text| serde_json::from_str(text).unwrap_or_else(|_| json!(text)))
}

/// What a client of this dialect understands of a whole answer.
pub(super) fn read_whole(wire: Wire, said: &Value) -> Said {
    let none = Vec::new();
    let list = |value: &'_ Value| value.as_array().unwrap_or(&none).clone();
    match wire {
        Wire::Chat => {
            let message = &said["choices"][0]["message"];
            let function = |call: &Value| (text(&call["function"]["name"]), arguments(&call["function"]["arguments"]));
            Said {
                text: text(&message["content"]),
                calls: list(&message["tool_calls"]).iter().map(function).collect(),
                ends_in_calls: said["choices"][0]["finish_reason"] == "tool_calls",
                usage: (number(&said["usage"]["prompt_tokens"]), number(&said["usage"]["completion_tokens"])),
            }
        }
        Wire::Responses => {
            let of = |kind: &str| {
                list(&said["output"]).into_iter().filter(move |item| item["type"] == kind).collect::<Vec<_>>()
            };
            let content =
                |item: &Value| list(&item["content"]).iter().map(|part| text(&part["text"])).collect::<String>();
            Said {
                text: of("message").iter().map(content).collect(),
                calls: of("function_call")
                    .iter()
                    .map(|call| (text(&call["name"]), arguments(&call["arguments"])))
                    .collect(),
                ends_in_calls: said["status"] == "completed",
                usage: (number(&said["usage"]["input_tokens"]), number(&said["usage"]["output_tokens"])),
            }
        }
        Wire::Anthropic => {
            let blocks = list(&said["content"]);
            let of = |kind: &'static str| blocks.iter().filter(move |block| block["type"] == kind);
            Said {
                text: of("text").map(|block| text(&block["text"])).collect(),
                calls: of("tool_use").map(|block| (text(&block["name"]), block["input"].clone())).collect(),
                ends_in_calls: said["stop_reason"] == "tool_use",
                usage: (number(&said["usage"]["input_tokens"]), number(&said["usage"]["output_tokens"])),
            }
        }
        Wire::Gemini => read_gemini(&list(&said["candidates"][0]["content"]["parts"]), said),
        Wire::Ollama => read_ollama(&list(&said["message"]["tool_calls"]), said),
        Wire::Bedrock => unreachable!("no client speaks it"),
    }
}

fn read_gemini(parts: &[Value], said: &Value) -> Said {
    let calls = parts.iter().map(|part| &part["functionCall"]).filter(|call| call.is_object());
    Said {
        text: parts.iter().map(|part| text(&part["text"])).collect(),
        calls: calls.map(|call| (text(&call["name"]), call["args"].clone())).collect(),
        ends_in_calls: said["candidates"][0]["finishReason"] == "STOP",
        usage: (
            number(&said["usageMetadata"]["promptTokenCount"]),
            number(&said["usageMetadata"]["candidatesTokenCount"]),
        ),
    }
}

fn read_ollama(calls: &[Value], said: &Value) -> Said {
    let function = |call: &Value| (text(&call["function"]["name"]), arguments(&call["function"]["arguments"]));
    Said {
        text: text(&said["message"]["content"]),
        calls: calls.iter().map(function).collect(),
        ends_in_calls: said["done"] == true,
        usage: (number(&said["prompt_eval_count"]), number(&said["eval_count"])),
    }
}

/// What a client of this dialect understands of a stream.
pub(super) fn read_stream(wire: Wire, body: &str) -> Said {
    let data = |line: &str| {
        if wire == Wire::Ollama { Some(line.to_owned()) } else { line.strip_prefix("data: ").map(str::to_owned) }
    };
    let events: Vec<Value> =
        body.lines().filter_map(data).filter_map(|data| serde_json::from_str(&data).ok()).collect();
    match wire {
        Wire::Responses => {
            let last = events.last().cloned().unwrap_or_default();
            let pieces: String = events
                .iter()
                .filter(|event| event["type"] == "response.output_text.delta")
                .map(|event| text(&event["delta"]))
                .collect();
            let said = read_whole(wire, &last["response"]);
            assert_eq!(pieces, said.text, "the pieces are the whole");
            assert!(events.iter().enumerate().all(|(number, event)| event["sequence_number"] == number), "{body}");
            said
        }
        Wire::Chat => read_whole(wire, &gathered_chat(&events)),
        Wire::Anthropic => read_whole(wire, &gathered_anthropic(&events)),
        Wire::Gemini => {
            let mut whole = events.last().cloned().unwrap_or_default();
            let parts =
                events.iter().filter_map(|event| event["candidates"][0]["content"]["parts"].as_array()).flatten();
            whole["candidates"][0]["content"]["parts"] = parts.cloned().collect();
            read_whole(wire, &whole)
        }
        Wire::Ollama => {
            let mut whole = events.last().cloned().unwrap_or_default();
            let said: String = events.iter().map(|event| text(&event["message"]["content"])).collect();
            let calls = events.iter().filter_map(|event| event["message"]["tool_calls"].as_array()).flatten();
            whole["message"] = json!({"content": said, "tool_calls": calls.cloned().collect::<Vec<_>>()});
            read_whole(wire, &whole)
        }
        Wire::Bedrock => unreachable!("no client speaks it"),
    }
}

fn gathered_chat(events: &[Value]) -> Value {
    let (mut said, mut calls) = (String::new(), Vec::<(String, String)>::new());
    let (mut finish, mut usage) = (Value::Null, Value::Null);
    for event in events {
        let choice = &event["choices"][0];
        said.push_str(&text(&choice["delta"]["content"]));
        for call in choice["delta"]["tool_calls"].as_array().unwrap_or(&Vec::new()) {
            let index = usize::try_from(number(&call["index"])).unwrap_or(0);
            if calls.len() <= index {
                calls.resize(index + 1, Default::default());
            }
            calls[index].0.push_str(&text(&call["function"]["name"]));
            calls[index].1.push_str(&text(&call["function"]["arguments"]));
        }
        if !choice["finish_reason"].is_null() {
            finish = choice["finish_reason"].clone();
        }
        if event["usage"].is_object() {
            usage = event["usage"].clone();
        }
    }
    let calls: Vec<Value> =
        calls.iter().map(|(name, arguments)| json!({"function": {"name": name, "arguments": arguments}})).collect();
    json!({"choices": [{"message": {"content": said, "tool_calls": calls}, "finish_reason": finish}], "usage": usage})
}

fn gathered_anthropic(events: &[Value]) -> Value {
    let (mut blocks, mut usage, mut stop) = (Vec::<Value>::new(), json!({}), Value::Null);
    let mut written = String::new();
    for event in events {
        match event["type"].as_str().unwrap_or_default() {
            "message_start" => usage = event["message"]["usage"].clone(),
            "content_block_start" => {
                blocks.push(event["content_block"].clone());
                written.clear();
            }
            "content_block_delta" => {
                let block = blocks.last_mut().expect("a block has begun");
                match event["delta"]["type"].as_str().unwrap_or_default() {
                    "text_delta" => block["text"] = json!(text(&block["text"]) + &text(&event["delta"]["text"])),
                    _ => written.push_str(&text(&event["delta"]["partial_json"])),
                }
            }
            "content_block_stop" if !written.is_empty() => {
                let block = blocks.last_mut().expect("a block has begun");
                block["input"] = serde_json::from_str(&written).unwrap_or_default();
            }
            "message_delta" => {
                stop = event["delta"]["stop_reason"].clone();
                for (name, value) in event["usage"].as_object().into_iter().flatten() {
                    usage[name] = value.clone();
                }
            }
            _ => {}
        }
    }
    json!({"content": blocks, "stop_reason": stop, "usage": usage})
}
