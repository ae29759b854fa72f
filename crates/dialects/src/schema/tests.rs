use super::*;
use serde_json::{Value, json};

fn made(schema: &Value) -> (Value, bool) {
    let mut losses = Losses::new();
    let closed = closed(&schema.to_string(), "format.schema", &mut losses);
    (serde_json::from_str(&closed).unwrap(), !losses.is_empty())
}

#[test]
fn what_is_taken_stays_and_objects_are_closed() {
    let schema = json!({"$schema": "x", "type": "object", "title": "T", "required": ["a"], "$defs": {"d": {"type": ["object", "null"], "properties": {}}},
        "properties": {"a": {"$ref": "#/$defs/d"}, "b": {"type": "array", "minItems": 1, "items": {"type": "object", "properties": {"c": {"const": 1}}}},
            "format": {"type": "string", "format": "date", "pattern": "^a"}, "e": {"anyOf": [{"type": "null"}, {"enum": ["x"]}]}}});
    let mut expected = schema.clone();
    expected.as_object_mut().unwrap().remove("$schema");
    for path in ["", "/$defs/d", "/properties/b/items"] {
        expected.pointer_mut(path).unwrap()["additionalProperties"] = json!(false);
    }
    assert_eq!(made(&schema), (expected.clone(), false));
    assert_eq!(made(&expected), (expected, false));
}

#[test]
fn what_is_refused_is_said_in_words() {
    let schema = json!({"type": "integer", "description": "Years", "minimum": 1, "maximum": 99});
    let expected = json!({"type": "integer", "description": "Years\n\n{minimum: 1, maximum: 99}"});
    assert_eq!(made(&schema), (expected, true));
    let schema =
        json!({"type": "array", "minItems": 2, "items": {"type": "string", "format": "int-like", "maxLength": 3}});
    let expected = json!({"type": "array", "items": {"type": "string", "description": "{format: \"int-like\", maxLength: 3}"}, "description": "{minItems: 2}"});
    assert_eq!(made(&schema), (expected, true));
    let schema =
        json!({"oneOf": [{"type": "object", "properties": {}, "additionalProperties": true}, {"type": "null"}]});
    let expected =
        json!({"anyOf": [{"type": "object", "properties": {}, "additionalProperties": false}, {"type": "null"}]});
    assert_eq!(made(&schema), (expected, true));
    // Any object, or a map of names.
    for open in [json!({"type": "object"}), json!({"type": "object", "additionalProperties": {"type": "string"}})] {
        assert_eq!(made(&open), (json!({"type": "object", "additionalProperties": false}), true), "{open}");
    }
}

#[test]
fn patterns_that_look_around_are_said_in_words() {
    for (pattern, plain) in [
        ("^[a-z]+(-[0-9]{2})?$", true),
        (r"\\(\d\(?", true),
        ("^(?=.*[0-9]).{8}$", false),
        ("(?<!a)b", false),
        (r"\bword\b", false),
        (r"(a)\1", false),
    ] {
        let (closed, lost) = made(&json!({"type": "string", "pattern": pattern}));
        assert_eq!((closed.get("pattern").is_some(), lost), (plain, !plain), "{pattern}");
        assert_eq!(closed.get("description").is_some(), !plain, "{pattern}");
    }
}

#[test]
fn what_lies_too_deep_stays() {
    let mut deep = json!({"type": "object"});
    for _ in 0..100 {
        deep = json!({"items": deep});
    }
    assert!(made(&deep).0.to_string().ends_with(&format!("{{\"type\":\"object\"}}{}", "}".repeat(100))));
    assert_eq!(made(&json!(true)), (json!(true), false));
}
