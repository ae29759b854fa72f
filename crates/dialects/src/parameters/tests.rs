use super::*;
use serde_json::{Value, json};

fn becomes(schema: &Value) -> Option<(Value, bool)> {
    outermost(&schema.to_string()).map(|(schema, looser)| (serde_json::from_str(&schema).unwrap(), looser))
}

#[test]
fn objects_that_name_their_members_stay() {
    let nested = json!({"type": "object", "properties": {"a": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/b"}]}},
        "required": ["a"], "$defs": {"b": {"type": "integer"}}});
    for schema in [json!({"type": "object", "properties": {}}), nested] {
        assert_eq!(becomes(&schema), None);
    }
}

#[test]
fn objects_without_members_have_none() {
    let none = json!({"type": "object", "properties": {}});
    for (schema, looser) in [
        (json!({"type": "object"}), false),
        (json!({}), false),
        (json!({"type": "object", "properties": null}), false),
        (json!({"type": "string"}), false),
        (json!(true), true),
    ] {
        assert_eq!(becomes(&schema), Some((none.clone(), looser)), "{schema}");
    }
    assert_eq!(
        becomes(&json!({"type": "object", "additionalProperties": true})).unwrap().0["additionalProperties"],
        true
    );
}

#[test]
fn several_forms_are_one_with_the_members_of_all() {
    let one_of = json!({"type": "object", "description": "d", "properties": {"a": {"type": "string"}}, "required": ["a"],
        "oneOf": [{"required": ["b"], "properties": {"b": {"type": "integer"}, "a": {"const": 1}}}, {"required": ["c"]}],
        "not": {"required": ["b", "c"]}});
    let expected = json!({"type": "object", "description": "d",
        "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"]});
    assert_eq!(becomes(&one_of), Some((expected, true)));
    let all_of = json!({"allOf": [{"$ref": "#/$defs/x"}, {"properties": {"b": {}}, "required": ["b", "a"]}],
        "$defs": {"x": {"type": "object", "properties": {"a": {}}, "required": ["a"], "allOf": [{"$ref": "#/$defs/x"}]}}});
    let (schema, looser) = becomes(&all_of).unwrap();
    assert_eq!(
        (&schema["properties"], &schema["required"], looser),
        (&json!({"a": {}, "b": {}}), &json!(["a", "b"]), true)
    );
    assert_eq!(schema["$defs"], all_of["$defs"]);
    let union = json!({"anyOf": [{"$ref": "#/$defs/x"}, {"$ref": "#/$defs/none"}, {"$ref": "http://x/y"}, 7],
        "$defs": {"x": {"properties": {"a": {}}, "required": ["a"]}}});
    let (schema, _) = becomes(&union).unwrap();
    assert_eq!((&schema["properties"], schema.get("required")), (&json!({"a": {}}), None));
}

#[test]
fn what_lies_deep_or_turns_in_circles_ends() {
    let circle =
        json!({"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}], "properties": {"p": {}}}}});
    assert_eq!(becomes(&circle).unwrap().0["properties"], json!({"p": {}}));
    let deep = (0..50).fold(json!({"properties": {"deep": {}}}), |inner, _| json!({"allOf": [inner]}));
    assert_eq!(becomes(&deep).unwrap().0["properties"], json!({}));
}
