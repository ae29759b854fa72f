use super::*;
use crate::convert::{read_answer, read_request, write_answer, write_request};
use conversation::answer::Reply;
use serde_json::{Value, json};
use std::sync::Arc;

/// What a request of one dialect becomes for `model` in another, and what is lost.
pub(super) fn becomes(from: Dialect, to: Dialect, model: &str, body: &Value) -> (Value, String) {
    let mut request = read_request(from, &body.to_string(), Some("m"), false).unwrap();
    request.model = model.to_owned();
    let (mut losses, _) = fit(to, &mut request, None);
    let written = write_request(to, &request);
    losses.extend(&written.losses);
    (serde_json::from_str(&written.body).unwrap(), losses.to_string())
}

pub(super) fn messages(more: &Value) -> Value {
    let mut body = json!({"model": "m", "max_tokens": 9000, "messages": [{"role": "user", "content": "go"}]});
    more.as_object().unwrap().iter().for_each(|(name, value)| body[name] = value.clone());
    body
}

fn gemini(config: &Value) -> Value {
    json!({"contents": [{"role": "user", "parts": [{"text": "go"}]}], "generationConfig": config})
}

fn ollama(more: &Value) -> Value {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "go"}]});
    more.as_object().unwrap().iter().for_each(|(name, value)| body[name] = value.clone());
    body
}

use Dialect::{Anthropic, Bedrock, Gemini, Ollama, OpenAiChat, OpenAiResponses};

#[test]
fn models_that_refuse_it_are_not_told_how_to_choose_tokens() {
    let chat = json!({"model": "m", "messages": [], "temperature": 0.2, "top_p": 0.9});
    for model in ["claude-opus-4-7", "claude-sonnet-5", "us.anthropic.claude-opus-4-8-v1:0"] {
        for to in [Anthropic, Bedrock] {
            let (body, lost) = becomes(OpenAiChat, to, model, &chat);
            assert_eq!((body.get("temperature"), body.get("inferenceConfig")), (None, None), "{model}");
            assert_eq!(lost, "temperature, top_p", "{model}");
        }
    }
    let (body, _) = becomes(OpenAiChat, Anthropic, "claude-opus-4-6", &chat);
    assert_eq!(body["temperature"], 0.2);
    let said = messages(&json!({"temperature": 0, "stop_sequences": ["x"]}));
    for to in [OpenAiChat, OpenAiResponses] {
        for model in ["gpt-5", "o3", "gpt-5.6-terra"] {
            let (body, lost) = becomes(Anthropic, to, model, &said);
            assert_eq!(body.get("temperature"), None, "{model}");
            assert!(lost.contains("temperature"), "{model}: {lost}");
        }
        for model in ["gpt-4.1", "gpt-5-chat-latest", "my-model"] {
            assert_eq!(becomes(Anthropic, to, model, &said).0["temperature"], 0, "{model}");
        }
    }
    assert_eq!(becomes(Anthropic, OpenAiChat, "gpt-5", &said).0.get("stop"), None);
    assert_eq!(becomes(Anthropic, OpenAiChat, "gpt-4.1", &said).0["stop"], json!(["x"]));
    let usual = messages(&json!({"temperature": 1}));
    assert_eq!(becomes(Anthropic, OpenAiResponses, "gpt-5", &usual).1, "");
}

#[test]
fn names_of_users_and_numbers_of_tokens_are_as_openai_takes_them() {
    let user = "u".repeat(150);
    let said = messages(&json!({"metadata": {"user_id": user}, "max_tokens": 1}));
    let (body, lost) = becomes(Anthropic, OpenAiResponses, "gpt-5", &said);
    assert_eq!((body["user"].as_str().map(str::len), &body["max_output_tokens"]), (Some(64), &json!(16)));
    assert_eq!(lost, "user, max_tokens");
    let (body, lost) = becomes(Anthropic, OpenAiChat, "gpt-5", &said);
    assert_eq!((body["user"].as_str().map(str::len), &body["max_completion_tokens"]), (Some(64), &json!(1)));
    assert_eq!(lost, "user");
}

#[test]
fn models_that_cannot_think_are_not_asked_to() {
    let said = messages(&json!({"thinking": {"type": "enabled", "budget_tokens": 4000}}));
    let (body, lost) = becomes(Anthropic, OpenAiChat, "gpt-4.1", &said);
    assert_eq!((body.get("reasoning_effort"), lost.as_str()), (None, "thinking"));
    let (body, lost) = becomes(Anthropic, OpenAiResponses, "gpt-4.1", &said);
    assert_eq!((body.get("reasoning"), body.get("include"), lost.as_str()), (None, None, "thinking"));
    let (body, lost) = becomes(Anthropic, Gemini, "gemini-2.0-flash", &said);
    assert_eq!((body["generationConfig"].get("thinkingConfig"), lost.as_str()), (None, "thinking"));
    let effort = json!({"model": "m", "messages": [], "reasoning_effort": "high"});
    let (body, lost) = becomes(OpenAiChat, Anthropic, "claude-3-haiku-20240307", &effort);
    assert_eq!((body.get("thinking"), &body["max_tokens"], lost.as_str()), (None, &json!(4096), "thinking"));
    let (body, _) = becomes(OpenAiChat, Anthropic, "claude-3-5-haiku-latest", &effort);
    assert_eq!((body.get("thinking"), &body["max_tokens"]), (None, &json!(8192)));
    let (body, _) = becomes(OpenAiChat, Anthropic, "claude-3-7-sonnet-latest", &effort);
    assert_eq!(body["thinking"]["type"], "enabled");
}

#[test]
fn what_is_known_of_a_model_beside_its_name_counts() {
    let think = json!({"model": "m", "max_tokens": 9000, "messages": [], "thinking": {"type": "enabled", "budget_tokens": 2000}});
    for (thinks, told) in [(None, true), (Some(true), true), (Some(false), false)] {
        let mut request = read_request(Anthropic, &think.to_string(), None, false).unwrap();
        let (losses, _) = fit(Ollama, &mut request, thinks);
        assert_eq!((request.thinking.is_some(), losses.is_empty()), (told, told), "{thinks:?}");
    }
}

#[test]
fn words_of_effort_are_those_of_the_model() {
    let off = gemini(&json!({"thinkingConfig": {"thinkingBudget": 0}}));
    for (model, word, named) in [
        ("gpt-5", Some("minimal"), "thinking.mode"),
        ("o3", Some("low"), "thinking.mode"),
        ("gpt-5-pro", Some("high"), "thinking.mode"),
        ("gpt-5.2", Some("none"), ""),
        ("gpt-4.1", None, ""),
    ] {
        let (body, lost) = becomes(Gemini, OpenAiResponses, model, &off);
        assert_eq!((body["reasoning"]["effort"].as_str(), lost.as_str()), (word, named), "{model}");
        let (body, lost) = becomes(Gemini, OpenAiChat, model, &off);
        assert_eq!((body["reasoning_effort"].as_str(), lost.as_str()), (word, named), "{model}");
    }
    let most = messages(&json!({"output_config": {"effort": "max"}}));
    let (body, lost) = becomes(Anthropic, OpenAiResponses, "gpt-5.2", &most);
    assert_eq!((&body["reasoning"]["effort"], lost.as_str()), (&json!("xhigh"), "thinking.effort"));
    let more = json!({"model": "m", "input": "go", "reasoning": {"effort": "xhigh"}});
    for (model, word, named) in [
        ("claude-sonnet-4-6", "high", "thinking.effort"),
        ("us.anthropic.claude-opus-4-6-v1", "high", "thinking.effort"),
        ("claude-opus-4-8", "xhigh", ""),
    ] {
        let (body, lost) = becomes(OpenAiResponses, Anthropic, model, &more);
        assert_eq!((&body["output_config"]["effort"], lost.as_str()), (&json!(word), named), "{model}");
        let alone = messages(&json!({"output_config": {"effort": "xhigh"}}));
        let (body, lost) = becomes(Anthropic, Bedrock, model, &alone);
        let there = &body["additionalModelRequestFields"]["output_config"]["effort"];
        assert_eq!((there, lost.as_str()), (&json!(word), named), "{model}");
    }
}

#[test]
fn tools_that_are_not_there_are_not_wanted() {
    let search = json!({"type": "web_search_20250305", "name": "web_search", "max_uses": 8});
    let said = messages(&json!({"tools": [search], "tool_choice": {"type": "tool", "name": "web_search"}}));
    for to in [OpenAiChat, OpenAiResponses, Gemini] {
        let (body, lost) = becomes(Anthropic, to, "m", &said);
        assert_eq!((body.get("tool_choice"), body.get("toolConfig")), (None, None), "{to:?}");
        assert!(lost.contains("tool_choice"), "{lost}");
    }
    let mut said = gemini(&json!({}));
    said["toolConfig"] = json!({"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f", "g"]}});
    let (body, lost) = becomes(Gemini, OpenAiResponses, "gpt-4.1", &said);
    assert_eq!((body.get("tool_choice"), lost.as_str()), (None, "tool_choice"));
}

#[test]
fn among_no_tools_nothing_is_chosen() {
    // What Codex asks when it sums a conversation up.
    let none = json!({"model": "m", "input": "go", "tools": [], "tool_choice": "auto", "parallel_tool_calls": false});
    let mut search = none.clone();
    search["tools"] = json!([{"type": "web_search"}]);
    for (said, lost_with) in [(none, ""), (search, "tools[0].web_search")] {
        for to in [OpenAiChat, Gemini, Anthropic, Bedrock, Ollama] {
            let (body, lost) = becomes(OpenAiResponses, to, "m", &said);
            let wishes = ["tool_choice", "toolConfig", "tool_config", "parallel_tool_calls", "tools"];
            assert!(wishes.iter().all(|wish| body.get(wish).is_none()), "{to:?} {body}");
            assert!(if lost_with.is_empty() { lost.is_empty() } else { lost.contains("web_search") }, "{to:?} {lost}");
        }
    }
}

#[test]
fn only_what_can_be_kept_to_strictly_is_strict() {
    let schema = |required: &[&str]| {
        json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
            "required": required, "additionalProperties": false})
    };
    for (required, strict) in [(&["a", "b"][..], true), (&["a"][..], false)] {
        let tool = json!({"name": "f", "input_schema": schema(required), "strict": true});
        let (body, lost) = becomes(Anthropic, OpenAiResponses, "gpt-5", &messages(&json!({"tools": [tool]})));
        assert_eq!(body["tools"][0]["strict"], strict);
        assert_eq!(lost, if strict { "" } else { "tools[0].strict" });
    }
}

#[test]
fn forms_that_have_no_place_are_said_in_words() {
    let list = gemini(
        &json!({"responseMimeType": "application/json", "responseSchema": {"type": "ARRAY", "items": {"type": "STRING"}}}),
    );
    let (body, lost) = becomes(Gemini, OpenAiChat, "gpt-4.1", &list);
    assert_eq!((body.get("response_format"), lost.as_str()), (None, "format"));
    assert!(body["messages"][0]["content"].as_str().unwrap().contains(r#""type":"array""#), "{body}");
    let form = json!({"format": {"type": "json_schema", "schema": {"type": "object", "properties": {}}}});
    let both = messages(&json!({"tools": [{"name": "f", "input_schema": {"type": "object"}}], "output_config": form}));
    let (body, lost) = becomes(Anthropic, Gemini, "gemini-2.5-flash", &both);
    assert_eq!(body["generationConfig"].get("responseMimeType"), None);
    assert!(lost.contains("format") && body.to_string().contains("JSON Schema"), "{lost} {body}");
    let (body, _) = becomes(Anthropic, Gemini, "gemini-3-pro-preview", &both);
    assert_eq!(body["generationConfig"]["responseMimeType"], "application/json");
}

#[test]
fn openai_is_told_of_json_where_nobody_speaks_of_it() {
    let form = ollama(&json!({"format": "json"}));
    for (to, place) in [(OpenAiChat, "messages"), (OpenAiResponses, "input")] {
        let (body, lost) = becomes(Ollama, to, "gpt-5", &form);
        assert!(body[place][0].to_string().contains("JSON") && lost.is_empty(), "{body} {lost}");
        let (body, _) = becomes(Ollama, to, "my-model", &form);
        assert_eq!(body[place][0]["role"], "user");
    }
    let system = json!([{"role": "system", "content": "Say it in JSON."}, {"role": "user", "content": "go"}]);
    let spoken = ollama(&json!({"format": "json", "messages": system}));
    assert_eq!(becomes(Ollama, OpenAiChat, "gpt-5", &spoken).0["messages"].as_array().map(Vec::len), Some(2));
    let (body, _) = becomes(Ollama, OpenAiResponses, "gpt-5", &spoken);
    assert_eq!((body["input"].as_array().map(Vec::len), &body["instructions"]), (Some(2), &json!("Say it in JSON.")));
}

#[test]
fn pictures_have_the_type_that_all_know() {
    let picture = json!({"type": "image_url", "image_url": {"url": "data:image/jpg;base64,AAAA"}});
    let said = json!({"model": "m", "messages": [{"role": "user", "content": [picture]}]});
    for to in [Anthropic, Gemini, Bedrock] {
        let (body, lost) = becomes(OpenAiChat, to, "m", &said);
        assert!(!body.to_string().contains("jpg") && lost.is_empty(), "{body} {lost}");
    }
}

#[test]
fn the_user_begins_at_bedrock() {
    let said = json!({"model": "m", "messages": [
        {"role": "assistant", "content": "Hi, how may I help?"}, {"role": "user", "content": "a"}]});
    let (body, lost) = becomes(OpenAiChat, Bedrock, "amazon.nova-pro-v1:0", &said);
    assert_eq!((&body["messages"][0]["role"], lost.as_str()), (&json!("user"), "message.order"));
    assert_eq!(body["messages"].as_array().map(Vec::len), Some(3));
}

#[test]
fn the_user_speaks_last_to_claude() {
    let said = json!({"model": "m", "messages": [
        {"role": "user", "content": "a"}, {"role": "assistant", "content": "Well"}]});
    for (to, model, count, named) in [
        (Anthropic, "claude-opus-4-6", 3, "message.order"),
        (Bedrock, "us.anthropic.claude-sonnet-5-v1:0", 3, "message.order"),
        (Anthropic, "claude-sonnet-4-5", 2, ""),
    ] {
        let (body, lost) = becomes(OpenAiChat, to, model, &said);
        assert_eq!((body["messages"].as_array().map(Vec::len), lost.as_str()), (Some(count), named), "{model}");
    }
    let call = json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let open = json!({"model": "m", "messages": [
        {"role": "user", "content": "a"}, {"role": "assistant", "content": null, "tool_calls": [call]}]});
    assert!(!becomes(OpenAiChat, Anthropic, "claude-opus-4-6", &open).1.contains("message.order"));
}

#[test]
fn long_names_of_namespaces_become_shorter_and_come_back() {
    let (namespace, name) = ("mcp__plugin_atlassian_jira_cloud__", "search_for_issues_with_a_jql_query");
    let tool = json!({"type": "function", "name": name, "parameters": {"type": "object"}, "strict": false});
    let call =
        json!({"type": "function_call", "call_id": "c", "namespace": namespace, "name": name, "arguments": "{}"});
    let body = json!({"model": "m", "input": [call], "tools": [{"type": "namespace", "name": namespace, "tools": [tool]}],
        "tool_choice": {"type": "function", "namespace": namespace, "name": name}});
    let asked = read_request(OpenAiResponses, &body.to_string(), None, false).unwrap();
    let mut request = asked.clone();
    let (losses, names) = fit(OpenAiChat, &mut request, None);
    assert_eq!(losses.to_string(), "tools[0].name");
    let said: Value = serde_json::from_str(&write_request(OpenAiChat, &request).body).unwrap();
    let told = said["tools"][0]["function"]["name"].clone();
    assert_eq!(told.as_str().map(str::len), Some(64));
    assert_eq!(said["messages"][0]["tool_calls"][0]["function"]["name"], told);
    assert_eq!(said["tool_choice"]["function"]["name"], told);
    let answer = json!({"id": "a", "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {"role": "assistant",
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": told, "arguments": "{}"}}]}}]});
    let mut answer = read_answer(OpenAiChat, &answer.to_string()).unwrap();
    answer.items.iter_mut().for_each(|item| names.put_back(item));
    let reply = Reply { id: "abc".to_owned(), created: 0, request: Arc::new(asked) };
    let said: Value = serde_json::from_str(&write_answer(OpenAiResponses, &answer, &reply).body).unwrap();
    let called = &said["output"][0];
    assert_eq!((&called["namespace"], &called["name"]), (&json!(namespace), &json!(name)));
}

#[test]
fn a_request_in_the_own_dialect_stays() {
    let body = json!({"model": "m", "messages": [], "temperature": 0.2, "reasoning_effort": "max", "user": "u".repeat(99),
        "tools": [{"type": "function", "function": {"name": "a.b"}}], "tool_choice": "required"});
    let request = read_request(OpenAiChat, &body.to_string(), None, false).unwrap();
    let mut fitted = request.clone();
    let (losses, names) = fit(OpenAiChat, &mut fitted, Some(false));
    assert_eq!((fitted, losses.is_empty(), names), (request, true, Names::default()));
}
