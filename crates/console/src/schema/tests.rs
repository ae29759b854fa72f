use super::{Kind, Parameter, Shape, flag, parameters};
use serde_json::{Value, json};

fn only(property: &Value) -> Parameter {
    let schema = json!({"type": "object", "properties": {"p": property}, "$defs": {
        "Unit": {"type": "string", "enum": ["celsius", "kelvin"], "description": "of the definition"},
        "Loop": {"$ref": "#/$defs/Loop"},
        "Tree": {"type": "object", "properties": {"child": {"$ref": "#/$defs/Tree"}}},
    }});
    parameters(&schema).remove(0)
}

fn kind(property: &Value) -> Kind {
    only(property).shape.kind
}

fn list(kind: Kind) -> Kind {
    Kind::List(Box::new(Shape { kind, ..Shape::default() }))
}

#[test]
fn every_way_to_write_a_type_is_read() {
    let cases = [
        (json!({"type": "string"}), Kind::Text),
        (json!({"type": "integer"}), Kind::Integer),
        (json!({"type": "number"}), Kind::Number),
        (json!({"type": "boolean"}), Kind::Boolean),
        (json!({"type": "object"}), Kind::Object),
        (json!({"properties": {}}), Kind::Object),
        (json!({"type": "array"}), list(Kind::Any)),
        (json!({"type": "array", "items": {"type": "integer"}}), list(Kind::Integer)),
        (json!({"items": {"type": "string"}}), list(Kind::Text)),
        (json!({"type": ["string", "null"]}), Kind::Text),
        (json!({"anyOf": [{"type": "integer"}, {"type": "null"}]}), Kind::Integer),
        (json!({"oneOf": [{"type": "null"}, {"type": "boolean"}]}), Kind::Boolean),
        (json!({"allOf": [{"$ref": "#/$defs/Unit"}]}), Kind::Text),
        (json!({"$ref": "#/$defs/Unit"}), Kind::Text),
        (json!({"$ref": "#/$defs/Tree"}), Kind::Object),
        (json!({"$ref": "#/$defs/Loop"}), Kind::Any),
        (json!({"$ref": "#/$defs/Nowhere"}), Kind::Any),
        (json!({"$ref": "https://example.com/schema"}), Kind::Any),
        (json!({"enum": ["a", "b"]}), Kind::Text),
        (json!({"enum": [1, 2]}), Kind::Integer),
        (json!({"const": true}), Kind::Boolean),
        (json!({}), Kind::Any),
        (json!(true), Kind::Any),
        (json!({"type": "alien"}), Kind::Any),
        (json!({"anyOf": []}), Kind::Any),
    ];
    for (property, expected) in cases {
        assert_eq!(kind(&property), expected, "{property}");
    }
}

#[test]
fn choices_and_null_survive_references_and_unions() {
    let unit = only(&json!({"anyOf": [{"$ref": "#/$defs/Unit"}, {"type": "null"}], "default": null}));
    assert_eq!(unit.shape.choices, [json!("celsius"), json!("kelvin")]);
    assert!(unit.shape.nullable);
    let consts = only(&json!({"oneOf": [{"const": "a"}, {"const": "b"}]}));
    assert_eq!((consts.shape.kind, consts.shape.choices), (Kind::Text, vec![json!("a"), json!("b")]));
    let open = only(&json!({"anyOf": [{"enum": ["a"]}, {"type": "string"}]}));
    assert_eq!((open.shape.kind, open.shape.choices), (Kind::Text, vec![]));
    let with_null = only(&json!({"enum": ["a", null]}));
    assert_eq!((with_null.shape.nullable, with_null.shape.choices), (true, vec![json!("a")]));
    let either = only(&json!({"type": ["string", "integer"]}));
    assert_eq!(either.shape.word(), "TEXT|INTEGER");
    assert!(either.shape.is_scalar() && !either.shape.is_switch());
    let either = only(&json!({"anyOf": [{"type": "boolean"}, {"type": "string"}]}));
    assert_eq!((either.shape.word().as_str(), either.shape.is_switch()), ("true|false|TEXT", true));
    let limits = only(&json!({"type": "integer", "minimum": 1, "maximum": 9.5}));
    assert_eq!((limits.shape.least, limits.shape.greatest), (Some(1.0), Some(9.5)));
}

#[test]
fn a_description_beside_a_reference_wins_over_the_one_behind_it() {
    assert_eq!(only(&json!({"$ref": "#/$defs/Unit"})).description, "of the definition");
    assert_eq!(only(&json!({"$ref": "#/$defs/Unit", "description": "near"})).description, "near");
    assert_eq!(only(&json!({"title": "T"})).description, "T");
}

#[test]
fn what_must_be_given_comes_first() {
    let schema = json!({"properties": {"a": {}, "b": {}, "c": {}}, "required": ["c", "b", "nowhere"]});
    let names: Vec<(String, bool)> =
        parameters(&schema).into_iter().map(|parameter| (parameter.name, parameter.required)).collect();
    assert_eq!(names, [("b".to_owned(), true), ("c".to_owned(), true), ("a".to_owned(), false)]);
    let joined = json!({"allOf": [{"properties": {"a": {}}, "required": ["a"]}, {"$ref": "#/$defs/More"}],
        "$defs": {"More": {"properties": {"b": {}, "a": {}}}}});
    assert_eq!(parameters(&joined).len(), 2);
    for schema in [json!(null), json!({}), json!([]), json!({"properties": []}), json!({"properties": {}})] {
        assert_eq!(parameters(&schema), []);
    }
}

#[test]
fn names_become_flags() {
    let cases = [
        ("path", "path"),
        ("max_results", "max-results"),
        ("maxResults", "max-results"),
        ("max-results", "max-results"),
        ("XMLPath", "xmlpath"),
        ("page2Size", "page2-size"),
        ("_private", "_private"),
        ("with space", "with space"),
        ("größe", "größe"),
        ("a.b", "a.b"),
    ];
    for (name, expected) in cases {
        assert_eq!(flag(name), expected, "{name}");
    }
}

#[test]
fn arguments_that_would_have_one_flag_keep_their_names() {
    let schema = json!({"properties": {"a_b": {}, "aB": {}, "c_d": {}}});
    let flags: Vec<String> = parameters(&schema).into_iter().map(|parameter| parameter.flag).collect();
    assert_eq!(flags, ["a_b", "aB", "c-d"]);
}

#[test]
fn a_schema_that_leads_to_itself_many_times_comes_to_an_end() {
    let variants: Vec<Value> = (0..20).map(|_| json!({"$ref": "#/$defs/x"})).collect();
    let schema = json!({"properties": {"a": {"$ref": "#/$defs/x"}, "b": {"type": "integer"}},
        "$defs": {"x": {"anyOf": variants, "items": {"$ref": "#/$defs/x"}}}});
    let read = parameters(&schema);
    assert_eq!(read.iter().map(|parameter| parameter.flag.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(read[1].shape.kind, Kind::Integer);
}
