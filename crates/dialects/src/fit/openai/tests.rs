use crate::fit::tests::{becomes, messages};
use conversation::dialect::Dialect::{Anthropic, OpenAiChat, OpenAiResponses};
use serde_json::{Value, json};

#[test]
fn openai_is_told_that_a_tool_has_no_parameters() {
    let list = json!({"type": "object", "properties": {"names": {"type": "array"}}});
    let said = messages(
        &json!({"tools": [{"name": "ping", "input_schema": {"type": "object"}}, {"name": "all", "input_schema": list}]}),
    );
    for (to, place) in [(OpenAiChat, "/function/parameters"), (OpenAiResponses, "/parameters")] {
        for model in ["gpt-5", "my-model"] {
            let (body, lost) = becomes(Anthropic, to, model, &said);
            let parameters = |number: usize| body.pointer(&format!("/tools/{number}{place}"));
            assert_eq!(parameters(0), Some(&json!({"type": "object", "properties": {}})), "{body}");
            assert_eq!(parameters(1).unwrap()["properties"]["names"], json!({"type": "array", "items": {}}));
            assert_eq!(lost, "");
        }
    }
}

#[test]
fn forms_to_which_answers_always_keep_are_strict_at_openai() {
    let schema = |more: &Value| json!({"type": "object", "properties": {"a": more}, "required": ["a"], "additionalProperties": false});
    let plain = schema(&json!({"type": "string"}));
    for (schema, strict) in [
        (plain.clone(), Some(true)),
        (schema(&json!({"type": "string", "format": "uri"})), None),
        (json!({"type": "object", "properties": {"a": {"type": "string"}}}), None),
    ] {
        let said = messages(&json!({"output_config": {"format": {"type": "json_schema", "schema": schema}}}));
        for (to, place) in [(OpenAiChat, "/response_format/json_schema"), (OpenAiResponses, "/text/format")] {
            let (body, lost) = becomes(Anthropic, to, "gpt-5", &said);
            let form = body.pointer(place).unwrap();
            assert_eq!((form.get("strict"), lost.as_str()), (strict.map(Value::from).as_ref(), ""), "{body}");
            assert_eq!(form["schema"], schema);
            let (body, _) = becomes(Anthropic, to, "my-model", &said);
            assert_eq!(body.pointer(place).unwrap().get("strict"), None);
        }
    }
    let form = json!({"type": "json_schema", "json_schema": {"name": "n", "schema": plain}});
    let chat = json!({"model": "m", "messages": [], "response_format": form});
    let (body, _) = becomes(OpenAiChat, OpenAiResponses, "gpt-5", &chat);
    assert_eq!(body["text"]["format"].get("strict"), None, "{body}");
}

#[test]
fn forms_that_are_no_object_are_said_in_words_at_openai() {
    let plain = json!({"type": "object", "properties": {}, "additionalProperties": false});
    for schema in [json!({"anyOf": [plain, {"type": "null"}]}), json!({"$ref": "#/$defs/a", "$defs": {"a": plain}})] {
        let said = messages(&json!({"output_config": {"format": {"type": "json_schema", "schema": schema}}}));
        let (body, lost) = becomes(Anthropic, OpenAiResponses, "gpt-5", &said);
        assert_eq!((body["text"].get("format"), lost.as_str()), (None, "format"), "{body}");
        assert!(body.to_string().contains("valid by this JSON Schema"), "{body}");
        let (body, lost) = becomes(Anthropic, OpenAiChat, "my-model", &said);
        assert_eq!((&body["response_format"]["json_schema"]["schema"], lost.as_str()), (&schema, ""));
    }
}
