use super::*;

#[test]
fn schemas_of_openapi_become_json_schema() {
    let cases = [
        (
            r#"{"type":"OBJECT","properties":{"type":{"type":"STRING"}}}"#,
            r#"{"type":"object","properties":{"type":{"type":"string"}}}"#,
        ),
        (r#"{"type":"STRING","nullable":true,"enum":["a"]}"#, r#"{"type":["string","null"],"enum":["a",null]}"#),
        (r#"{"type":"STRING","nullable":false}"#, r#"{"type":"string"}"#),
        (r#"{"any_of":[{"type":"NUMBER"}],"min_items":"2"}"#, r#"{"anyOf":[{"type":"number"}],"minItems":2}"#),
        (
            r#"{"items":{"type":"INTEGER","minimum":1.50},"propertyOrdering":["a"]}"#,
            r#"{"items":{"type":"integer","minimum":1.50}}"#,
        ),
        (
            r#"{"properties":{"snake_case":{"default":{"type":"OBJECT"}}}}"#,
            r#"{"properties":{"snake_case":{"default":{"type":"OBJECT"}}}}"#,
        ),
        (
            r#"{"type":7,"properties":[],"anyOf":"x","items":null}"#,
            r#"{"type":7,"properties":[],"anyOf":"x","items":null}"#,
        ),
        ("true", "true"),
    ];
    for (schema, expected) in cases {
        assert_eq!(json_schema(&Raw::parse(schema).unwrap()).as_str(), expected, "{schema}");
    }
}

#[test]
fn schemas_may_lie_in_each_other_as_deep_as_they_like() {
    let schema = format!("{}{{\"type\":\"STRING\"}}{}", "{\"items\":".repeat(10_000), "}".repeat(10_000));
    let made = json_schema(&Raw::parse(&schema).unwrap());
    assert_eq!(made.as_str(), schema, "what lies too deep stays as it is");
}
