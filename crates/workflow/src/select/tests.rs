use super::Select;
use serde_json::{Value, json};

fn of(way: &str, value: &Value) -> Option<Value> {
    Select::parse(way).unwrap().of(value)
}

#[test]
fn a_way_leads_to_what_stands_there() {
    let value = json!({"results": [{"summary": "a", "x": 1}, {"summary": "b"}], "a b": {"c": [1, 2]}});
    assert_eq!(of("$", &value), Some(value.clone()));
    assert_eq!(of("$.results[*].summary", &value), Some(json!(["a", "b"])));
    assert_eq!(of("$.results[1].summary", &value), Some(json!("b")));
    assert_eq!(of("$['a b'].c[*]", &value), Some(json!([1, 2])));
    assert_eq!(of("$.results[*].x", &value), Some(json!([1])));
    assert_eq!(of("$.results[7]", &value), None);
    assert_eq!(of("$.none[*]", &value), Some(json!([])));
    assert_eq!(of("$.*.c", &value), Some(json!([[1, 2]])));
}

#[test]
fn what_is_no_way_is_told() {
    for (text, why) in [
        ("results", "begin with `$`"),
        ("$results", "begins with `.` or `[`"),
        ("$.", "name is missing"),
        ("$[", "has no `]`"),
        ("$[x]", "stands a number"),
        ("$..a", "name is missing"),
    ] {
        assert!(Select::parse(text).unwrap_err().contains(why), "{text}");
    }
    assert!(Select::parse(&format!("${}", ".a".repeat(33))).is_err());
}

#[test]
fn a_way_is_held_against_a_schema() {
    let schema = json!({
        "type": "object",
        "properties": {
            "list": {"type": "array", "items": {"$ref": "#/$defs/item"}},
            "open": {"type": "object", "additionalProperties": true, "properties": {"a": {}}},
            "text": {"type": "string"},
            "either": {"type": "object", "properties": {"a": {}}, "anyOf": [{"required": ["a"]}]},
        },
        "$defs": {"item": {"type": "object", "properties": {"name": {"type": "string"}}}},
    });
    let along = |way: &str| Select::parse(way).unwrap().along(&schema).map(|found| found.cloned());
    assert_eq!(along("$.list[*].name"), Ok(Some(json!({"type": "string"}))));
    assert_eq!(along("$.open.b"), Ok(None));
    assert_eq!(along("$.list[*].nam").unwrap_err().known, ["name"]);
    assert!(along("$.text.x").unwrap_err().why.contains("it is a text"));
    assert!(along("$.text[0]").unwrap_err().why.contains("no items"));
    assert!(along("$.either.b").is_err());
}
