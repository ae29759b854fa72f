use super::*;
use serde_json::{Value, json};

fn around(member: &Value) -> Value {
    json!({"type": "object", "properties": {"m": member}, "required": ["m"], "additionalProperties": false})
}

#[test]
fn what_every_model_takes_is_plain() {
    for member in [
        json!({"type": ["string", "null"], "title": "M", "description": "It"}),
        json!({"type": "array", "items": around(&json!({"enum": ["a", 1]}))}),
        json!({"anyOf": [{"$ref": "#/$defs/a"}, {"type": "null"}]}),
        json!({"const": 1}),
    ] {
        assert!(is_plain(&around(&member).to_string()), "{member}");
    }
}

#[test]
fn what_may_be_refused_is_not() {
    let nested = |levels: usize| (1..levels).fold(around(&json!({"type": "null"})), |inner, _| around(&inner));
    assert!(is_plain(&nested(MOST_OBJECTS).to_string()));
    let lists = (0..100).fold(json!({"type": "null"}), |inner, _| json!({"type": "array", "items": inner}));
    for schema in [
        around(&json!({"type": "string", "format": "uri"})),
        around(&json!({"type": "string", "default": "a"})),
        around(&json!({"$ref": "#/$defs/a", "description": "A"})),
        around(&json!({"description": "Anything"})),
        around(&json!({"type": "array"})),
        around(&json!(true)),
        around(&json!({"anyOf": [around(&json!({"type": "null"})), around(&json!({"type": "string"}))]})),
        nested(MOST_OBJECTS + 1),
        lists,
    ] {
        assert!(!is_plain(&schema.to_string()), "{schema}");
    }
}
