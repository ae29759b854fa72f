//! What clients and providers of each dialect say: one conversation with tools, and one answer that calls two.

use super::wire_bedrock;
use serde_json::{Value, json};

/// A dialect that clients and providers speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    Chat,
    Responses,
    Anthropic,
    Gemini,
    Ollama,
    /// That of a provider only.
    Bedrock,
}

/// Those of clients.
pub(super) const ALL: [Wire; 5] = [Wire::Chat, Wire::Responses, Wire::Anthropic, Wire::Gemini, Wire::Ollama];

/// Those of providers.
pub(super) const PROVIDERS: [Wire; 6] =
    [Wire::Chat, Wire::Responses, Wire::Anthropic, Wire::Gemini, Wire::Ollama, Wire::Bedrock];

/// What both sides mean, whatever the dialect.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Said {
    pub(super) text: String,
    /// Names and arguments of the tools that are called.
    pub(super) calls: Vec<(String, Value)>,
    /// Whether it is said to end because of the calls, in dialects that say so.
    pub(super) ends_in_calls: bool,
    /// Tokens read and written.
    pub(super) usage: (u64, u64),
}

/// What every provider here answers.
pub(super) fn answer() -> Said {
    let call = |city: &str| ("get_weather".to_owned(), json!({"city": city}));
    Said {
        text: "Let me look.".to_owned(),
        calls: vec![call("Paris"), call("Rome")],
        ends_in_calls: true,
        usage: (12, 7),
    }
}

impl Wire {
    /// The entry of a provider that speaks it and nothing else.
    pub(super) fn provider(self, url: &str) -> Value {
        let (kind, dialect) = match self {
            Wire::Chat => ("openai-compatible", "openai-chat"),
            Wire::Responses => ("openai", "openai-responses"),
            Wire::Anthropic => ("anthropic", "anthropic"),
            Wire::Gemini => ("gemini", "gemini"),
            Wire::Ollama => ("ollama", "ollama"),
            Wire::Bedrock => return wire_bedrock::entry(url),
        };
        json!({"kind": kind, "url": url, "dialects": [dialect], "api_key": "sk-hub"})
    }

    /// Where it is asked for `model`.
    pub(super) fn path(self, model: &str, stream: bool) -> String {
        match self {
            Wire::Chat => "/v1/chat/completions".to_owned(),
            Wire::Responses => "/v1/responses".to_owned(),
            Wire::Anthropic => "/v1/messages".to_owned(),
            Wire::Gemini if stream => format!("/v1beta/models/{model}:streamGenerateContent?alt=sse"),
            Wire::Gemini => format!("/v1beta/models/{model}:generateContent"),
            Wire::Ollama => "/api/chat".to_owned(),
            Wire::Bedrock if stream => format!("/model/{model}/converse-stream"),
            Wire::Bedrock => format!("/model/{model}/converse"),
        }
    }

    /// A question about the weather, after one that tools have answered.
    pub(super) fn request(self, model: &str, stream: bool) -> Value {
        let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
        let about = "Tells the weather";
        match self {
            Wire::Chat => json!({
                "model": model, "stream": stream, "stream_options": if stream { json!({"include_usage": true}) } else { Value::Null },
                "max_tokens": 100, "temperature": 0.5,
                "tools": [{"type": "function", "function": {"name": "get_weather", "description": about, "parameters": schema}}],
                "messages": [
                    {"role": "system", "content": "Be brief."},
                    {"role": "user", "content": "Weather in Oslo?"},
                    {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{\"city\":\"Oslo\"}"}}]},
                    {"role": "tool", "tool_call_id": "call_1", "content": "18 degrees"},
                    {"role": "user", "content": "And in Paris and Rome?"},
                ],
            }),
            Wire::Responses => json!({
                "model": model, "stream": stream, "instructions": "Be brief.", "max_output_tokens": 100, "temperature": 0.5, "store": false,
                "tools": [{"type": "function", "name": "get_weather", "description": about, "parameters": schema, "strict": false}],
                "input": [
                    {"role": "user", "content": "Weather in Oslo?"},
                    {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": "{\"city\":\"Oslo\"}"},
                    {"type": "function_call_output", "call_id": "call_1", "output": "18 degrees"},
                    {"role": "user", "content": "And in Paris and Rome?"},
                ],
            }),
            _ => self.other_request(model, stream, &schema),
        }
    }

    /// The same of those that are not OpenAI's.
    fn other_request(self, model: &str, stream: bool, schema: &Value) -> Value {
        let about = "Tells the weather";
        match self {
            Wire::Anthropic => json!({
                "model": model, "stream": stream, "system": "Be brief.", "max_tokens": 100, "temperature": 0.5,
                "tools": [{"name": "get_weather", "description": about, "input_schema": schema}],
                "messages": [
                    {"role": "user", "content": "Weather in Oslo?"},
                    {"role": "assistant", "content": [{"type": "tool_use", "id": "call_1", "name": "get_weather", "input": {"city": "Oslo"}}]},
                    {"role": "user", "content": [
                        {"type": "tool_result", "tool_use_id": "call_1", "content": "18 degrees"},
                        {"type": "text", "text": "And in Paris and Rome?"},
                    ]},
                ],
            }),
            Wire::Gemini => json!({
                "systemInstruction": {"parts": [{"text": "Be brief."}]},
                "generationConfig": {"maxOutputTokens": 100, "temperature": 0.5},
                "tools": [{"functionDeclarations": [{"name": "get_weather", "description": about, "parametersJsonSchema": schema}]}],
                "contents": [
                    {"role": "user", "parts": [{"text": "Weather in Oslo?"}]},
                    {"role": "model", "parts": [{"functionCall": {"name": "get_weather", "args": {"city": "Oslo"}}}]},
                    {"role": "user", "parts": [{"functionResponse": {"name": "get_weather", "response": {"output": "18 degrees"}}}]},
                    {"role": "user", "parts": [{"text": "And in Paris and Rome?"}]},
                ],
            }),
            _ => json!({
                "model": model, "stream": stream, "options": {"num_predict": 100, "temperature": 0.5},
                "tools": [{"type": "function", "function": {"name": "get_weather", "description": about, "parameters": schema}}],
                "messages": [
                    {"role": "system", "content": "Be brief."},
                    {"role": "user", "content": "Weather in Oslo?"},
                    {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "get_weather", "arguments": {"city": "Oslo"}}}]},
                    {"role": "tool", "tool_name": "get_weather", "content": "18 degrees"},
                    {"role": "user", "content": "And in Paris and Rome?"},
                ],
            }),
        }
    }

    /// The places where a request in this dialect says what [`Wire::request`] says, and what stands there.
    pub(super) fn places(self) -> Vec<(&'static str, Value)> {
        let oslo = json!({"city": "Oslo"});
        let as_text = json!(r#"{"city":"Oslo"}"#);
        let (brief, last) = (json!("Be brief."), json!("And in Paris and Rome?"));
        let (hundred, half, tool) = (json!(100), json!(0.5), json!("get_weather"));
        match self {
            Wire::Chat => vec![
                ("/messages/0/content", brief),
                ("/messages/2/tool_calls/0/function/name", tool.clone()),
                ("/messages/2/tool_calls/0/function/arguments", as_text),
                ("/messages/3/role", json!("tool")),
                ("/messages/4/content", last),
                ("/tools/0/function/name", tool),
                ("/temperature", half),
            ],
            Wire::Responses => vec![
                ("/input/1/name", tool.clone()),
                ("/input/1/arguments", as_text),
                ("/input/2/type", json!("function_call_output")),
                ("/tools/0/name", tool),
                ("/max_output_tokens", hundred),
                ("/temperature", half),
            ],
            Wire::Anthropic => vec![
                ("/messages/1/content/0/name", tool.clone()),
                ("/messages/1/content/0/input", oslo),
                ("/messages/2/role", json!("user")),
                ("/messages/2/content/0/type", json!("tool_result")),
                ("/tools/0/name", tool),
                ("/max_tokens", hundred),
                ("/temperature", half),
            ],
            Wire::Gemini => vec![
                ("/systemInstruction/parts/0/text", brief),
                ("/contents/1/role", json!("model")),
                ("/contents/1/parts/0/functionCall/args", oslo),
                ("/contents/2/parts/0/functionResponse/name", tool.clone()),
                ("/tools/0/functionDeclarations/0/name", tool),
                ("/generationConfig/maxOutputTokens", hundred),
                ("/generationConfig/temperature", half),
            ],
            Wire::Ollama => vec![
                ("/messages/0/content", brief),
                ("/messages/2/tool_calls/0/function/arguments", oslo),
                ("/messages/3/role", json!("tool")),
                ("/messages/4/content", last),
                ("/options/num_predict", hundred),
                ("/options/temperature", half),
            ],
            Wire::Bedrock => wire_bedrock::places(),
        }
    }
}
