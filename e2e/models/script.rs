//! What a scripted provider of each dialect says: a text, and calls of tools.

use super::provider::{Asked, Step, end, json, piece, stream_head};
use super::wire::Wire;
use serde_json::{Value, json};

/// One thing that a model says: a text, and the tools that it calls, by name and arguments.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) text: &'static str,
    pub(super) calls: Vec<(String, Value)>,
}

impl Line {
    /// A text alone.
    pub(super) fn says(text: &'static str) -> Self {
        Self { text, calls: Vec::new() }
    }

    /// A text, and calls.
    pub(super) fn calls(text: &'static str, calls: &[(&str, Value)]) -> Self {
        Self { text, calls: calls.iter().map(|(name, arguments)| ((*name).to_owned(), arguments.clone())).collect() }
    }

    /// The answer of a provider to what it was asked, whole or streamed.
    pub(super) fn answer(&self, wire: Wire, asked: &Asked) -> Vec<Step> {
        let streams = match wire {
            Wire::Gemini => asked.target.contains(":streamGenerateContent"),
            _ => asked.json()["stream"] == true,
        };
        if !streams {
            return json(&self.whole(wire).to_string());
        }
        let kind = if wire == Wire::Ollama { "application/x-ndjson" } else { "text/event-stream" };
        let pieces = self.pieces(wire);
        let mut steps = vec![stream_head(kind)];
        steps.extend(pieces.iter().map(|text| piece(text)));
        steps.push(end());
        steps
    }

    fn each<T>(&self, make: impl Fn(usize, &str, &Value) -> T) -> Vec<T> {
        self.calls.iter().enumerate().map(|(number, (name, arguments))| make(number, name, arguments)).collect()
    }

    fn whole(&self, wire: Wire) -> Value {
        let calls = !self.calls.is_empty();
        match wire {
            Wire::Chat => {
                let call = |number, name: &str, arguments: &Value| json!({"id": format!("call_{number}"), "type": "function", "function": {"name": name, "arguments": arguments.to_string()}});
                let mut message = json!({"role": "assistant", "content": self.text});
                if calls {
                    message["tool_calls"] = json!(self.each(call));
                }
                json!({
                    "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
                    "choices": [{"index": 0, "finish_reason": if calls { "tool_calls" } else { "stop" }, "message": message}],
                    "usage": {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19},
                })
            }
            Wire::Responses => {
                let mut output = vec![
                    json!({"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [{"type": "output_text", "text": self.text, "annotations": []}]}),
                ];
                output.extend(self.each(|number, name, arguments| json!({"type": "function_call", "id": format!("fc_{number}"), "call_id": format!("call_{number}"), "name": name, "arguments": arguments.to_string(), "status": "completed"})));
                json!({
                    "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "error": null, "model": "m", "output": output,
                    "usage": {"input_tokens": 12, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 7, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 19},
                })
            }
            Wire::Anthropic => {
                let mut content = vec![json!({"type": "text", "text": self.text})];
                content.extend(self.each(|number, name, arguments| json!({"type": "tool_use", "id": format!("toolu_{number}"), "name": name, "input": arguments})));
                json!({
                    "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_sequence": null, "content": content,
                    "stop_reason": if calls { "tool_use" } else { "end_turn" }, "usage": {"input_tokens": 12, "output_tokens": 7},
                })
            }
            _ => self.other_whole(wire),
        }
    }

    /// The same of those that are neither OpenAI's nor Anthropic's.
    fn other_whole(&self, wire: Wire) -> Value {
        let calls = !self.calls.is_empty();
        match wire {
            Wire::Gemini => {
                let mut parts = vec![json!({"text": self.text})];
                parts.extend(self.each(|number, name, arguments| {
                    let mut part = json!({"functionCall": {"name": name, "args": arguments}});
                    if number == 0 {
                        part["thoughtSignature"] = json!("c2lnbmVk");
                    }
                    part
                }));
                json!({
                    "candidates": [{"index": 0, "finishReason": "STOP", "content": {"role": "model", "parts": parts}}],
                    "usageMetadata": {"promptTokenCount": 12, "candidatesTokenCount": 7, "totalTokenCount": 19}, "modelVersion": "m",
                })
            }
            _ => {
                let mut message = json!({"role": "assistant", "content": self.text});
                if calls {
                    message["tool_calls"] = json!(
                        self.each(|_, name, arguments| json!({"function": {"name": name, "arguments": arguments}}))
                    );
                }
                json!({
                    "model": "m", "created_at": "2026-01-01T00:00:00Z", "done": true, "done_reason": "stop", "message": message,
                    "prompt_eval_count": 12, "eval_count": 7,
                })
            }
        }
    }

    /// The same in pieces, each a whole event or line.
    fn pieces(&self, wire: Wire) -> Vec<String> {
        let whole = self.whole(wire);
        let events = match wire {
            Wire::Chat => {
                let chunk = |delta: Value, finish: &Value| json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
                let mut events = vec![chunk(json!({"role": "assistant", "content": self.text}), &Value::Null)];
                for (number, call) in
                    whole["choices"][0]["message"]["tool_calls"].as_array().into_iter().flatten().enumerate()
                {
                    let mut call = call.clone();
                    call["index"] = json!(number);
                    events.push(chunk(json!({"tool_calls": [call]}), &Value::Null));
                }
                events.push(chunk(json!({}), &whole["choices"][0]["finish_reason"]));
                events.push(json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [], "usage": whole["usage"]}));
                events
            }
            Wire::Responses => of_responses(&whole),
            Wire::Anthropic => of_anthropic(&whole),
            Wire::Gemini => vec![whole],
            Wire::Bedrock => unreachable!("no script is said in Bedrock's dialect"),
            Wire::Ollama => {
                let mut last = whole.clone();
                last["message"] = json!({"role": "assistant", "content": ""});
                vec![
                    json!({"model": "m", "created_at": "2026-01-01T00:00:00Z", "done": false, "message": whole["message"]}),
                    last,
                ]
            }
        };
        let event = |event: &Value| match (wire, event["type"].as_str()) {
            (Wire::Ollama, _) => format!("{event}\n"),
            (_, Some(name)) => format!("event: {name}\ndata: {event}\n\n"),
            (_, None) => format!("data: {event}\n\n"),
        };
        let mut pieces: Vec<String> = events.iter().map(event).collect();
        if wire == Wire::Chat {
            pieces.push("data: [DONE]\n\n".to_owned());
        }
        pieces
    }
}

pub(super) fn of_responses(whole: &Value) -> Vec<Value> {
    let mut begun = whole.clone();
    (begun["status"], begun["output"], begun["usage"]) = (json!("in_progress"), json!([]), Value::Null);
    let mut events = vec![json!({"type": "response.created", "response": begun})];
    for (index, item) in whole["output"].as_array().into_iter().flatten().enumerate() {
        let id = item["id"].clone();
        let mut added = item.clone();
        added["status"] = json!("in_progress");
        if item["type"] == "message" {
            added["content"] = json!([]);
            let (part, text) = (&item["content"][0], &item["content"][0]["text"]);
            events.extend([
                json!({"type": "response.output_item.added", "output_index": index, "item": added}),
                json!({"type": "response.content_part.added", "item_id": id, "output_index": index, "content_index": 0, "part": {"type": "output_text", "text": "", "annotations": []}}),
                json!({"type": "response.output_text.delta", "item_id": id, "output_index": index, "content_index": 0, "delta": text}),
                json!({"type": "response.output_text.done", "item_id": id, "output_index": index, "content_index": 0, "text": text}),
                json!({"type": "response.content_part.done", "item_id": id, "output_index": index, "content_index": 0, "part": part}),
            ]);
        } else if item["type"] == "reasoning" {
            added = json!({"id": id, "type": "reasoning", "summary": []});
            let (part, text) = (&item["summary"][0], &item["summary"][0]["text"]);
            let begun = json!({"type": "summary_text", "text": ""});
            events.extend([
                json!({"type": "response.output_item.added", "output_index": index, "item": added}),
                json!({"type": "response.reasoning_summary_part.added", "item_id": id, "output_index": index, "summary_index": 0, "part": begun}),
                json!({"type": "response.reasoning_summary_text.delta", "item_id": id, "output_index": index, "summary_index": 0, "delta": text}),
                json!({"type": "response.reasoning_summary_text.done", "item_id": id, "output_index": index, "summary_index": 0, "text": text}),
                json!({"type": "response.reasoning_summary_part.done", "item_id": id, "output_index": index, "summary_index": 0, "part": part}),
            ]);
        } else {
            added["arguments"] = json!("");
            events.extend([
                json!({"type": "response.output_item.added", "output_index": index, "item": added}),
                json!({"type": "response.function_call_arguments.delta", "item_id": id, "output_index": index, "delta": item["arguments"]}),
                json!({"type": "response.function_call_arguments.done", "item_id": id, "output_index": index, "arguments": item["arguments"]}),
            ]);
        }
        events.push(json!({"type": "response.output_item.done", "output_index": index, "item": item}));
    }
    events.push(json!({"type": "response.completed", "response": whole}));
    for (number, event) in events.iter_mut().enumerate() {
        event["sequence_number"] = json!(number);
    }
    events
}

pub(super) fn of_anthropic(whole: &Value) -> Vec<Value> {
    let mut message = whole.clone();
    (message["content"], message["stop_reason"]) = (json!([]), Value::Null);
    message["usage"]["output_tokens"] = json!(1);
    let mut events = vec![json!({"type": "message_start", "message": message})];
    for (index, block) in whole["content"].as_array().into_iter().flatten().enumerate() {
        let mut begun = block.clone();
        let deltas = match block["type"].as_str() {
            Some("text") => {
                begun["text"] = json!("");
                vec![json!({"type": "text_delta", "text": block["text"]})]
            }
            Some("thinking") => {
                (begun["thinking"], begun["signature"]) = (json!(""), json!(""));
                vec![
                    json!({"type": "thinking_delta", "thinking": block["thinking"]}),
                    json!({"type": "signature_delta", "signature": block["signature"]}),
                ]
            }
            _ => {
                begun["input"] = json!({});
                vec![json!({"type": "input_json_delta", "partial_json": block["input"].to_string()})]
            }
        };
        events.push(json!({"type": "content_block_start", "index": index, "content_block": begun}));
        let delta = |delta: Value| json!({"type": "content_block_delta", "index": index, "delta": delta});
        events.extend(deltas.into_iter().map(delta));
        events.push(json!({"type": "content_block_stop", "index": index}));
    }
    events.extend([
        json!({"type": "message_delta", "delta": {"stop_reason": whole["stop_reason"], "stop_sequence": null}, "usage": {"output_tokens": 7}}),
        json!({"type": "message_stop"}),
    ]);
    events
}
