use crate::fit::tests::becomes;
use conversation::dialect::Dialect::{Anthropic, Bedrock, OpenAiChat};
use serde_json::{Value, json};

#[test]
fn claude_is_held_only_to_what_it_can_keep() {
    let map = json!({"type": "object", "properties": {"m": {"type": "object", "additionalProperties": {"type": "number"}}},
        "required": ["m"], "additionalProperties": false});
    let tool = json!({"type": "function", "function": {"name": "f", "parameters": map, "strict": true}});
    let form = json!({"type": "json_schema", "json_schema": {"name": "n", "schema": map, "strict": true}});
    let chat = json!({"model": "m", "messages": [{"role": "user", "content": "go"}], "tools": [tool], "response_format": form});
    for (to, written) in
        [(Anthropic, "/tools/0/input_schema"), (Bedrock, "/toolConfig/tools/0/toolSpec/inputSchema/json")]
    {
        let (body, lost) = becomes(OpenAiChat, to, "anthropic.claude-sonnet-4-5", &chat);
        assert_eq!((body.pointer(written), lost.as_str()), (Some(&map), "tools[0].strict, format"), "{body}");
        assert!(!body.to_string().contains("\"strict\""), "{body}");
        assert_eq!((body.get("output_config"), body.get("outputConfig")), (None, None));
        assert!(body["system"].to_string().contains("valid by this JSON Schema"), "{body}");
    }
}

#[test]
fn claude_is_held_to_no_more_than_it_takes() {
    let tool = |members: usize, strict: bool| {
        let properties: serde_json::Map<String, Value> =
            (0..members).map(|number| (format!("m{number}"), json!({"type": "null"}))).collect();
        json!({"type": "function", "function": {"name": "f", "strict": strict,
            "parameters": {"type": "object", "properties": properties}}})
    };
    let kept = |model: &str, tools: Vec<Value>| {
        let chat = json!({"model": "m", "messages": [{"role": "user", "content": "go"}], "tools": tools});
        let (body, lost) = becomes(OpenAiChat, Anthropic, model, &chat);
        (body["tools"].as_array().unwrap().iter().filter(|tool| tool["strict"] == true).count(), lost)
    };
    let many = || (0..22).map(|_| tool(0, true)).collect();
    assert_eq!(kept("claude-sonnet-4-5", many()), (20, "tools[20].strict, tools[21].strict".to_owned()));
    assert_eq!(kept("my-model", many()).0, 22);
    let large = vec![tool(99, false), tool(20, true), tool(5, true), tool(4, true)];
    assert_eq!(kept("claude-sonnet-4-5", large), (2, "tools[2].strict".to_owned()));
}
