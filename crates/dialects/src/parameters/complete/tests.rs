use super::*;
use serde_json::{Value, json};

fn made(schema: &Value) -> Value {
    serde_json::from_str(&completed(&schema.to_string(), 0)).unwrap()
}

#[test]
fn what_is_missing_is_said() {
    for (schema, expected) in [
        (json!({"type": "object"}), json!({"type": "object", "properties": {}})),
        (json!({"type": "object", "properties": null}), json!({"type": "object", "properties": {}})),
        (
            json!({"type": "object", "properties": {"a": {"type": "array"}, "b": {"type": ["array", "null"], "items": null}}}),
            json!({"type": "object", "properties": {"a": {"type": "array", "items": {}},
                "b": {"type": ["array", "null"], "items": {}}}}),
        ),
        (
            json!({"type": "object", "properties": {"a": {"anyOf": [{"type": "null"}, {"type": "array"}]}},
                "$defs": {"d": {"type": "array", "items": {"type": "array"}}}}),
            json!({"type": "object", "properties": {"a": {"anyOf": [{"type": "null"}, {"type": "array", "items": {}}]}},
                "$defs": {"d": {"type": "array", "items": {"type": "array", "items": {}}}}}),
        ),
        (
            json!({"type": "object", "additionalProperties": {"type": "array"}}),
            json!({"type": "object", "properties": {}, "additionalProperties": {"type": "array", "items": {}}}),
        ),
    ] {
        assert_eq!(made(&schema), expected, "{schema}");
    }
}

#[test]
fn what_lacks_nothing_stays_as_it_was_said() {
    for schema in [
        r#"{ "type" : "object", "properties" : { "type": {"type": "string"}, "a": {"type": "object"} } }"#,
        r#"{"type":"object","properties":{"a":{"type":"array","items":{"type":"string"}}},"default":{"type":"array"}}"#,
        r#"{"type":"object","properties":{"a":{"enum":[{"type":"array"}]}}}"#,
        r#"{"properties":{}}"#,
        "true",
        "[1]",
    ] {
        assert!(matches!(completed(schema, 0), Cow::Borrowed(same) if same == schema), "{schema}");
    }
    let deep = (0..100).fold(json!({"type": "array"}), |inner, _| json!({"items": inner}));
    assert_eq!(made(&deep), deep);
}
