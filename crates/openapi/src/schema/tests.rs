use super::{Direction, Schemas};
use crate::document::Document;
use serde_json::{Value, json};

fn convert(version: &str, schema: &str, direction: Direction) -> Result<Value, String> {
    let text = format!("openapi: {version}\ncomponents: {{ schemas: {{ X: {{ type: string }}, Y: {schema} }} }}\n");
    let document = Document::read("a.yaml", &text).unwrap();
    let schema = document.json().pointer("/components/schemas/Y").unwrap().clone();
    let mut schemas = Schemas::new(&document, direction);
    let mut uses = super::Uses::new();
    let mut converted = schemas.convert(&schema, &mut uses)?;
    let definitions = schemas.definitions(&uses, 1 << 20)?;
    if !definitions.is_empty() {
        converted["$defs"] = definitions.into();
    }
    Ok(converted)
}

fn sent(version: &str, schema: &str) -> Value {
    convert(version, schema, Direction::Sent).unwrap()
}

#[test]
fn keywords_of_openapi_3_0_become_those_of_json_schema() {
    for (old, new) in [
        ("{ type: string, nullable: true }", json!({"type": ["string", "null"]})),
        ("{ type: string, nullable: false }", json!({"type": "string"})),
        ("{ type: string, nullable: true, enum: [a] }", json!({"type": ["string", "null"], "enum": ["a", null]})),
        ("{ type: integer, minimum: 1, exclusiveMinimum: true }", json!({"type": "integer", "exclusiveMinimum": 1})),
        ("{ type: integer, maximum: 1, exclusiveMaximum: false }", json!({"type": "integer", "maximum": 1})),
        (
            "{ type: number, multipleOf: 1.10, default: 1.10 }",
            json!({"type": "number", "multipleOf": 1.1, "default": 1.1}),
        ),
        ("{ type: string, enum: [1.10, x] }", json!({"type": "string", "enum": ["1.10", "x"]})),
        ("{ type: string, format: byte }", json!({"type": "string", "contentEncoding": "base64"})),
        ("{ type: string, example: x, xml: { name: y }, x-more: 1 }", json!({"type": "string", "examples": ["x"]})),
        ("{ type: string, required: true }", json!({"type": "string"})),
        (
            "{ type: object, properties: { nullable: { type: string } } }",
            json!({"type": "object", "properties": {"nullable": {"type": "string"}}}),
        ),
        (
            "{ description: d, nullable: true, allOf: [{ $ref: '#/components/schemas/X' }] }",
            json!({"description": "d", "anyOf": [{"allOf": [{"$ref": "#/$defs/X"}]}, {"type": "null"}], "$defs": {"X": {"type": "string"}}}),
        ),
        (
            "{ $ref: '#/components/schemas/X', description: passed over }",
            json!({"$ref": "#/$defs/X", "$defs": {"X": {"type": "string"}}}),
        ),
    ] {
        assert_eq!(sent("3.0.3", old), new, "{old}");
    }
}

#[test]
fn schemas_of_openapi_3_1_stay_as_they_are() {
    for (schema, same) in [
        (
            "{ type: [string, 'null'], exclusiveMinimum: 1.5 }",
            json!({"type": ["string", "null"], "exclusiveMinimum": 1.5}),
        ),
        ("{ const: { nullable: true, x-y: 1 } }", json!({"const": {"nullable": true, "x-y": 1}})),
        (
            "{ prefixItems: [{ type: string }, true], unevaluatedItems: false }",
            json!({"prefixItems": [{"type": "string"}, true], "unevaluatedItems": false}),
        ),
        (
            "{ $ref: '#/components/schemas/X', description: d }",
            json!({"$ref": "#/$defs/X", "description": "d", "$defs": {"X": {"type": "string"}}}),
        ),
    ] {
        assert_eq!(sent("3.1.0", schema), same, "{schema}");
    }
}

#[test]
fn what_goes_one_way_only_is_left_out_of_the_other() {
    let schema = "{ required: [a, b], properties: { a: { readOnly: true }, b: { writeOnly: true } } }";
    assert_eq!(sent("3.1.0", schema), json!({"required": ["b"], "properties": {"b": {"writeOnly": true}}}));
    let received = convert("3.1.0", schema, Direction::Received).unwrap();
    assert_eq!(received, json!({"required": ["a"], "properties": {"a": {"readOnly": true}}}));
}

/// A schema that holds itself stays a reference.
#[test]
fn a39_recursion_is_bounded() {
    let schema =
        "{ properties: { y: { $ref: '#/components/schemas/Y' }, z: { $ref: '#/components/schemas/Y/properties/y' } } }";
    let converted = sent("3.1.0", schema);
    assert_eq!(converted["properties"]["y"]["$ref"], "#/$defs/Y");
    let definitions = converted["$defs"].as_object().unwrap();
    assert_eq!(definitions.len(), 2);
    let (name, inner) = definitions.iter().find(|(name, _)| name.starts_with("y_")).unwrap();
    assert_eq!((inner["$ref"].as_str(), name.len()), (Some("#/$defs/Y"), 10));
}

#[test]
fn a39_what_leads_elsewhere_or_is_too_much_is_refused() {
    for (schema, word) in [
        ("{ $ref: 'http://internal/' }", "leads out"),
        ("{ $ref: 'file:///etc/passwd' }", "leads out"),
        ("{ $ref: '#/components/schemas/Nothing' }", "leads to nothing"),
        ("{ $dynamicRef: '#x' }", "$dynamicRef"),
        ("{ properties: { a: 1 } }", "no schema"),
    ] {
        let why = convert("3.1.0", schema, Direction::Sent).unwrap_err();
        assert!(why.contains(word), "{schema}: {why}");
    }
    let many = format!("{{ anyOf: [{}] }}", vec!["{ type: string }"; 20_001].join(", "));
    assert!(convert("3.1.0", &many, Direction::Sent).unwrap_err().contains("more than"));
}
