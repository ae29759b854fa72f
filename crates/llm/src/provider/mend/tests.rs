use super::*;
use bytes::Bytes;
use serde_json::{Value, json};

fn asked(endpoint: Endpoint, body: &Value) -> Asked {
    let in_path = endpoint.names_model_in_path().then_some("r");
    Asked::read(endpoint, in_path, Bytes::from(body.to_string())).unwrap()
}

/// The body as it goes on, and what is lost; none where it stays as it is.
fn made(endpoint: Endpoint, body: &Value, kind: Kind, model: &str) -> Option<(Value, String)> {
    let mended = mended(&asked(endpoint, body), kind, ("p", model), true)?;
    Some((serde_json::from_slice(&mended.body.joined()).unwrap(), mended.losses.to_string()))
}

fn claude(thought: &Value, thinking: &Value) -> Value {
    json!({"model": "r", "max_tokens": 3000, "thinking": thinking, "messages": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": [thought, {"type": "tool_use", "id": "t1", "name": "f", "input": {"n": 1.0}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "7"}]}]})
}

#[test]
fn claude_is_not_sent_thoughts_that_it_has_not_signed() {
    let thinking = json!({"type": "enabled", "budget_tokens": 1024});
    let unsigned = [
        json!({"type": "thinking", "thinking": "Hm", "signature": ""}),
        json!({"type": "thinking", "thinking": "Hm", "signature": null}),
        json!({"type": "thinking", "thinking": "Hm"}),
    ];
    unsigned.iter().for_each(|thought| claude_is_not_sent(thought, &thinking));
    for thought in [
        json!({"type": "thinking", "thinking": "Hm", "signature": "c2ln"}),
        json!({"type": "redacted_thinking", "data": "RED"}),
        json!({"type": "text", "text": "\"signature\":\"\", \"type\":\"thinking\""}),
    ] {
        let body = claude(&thought, &thinking);
        assert_eq!(made(Endpoint::Messages, &body, Kind::Anthropic, "claude-sonnet-4-5"), None, "{thought}");
    }
}

fn claude_is_not_sent(unsigned: &Value, thinking: &Value) {
    let body = claude(unsigned, thinking);
    let mut expected = body.clone();
    expected["messages"][1]["content"].as_array_mut().unwrap().remove(0);
    // Models that see fit themselves may go on thinking.
    let (endpoint, kind) = (Endpoint::Messages, Kind::Anthropic);
    expected["model"] = json!("claude-opus-4-6");
    assert_eq!(made(endpoint, &body, kind, "claude-opus-4-6"), Some((expected.clone(), "reasoning".to_owned())));
    expected["model"] = json!("claude-sonnet-4-5");
    expected.as_object_mut().unwrap().remove("thinking");
    let lost = "reasoning, thinking".to_owned();
    assert_eq!(made(endpoint, &body, kind, "claude-sonnet-4-5"), Some((expected.clone(), lost.clone())));
    assert_eq!(made(Endpoint::CountTokens, &body, kind, "claude-sonnet-4-5"), Some((expected, lost)));
    // Servers that are like Anthropic's sign nothing and take what they said.
    assert_eq!(made(endpoint, &body, kind, "kimi-k2-thinking"), None);
}

#[test]
fn a_message_of_nothing_else_goes_as_a_whole() {
    let spaced = r#"{"model":"r","max_tokens":9,"messages":[{"role":"user","content":"Hi"},
        {"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature" : ""}]},{"role":"user","content":"So?"}]}"#;
    let asked = Asked::read(Endpoint::Messages, None, Bytes::from(spaced)).unwrap();
    let mended = mended(&asked, Kind::Anthropic, ("p", "claude-sonnet-4-5"), true).unwrap();
    let body: Value = serde_json::from_slice(&mended.body.joined()).unwrap();
    assert_eq!(body["messages"], json!([{"role": "user", "content": "Hi"}, {"role": "user", "content": "So?"}]));
}

fn gemini(parts: &Value, more: &Value) -> Value {
    json!({"contents": [
        {"role": "user", "parts": [{"text": "Hi"}]},
        {"role": "model", "parts": parts},
        {"role": "model", "parts": more},
        {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"result": "7"}}}]}]})
}

#[test]
fn gemini_3_is_told_of_calls_that_others_made() {
    let call = json!({"functionCall": {"name": "f", "args": {"n": 1.0}}});
    let signed = json!({"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "c2ln"});
    let text = json!({"text": "Let me look."});
    let (endpoint, kind, new) = (Endpoint::GenerateContent, Kind::Gemini, "gemini-3-pro-preview");
    let body = gemini(&json!([text, call, call]), &json!([call]));
    let mut expected = body.clone();
    expected["contents"][1]["parts"][1]["thoughtSignature"] = json!("skip_thought_signature_validator");
    assert_eq!(made(endpoint, &body, kind, new), Some((expected, String::new())));
    assert_eq!(made(endpoint, &body, kind, "gemini-2.5-pro"), None);
    let untouched = [
        gemini(&json!([text, signed, call]), &json!([call])),
        gemini(&json!([signed]), &json!([call])),
        gemini(&json!([{"thought": true, "text": "Hm", "thought_signature": "c2ln"}, call]), &json!([text])),
        gemini(&json!([text]), &json!([{"text": "\"functionCall\""}])),
    ];
    for body in untouched {
        assert_eq!(made(endpoint, &body, kind, new), None, "{body}");
    }
}

#[test]
fn a_body_that_names_the_model_of_gemini_names_the_providers() {
    let mut body = gemini(&json!([{"functionCall": {"name": "f"}}]), &json!([]));
    body["model"] = json!("models/r");
    let (body, _) = made(Endpoint::GenerateContent, &body, Kind::Gemini, "gemini-3-flash").unwrap();
    assert_eq!(body["model"], "models/gemini-3-flash");
}

#[test]
fn openai_is_not_sent_ids_of_thoughts_that_were_made_up_here() {
    let body = |id: &str| {
        json!({"model": "r", "input": [
            {"role": "user", "content": "Hi"}, {"type": "reasoning", "id": id, "summary": []},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Yes", "annotations": []}]}]})
    };
    let made_up = body("rs_0123456789abcdef012345670");
    let mut expected = made_up.clone();
    expected["model"] = json!("gpt-5.1");
    expected["input"].as_array_mut().unwrap().remove(1);
    let (endpoint, kind) = (Endpoint::Responses, Kind::OpenAi);
    assert_eq!(made(endpoint, &made_up, kind, "gpt-5.1"), Some((expected, "reasoning".to_owned())));
    for id in ["rs_6876cf02e0bc8192b74af0fb64b715ff06fa2fcced15a5ac", "rs_0123456789abcdef0123456789abcdef", "rs_1"] {
        assert_eq!(made(endpoint, &body(id), kind, "gpt-5.1"), None, "{id}");
    }
}

#[test]
fn openai_is_not_sent_thoughts_that_it_has_not_encrypted() {
    let body = |thought: &Value| {
        json!({"model": "r", "reasoning": {"effort": "low"}, "input": [{"role": "user", "content": "Hi"}, thought,
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Yes", "annotations": []}]}]})
    };
    let (endpoint, kind, summary) =
        (Endpoint::Responses, Kind::OpenAi, json!([{"type": "summary_text", "text": "Hm"}]));
    let said = json!([{"type": "reasoning_text", "text": "Hm"}]);
    for thought in [
        json!({"type": "reasoning", "summary": summary, "encrypted_content": null}),
        json!({"type": "reasoning", "id": null, "summary": summary, "encrypted_content": ""}),
        json!({"type": "reasoning", "summary": [], "content": said}),
        json!({"type": "reasoning", "id": "rs_9a5d56e5879d4fb5855a9a7c7783f75c", "summary": [], "content": said, "encrypted_content": null}),
        json!({"type": "reasoning", "id": "reasoning_1", "summary": summary}),
    ] {
        let theirs = body(&thought);
        let mut expected = theirs.clone();
        expected["model"] = json!("gpt-5.1");
        expected["input"].as_array_mut().unwrap().remove(1);
        assert_eq!(made(endpoint, &theirs, kind, "gpt-5.1"), Some((expected, "reasoning".to_owned())), "{thought}");
        // Other servers take what they have said.
        assert_eq!(made(endpoint, &theirs, Kind::OpenAiCompatible, "gpt-oss"), None, "{thought}");
    }
    let legible = body(&json!({"type": "reasoning", "summary": [], "content": said, "encrypted_content": "ENC"}));
    let mut expected = legible.clone();
    expected["model"] = json!("gpt-5.1");
    expected["input"][1].as_object_mut().unwrap().remove("content");
    assert_eq!(made(endpoint, &legible, kind, "gpt-5.1"), Some((expected, "reasoning.text".to_owned())));
    for thought in [
        json!({"type": "reasoning", "summary": summary, "content": null, "encrypted_content": "ENC"}),
        json!({"type": "reasoning", "id": "rs_6876cf02e0bc8192b74af0fb64b715ff06fa2fcced15a5ac", "summary": [], "content": []}),
        json!({"role": "user", "content": "{\"type\": \"reasoning\"}"}),
    ] {
        assert_eq!(made(endpoint, &body(&thought), kind, "gpt-5.1"), None, "{thought}");
    }
}

#[test]
fn openai_is_not_sent_thoughts_that_are_claudes_alone() {
    let body = |format: &str| {
        json!({"model": "r", "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Yes", "reasoning_details": [
                {"type": "reasoning.text", "text": "Hm", "signature": "c2ln", "format": format, "index": 0}]}]})
    };
    let ours = body("anthropic-claude-v1");
    let mut expected = ours.clone();
    expected["messages"][1].as_object_mut().unwrap().remove("reasoning_details");
    let endpoint = Endpoint::ChatCompletions;
    assert_eq!(made(endpoint, &ours, Kind::OpenAi, "r"), Some((expected, "reasoning".to_owned())));
    assert_eq!(made(endpoint, &body("openai-responses-v1"), Kind::OpenAi, "r"), None);
    // Others may be able to pass them on.
    assert_eq!(made(endpoint, &ours, Kind::OpenAiCompatible, "r"), None);
}

#[test]
fn whoever_wants_nothing_left_out_is_refused() {
    let (mut losses, mut strict) = (Losses::new(), HeaderMap::new());
    strict.insert("x-tutti-strict", http::HeaderValue::from_static("true"));
    assert!(check("p/m", &losses, &strict).is_ok());
    losses.add("reasoning");
    assert!(check("p/m", &losses, &HeaderMap::new()).is_ok());
    assert_eq!(check("p/m", &losses, &strict).unwrap_err().code(), Code::ModelLoss);
}

#[test]
fn who_refuses_what_is_signed_gets_nothing_of_it() {
    let stripped = |endpoint, body: &Value, kind, model| {
        let mended = mended(&asked(endpoint, body), kind, ("p", model), false)?;
        Some((serde_json::from_slice::<Value>(&mended.body.joined()).unwrap(), mended.losses.to_string()))
    };
    let signed = json!({"type": "thinking", "thinking": "Hm", "signature": "c2ln"});
    let thinking = json!({"type": "enabled", "budget_tokens": 1024});
    let body = claude(&signed, &thinking);
    let mut expected = body.clone();
    expected["messages"][1]["content"].as_array_mut().unwrap().remove(0);
    for (model, thinks, lost) in [("kimi-k2", false, "reasoning, thinking"), ("claude-opus-4-6", true, "reasoning")] {
        expected["model"] = json!(model);
        if !thinks {
            expected.as_object_mut().unwrap().remove("thinking");
        }
        let got = stripped(Endpoint::Messages, &body, Kind::Anthropic, model);
        assert_eq!(got, Some((expected.clone(), lost.to_owned())));
        expected["thinking"] = thinking.clone();
    }
    let call = json!({"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "c2ln"});
    let body = json!({"contents": [
        {"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "Hm", "thought": true}, call]},
        {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {}}}]}]});
    let mut expected = body.clone();
    expected["contents"][1]["parts"].as_array_mut().unwrap().remove(0);
    expected["contents"][1]["parts"][0]["thoughtSignature"] = json!("skip_thought_signature_validator");
    let lost = "reasoning, tool_call.signature".to_owned();
    let got = stripped(Endpoint::GenerateContent, &body, Kind::Gemini, "gemini-3-pro");
    assert_eq!(got, Some((expected.clone(), lost.clone())));
    expected["contents"][1]["parts"][0].as_object_mut().unwrap().remove("thoughtSignature");
    assert_eq!(stripped(Endpoint::GenerateContent, &body, Kind::Gemini, "gemini-2.5-pro"), Some((expected, lost)));
    let body = json!({"model": "r", "input": [
        {"role": "user", "content": "Hi"}, {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "ENC"},
        {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": "{ }"},
        {"type": "function_call_output", "call_id": "c1", "output": "7"}]});
    let mut expected = body.clone();
    expected["input"].as_array_mut().unwrap().remove(1);
    expected["model"] = json!("gpt-5");
    let got = stripped(Endpoint::Responses, &body, Kind::OpenAi, "gpt-5");
    assert_eq!(got, Some((expected.clone(), "reasoning".to_owned())));
    assert_eq!(stripped(Endpoint::Responses, &expected, Kind::OpenAi, "gpt-5"), None);
}

#[test]
fn rounds_ask_openai_for_thoughts_that_it_does_not_store() {
    const ENCRYPTED: &str = "reasoning.encrypted_content";
    let include = |said: Value, model: &str| {
        let mut body = json!({"model": "r", "input": [{"role": "user", "content": "Hi"}]});
        body.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
        let alone = asked(Endpoint::Responses, &body);
        assert_eq!(mended(&alone, Kind::OpenAi, ("p", model), true).map(|_| ()), None, "the client asks itself");
        let mended = mended(&alone.in_rounds(), Kind::OpenAi, ("p", model), true)?;
        let text = String::from_utf8(mended.body.joined().to_vec()).unwrap();
        assert_eq!(text.matches("\"include\"").count(), 1, "{text}");
        let said: Value = serde_json::from_str(&text).unwrap();
        body["model"] = json!(model);
        body["include"] = said["include"].clone();
        assert_eq!((&said, mended.losses.is_empty()), (&body, true));
        Some(said["include"].clone())
    };
    let not_stored = json!({"store": false});
    assert_eq!(include(not_stored.clone(), "gpt-5"), Some(json!([ENCRYPTED])));
    assert_eq!(include(json!({"store": false, "include": null}), "o3"), Some(json!([ENCRYPTED])));
    let others = json!({"store": false, "include": ["web_search_call.action.sources"]});
    assert_eq!(include(others, "gpt-5"), Some(json!(["web_search_call.action.sources", ENCRYPTED])));
    let meant = json!({"store": false, "reasoning": {"effort": "high"}});
    assert_eq!(include(meant, "our-thinker"), Some(json!([ENCRYPTED])));
    // Models that do not reason refuse it, and what is stored needs no more than its id.
    for model in ["gpt-4o", "qwen3"] {
        assert_eq!(include(not_stored.clone(), model), None);
    }
    for said in [json!({}), json!({"store": true}), json!({"store": false, "include": [ENCRYPTED]})] {
        assert_eq!(include(said, "gpt-5"), None);
    }
    let chat = asked(Endpoint::ChatCompletions, &json!({"model": "r", "messages": [], "store": false})).in_rounds();
    assert!(mended(&chat, Kind::OpenAi, ("p", "gpt-5"), true).is_none());
}
