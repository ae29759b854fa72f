use super::*;
use serde_json::{Value, json};

fn both(schema: &Value) -> (bool, bool) {
    (held(&schema.to_string(), Place::Tool).is_some(), held(&schema.to_string(), Place::Answer).is_some())
}

fn around(member: &Value) -> Value {
    json!({"type": "object", "properties": {"m": member}, "required": ["m"]})
}

#[test]
fn ordinary_schemas_are_held_to() {
    for schema in [
        json!({"type": "object", "properties": {}}),
        json!({"type": "object", "additionalProperties": false}),
        around(
            &json!({"type": ["object", "null"], "properties": {"a": {"type": "string"}}, "additionalProperties": true}),
        ),
        around(&json!({"type": "array", "items": {"anyOf": [{"type": "null"}, {"enum": ["x"]}]}})),
        around(&json!({"type": "string", "pattern": "(?=a)"})),
        around(&json!({"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}}], "description": "A"})),
        json!({"$ref": "#/$defs/a", "$defs": {"a": around(&json!({"$ref": "#/$defs/b"})), "b": {"type": "string"}}}),
    ] {
        assert_eq!(both(&schema), (true, true), "{schema}");
    }
}

#[test]
fn members_that_may_be_left_out_are_counted() {
    let inner = json!({"type": "object", "properties": {"a": {}, "b": {}, "c": {}}, "required": ["b"]});
    let schema =
        json!({"type": "object", "properties": {"list": {"type": "array", "items": inner}, "d": {"type": "null"}}});
    assert_eq!(held(&schema.to_string(), Place::Tool), Some(4));
    assert_eq!(held(&around(&inner).to_string(), Place::Answer), Some(2));
}

#[test]
fn objects_of_any_members_could_only_be_empty() {
    let map = json!({"type": "object", "additionalProperties": {"type": "number"}});
    for schema in [map.clone(), json!({"type": "object", "properties": {}, "additionalProperties": true})] {
        assert_eq!(both(&around(&schema)), (false, false), "{schema}");
        assert!(held(&schema.to_string(), Place::Answer).is_none(), "{schema}");
    }
    let any = json!({"type": "object"});
    assert_eq!((both(&any), both(&around(&any))), ((true, false), (false, false)));
    assert_eq!(both(&around(&json!({"type": "array", "items": map}))), (false, false));
    assert_eq!(both(&json!({"$defs": {"a": map}, "type": "object", "properties": {}})), (false, false));
}

#[test]
fn what_is_refused_is_not_held_to() {
    for schema in [
        around(&json!(true)),
        around(&json!({"type": "array", "items": false})),
        around(&json!({"$ref": "https://example.com/a.json"})),
        around(&json!({"$ref": "#"})),
        around(&json!({"allOf": [{"$ref": "#/$defs/a"}]})),
        around(&json!({"$ref": "#/$defs/a", "allOf": [{"type": "string"}]})),
        around(&json!({"allOf": [around(&json!({"type": "string"})), around(&json!({"type": "null"}))]})),
    ] {
        assert_eq!(both(&schema), (false, false), "{schema}");
    }
    let mut deep = json!({"type": "string"});
    for _ in 0..100 {
        deep = json!({"type": "array", "items": deep});
    }
    assert_eq!(both(&deep), (false, false));
}

#[test]
fn definitions_that_lead_back_to_themselves_are_found() {
    let refer = |name: &str| json!({"$ref": format!("#/$defs/{name}")});
    let with = |definitions: Value| json!({"type": "object", "properties": {"a": refer("a")}, "$defs": definitions});
    for (definitions, held) in [
        (json!({"a": around(&refer("a"))}), false),
        (json!({"a": around(&refer("b")), "b": {"type": "array", "items": refer("a")}}), false),
        (json!({"a": around(&refer("b/properties/m")), "b": around(&refer("a"))}), false),
        (json!({"a/b": around(&refer("a~1b"))}), false),
        (json!({"a": around(&refer("b")), "b": {"anyOf": [refer("c"), refer("c")]}, "c": {"type": "null"}}), true),
    ] {
        assert_eq!(both(&with(definitions.clone())), (held, held), "{definitions}");
    }
    let chain = |last: &Value| {
        let mut definitions: serde_json::Map<String, Value> =
            (0..20_000).map(|number| (format!("d{number}"), refer(&format!("d{}", number + 1)))).collect();
        definitions.insert("d20000".to_owned(), last.clone());
        with(Value::Object(definitions))
    };
    assert_eq!(both(&chain(&json!({"type": "null"}))), (true, true));
    assert_eq!(both(&chain(&refer("d0"))), (false, false));
}
