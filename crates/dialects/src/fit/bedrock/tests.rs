use crate::fit::tests::becomes;
use conversation::dialect::Dialect::{Anthropic, Bedrock, OpenAiChat};
use serde_json::json;

#[test]
fn models_at_bedrock_that_refuse_schemas_are_told_none() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": false});
    let tool =
        |strict: bool| json!({"type": "function", "function": {"name": "f", "parameters": schema, "strict": strict}});
    let form = json!({"type": "json_schema", "json_schema": {"name": "n", "schema": schema, "strict": true}});
    let chat = json!({"model": "m", "messages": [{"role": "user", "content": "go"}], "tools": [tool(true), tool(false)], "response_format": form});
    for (model, strict, formed) in [
        ("us.anthropic.claude-opus-4-7", false, false),
        ("global.anthropic.claude-opus-4-8", false, false),
        ("eu.anthropic.claude-sonnet-5", false, false),
        ("us.anthropic.claude-opus-5", true, false),
        ("us.anthropic.claude-opus-5-5", false, false),
        ("anthropic.claude-sonnet-4-20250514-v1:0", false, false),
        ("us.amazon.nova-pro-v1:0", false, false),
        ("us.meta.llama4-maverick-17b-instruct-v1:0", false, false),
        ("us.deepseek.r1-v1:0", false, false),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", true, true),
        ("anthropic.claude-sonnet-4-5-20250929-v1:0", true, true),
        ("us.anthropic.claude-opus-4-6-v1", true, true),
        ("qwen.qwen3-32b-v1:0", true, true),
        ("arn:aws:bedrock:us-east-1:1:application-inference-profile/abc", true, true),
    ] {
        let (body, lost) = becomes(OpenAiChat, Bedrock, model, &chat);
        let tools = body["toolConfig"]["tools"].as_array().unwrap();
        assert_eq!(tools[0]["toolSpec"].get("strict"), strict.then_some(&json!(true)), "{model}");
        assert_eq!(tools[1]["toolSpec"].get("strict"), None, "{model}");
        assert_eq!(body.get("outputConfig").is_some(), formed, "{model}");
        assert_eq!(body.to_string().contains("valid by this JSON Schema"), !formed, "{model}");
        assert_eq!((lost.contains("tools[0].strict"), lost.contains("format")), (!strict, !formed), "{model}: {lost}");
        assert!(!lost.contains("tools[1]"), "{lost}");
    }
    let own = json!({"messages": [], "toolConfig": {"tools": [{"toolSpec": {"name": "f", "strict": false, "inputSchema": {"json": {}}}}]}});
    let (body, lost) = becomes(Bedrock, Bedrock, "us.anthropic.claude-opus-4-7", &own);
    assert_eq!((body, lost.as_str()), (own, ""));
}

#[test]
fn models_at_bedrock_without_a_cache_are_told_no_points() {
    let mark = json!({"type": "ephemeral"});
    let text = |text: &str| json!({"type": "text", "text": text, "cache_control": mark});
    let said = json!({"model": "m", "max_tokens": 9000, "system": [text("Be short.")],
        "tools": [{"name": "f", "input_schema": {"type": "object", "properties": {}}, "cache_control": mark}],
        "messages": [{"role": "user", "content": [text("go")]},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": [text("done")], "cache_control": mark}]}]});
    for (model, points, named) in [
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", 4, false),
        ("us.amazon.nova-pro-v1:0", 2, true),
        ("openai.gpt-oss-120b-1:0", 0, true),
        ("qwen.qwen3-coder-next", 0, true),
        ("us.deepseek.r1-v1:0", 0, true),
        ("anthropic.claude-3-haiku-20240307-v1:0", 0, true),
        ("openai.claude", 4, false),
        ("arn:aws:bedrock:us-east-1:1:application-inference-profile/abc", 4, false),
    ] {
        let (body, lost) = becomes(Anthropic, Bedrock, model, &said);
        assert_eq!(body.to_string().matches("cachePoint").count(), points, "{model} {body}");
        assert_eq!(lost.contains("cache_breakpoint"), named, "{model}: {lost}");
    }
    let (body, _) = becomes(Anthropic, Bedrock, "us.amazon.nova-pro-v1:0", &said);
    assert!(
        body["system"].to_string().contains("cachePoint") && body["messages"][0].to_string().contains("cachePoint")
    );
    // What begins with other words behind a result may have one again.
    let content = json!([{"type": "tool_result", "tool_use_id": "a", "content": "done"}, text("And?")]);
    let mut more = said;
    more["messages"][2]["content"] = content;
    let (body, _) = becomes(Anthropic, Bedrock, "us.amazon.nova-pro-v1:0", &more);
    assert_eq!(body["messages"][2]["content"][2], json!({"cachePoint": {"type": "default"}}), "{body}");
    let own = json!({"messages": [{"role": "user", "content": [{"text": "go"}, {"cachePoint": {"type": "default"}}]}]});
    assert_eq!(becomes(Bedrock, Bedrock, "openai.gpt-oss-120b-1:0", &own), (own, String::new()));
}

#[test]
fn points_in_and_behind_a_result_are_one() {
    let result = |inner: &str, outer: &str| {
        let mark = |ttl: &str| json!({"type": "ephemeral", "ttl": ttl});
        let text = json!({"type": "text", "text": "done", "cache_control": mark(inner)});
        json!({"model": "m", "max_tokens": 9000, "messages": [
            {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": [text], "cache_control": mark(outer)}]}]})
    };
    for (inner, outer, lost) in [("1h", "1h", "message.order"), ("5m", "1h", "message.order, cache_breakpoint.ttl")] {
        let (body, named) = becomes(Anthropic, Bedrock, "m", &result(inner, outer));
        let content = &body["messages"][2]["content"];
        assert_eq!(content.as_array().map(Vec::len), Some(2), "{body}");
        assert_eq!((&content[1]["cachePoint"]["ttl"], named.as_str()), (&json!(outer), lost));
    }
}
