use super::{Headers, Mirror, check, check_early, headers, mirrors};
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use serde_json::{Value, json};

fn tool(properties: &Value) -> String {
    json!({"name": "t", "inputSchema": {"type": "object", "properties": properties}}).to_string()
}

fn of(properties: &Value) -> Vec<Mirror> {
    mirrors(&tool(properties)).unwrap()
}

fn region() -> Vec<Mirror> {
    of(&json!({
        "region": {"type": "string", "x-mcp-header": "Region"},
        "count": {"type": "integer", "x-mcp-header": "Count"},
        "deep": {"type": "object", "properties": {"on": {"type": "boolean", "x-mcp-header": "On"}}},
    }))
}

fn map(given: &[(&str, &str)]) -> HeaderMap {
    let name = |name: &str| HeaderName::from_bytes(name.as_bytes()).unwrap();
    given.iter().map(|(key, value)| (name(key), HeaderValue::from_bytes(value.as_bytes()).unwrap())).collect()
}

fn sent(arguments: &Value) -> HeaderMap {
    let mut all = HeaderMap::new();
    headers(&region(), &arguments.to_string(), &Headers::default()).unwrap().add_to(&mut all);
    all
}

#[test]
fn a24_definitions_against_the_specification() {
    let faulty = [
        json!({"a": {"type": "string", "x-mcp-header": ""}}),
        json!({"a": {"type": "string", "x-mcp-header": 7}}),
        json!({"a": {"type": "string", "x-mcp-header": "My Region"}}),
        json!({"a": {"type": "string", "x-mcp-header": "Region:Primary"}}),
        json!({"a": {"type": "string", "x-mcp-header": "Région"}}),
        json!({"a": {"type": "string", "x-mcp-header": "Region\t1"}}),
        json!({"a": {"type": "string", "x-mcp-header": "Region\r\nX: y"}}),
        json!({"a": {"type": "string", "x-mcp-header": "Authorization"}}),
        json!({"a": {"type": "string", "x-mcp-header": "hOST"}}),
        json!({"a": {"type": "string", "x-mcp-header": "r".repeat(101)}}),
        json!({"a": {"type": "object", "x-mcp-header": "A"}}),
        json!({"a": {"type": "array", "items": {"type": "string"}, "x-mcp-header": "A"}}),
        json!({"a": {"type": "null", "x-mcp-header": "A"}}),
        json!({"a": {"type": "number", "x-mcp-header": "A"}}),
        json!({"a": {"type": ["string", "null"], "x-mcp-header": "A"}}),
        json!({"a": {"x-mcp-header": "A"}}),
        json!({"a": {"type": "string", "x-mcp-header": "R"}, "b": {"type": "string", "x-mcp-header": "R"}}),
        json!({"a": {"type": "string", "x-mcp-header": "Field"}, "b": {"type": "string", "x-mcp-header": "fIELD"}}),
        json!({"a": {"type": "array", "items": {"type": "string", "x-mcp-header": "A"}}}),
        json!({"a": {"anyOf": [{"type": "string", "x-mcp-header": "A"}]}}),
        json!({"a": {"type": "object", "additionalProperties": {"type": "string", "x-mcp-header": "A"}}}),
        json!({"a": {"items": {"type": "object", "properties": {"b": {"type": "string", "x-mcp-header": "A"}}}}}),
    ];
    for properties in faulty {
        assert!(mirrors(&tool(&properties)).is_err(), "{properties}");
    }
    let many: Value =
        (0..33).map(|n| (format!("a{n}"), json!({"type": "string", "x-mcp-header": format!("A{n}")}))).collect();
    assert!(mirrors(&tool(&many)).is_err(), "too many");
    let outside = [
        json!({"x-mcp-header": "A", "type": "object"}),
        json!({"$defs": {"r": {"type": "string", "x-mcp-header": "A"}}}),
        json!({"if": {"properties": {"a": {"type": "string", "x-mcp-header": "A"}}}}),
    ];
    for schema in outside {
        let tool = json!({"name": "t", "inputSchema": schema}).to_string();
        assert!(mirrors(&tool).is_err(), "{tool}");
    }
    let escaped = r#"{"name":"t","inputSchema":{"properties":{"a":{"type":"object","x-mcp-he\u0061der":"A"}}}}"#;
    assert!(mirrors(escaped).is_err(), "escapes hide nothing");
}

#[test]
fn what_is_no_annotation_is_left_alone() {
    for properties in [
        json!({"x-mcp-header": {"type": "object"}}),
        json!({"a": {"type": "object", "default": {"x-mcp-header": ""}, "examples": [{"x-mcp-header": ""}]}}),
        json!({"a": {"description": "x-mcp-header"}}),
    ] {
        assert_eq!(of(&properties), Vec::new());
    }
}

#[test]
fn arguments_become_headers() {
    let table = [
        (json!({"region": "us-west1"}), "mcp-param-region", Some("us-west1")),
        (json!({"region": "Hello, 世界"}), "mcp-param-region", Some("=?base64?SGVsbG8sIOS4lueVjA==?=")),
        (json!({"region": " padded "}), "mcp-param-region", Some("=?base64?IHBhZGRlZCA=?=")),
        (json!({"region": "line1\nline2"}), "mcp-param-region", Some("=?base64?bGluZTEKbGluZTI=?=")),
        (json!({"region": "=?base64?literal?="}), "mcp-param-region", Some("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=")),
        (json!({"region": ""}), "mcp-param-region", Some("")),
        (json!({"region": null}), "mcp-param-region", None),
        (json!({}), "mcp-param-region", None),
        (json!({"region": ["a"]}), "mcp-param-region", None),
        (json!({"count": 42}), "mcp-param-count", Some("42")),
        (json!({"count": -7.0}), "mcp-param-count", Some("-7")),
        (json!({"count": 1.5}), "mcp-param-count", Some("1.5")),
        (json!({"deep": {"on": false}}), "mcp-param-on", Some("false")),
        (json!({"deep": 3}), "mcp-param-on", None),
    ];
    for (arguments, name, value) in table {
        assert_eq!(sent(&arguments).get(name).map(|value| value.to_str().unwrap()), value, "{arguments}");
    }
    let long = json!({"region": "r".repeat(9000)}).to_string();
    assert!(headers(&region(), &long, &Headers::default()).is_err());
}

#[test]
fn a23_headers_against_arguments() {
    let good: [(Value, &[(&str, &str)]); 6] = [
        (json!({"region": "Hello"}), &[("Mcp-Param-Region", "=?base64?SGVsbG8=?=")]),
        (json!({"region": "SGVsbG8="}), &[("Mcp-Param-Region", "SGVsbG8=")]),
        (json!({"region": "=?base64?SGVsbG8="}), &[("Mcp-Param-Region", "=?base64?SGVsbG8=")]),
        (json!({"count": 42}), &[("Mcp-Param-Count", "42.0")]),
        (json!({"deep": {"on": true}, "region": null}), &[("Mcp-Param-On", "true"), ("Mcp-Param-Other", "é")]),
        (json!({}), &[]),
    ];
    for (arguments, given) in good {
        assert!(check(&region(), &arguments.to_string(), &map(given)).is_ok(), "{arguments} {given:?}");
    }
    let bad: [(&str, &[(&str, &str)]); 14] = [
        (r#"{"region":"eu"}"#, &[("Mcp-Param-Region", "us")]),
        (r#"{"region":"eu"}"#, &[("Mcp-Param-Region", "EU")]),
        (r#"{"region":"eu"}"#, &[]),
        (r#"{"region":"Hello"}"#, &[("Mcp-Param-Region", "=?base64?SGVsbG8?=")]),
        (r#"{"region":"Hello"}"#, &[("Mcp-Param-Region", "=?base64?SGVs!!!bG8=?=")]),
        (r#"{"region":"Hello"}"#, &[("Mcp-Param-Region", "=?base64?SGVsbG9=?=")]),
        (r#"{"region":"Hello"}"#, &[("Mcp-Param-Region", "=?BASE64?SGVsbG8=?=")]),
        (r#"{"region":"é"}"#, &[("Mcp-Param-Region", "é")]),
        (r#"{"region":"eu"}"#, &[("Mcp-Param-Region", "eu"), ("mcp-param-region", "eu")]),
        (r#"{}"#, &[("Mcp-Param-Region", "eu")]),
        (r#"{"region":null}"#, &[("Mcp-Param-Region", "null")]),
        (r#"{"region":"a","region":"b"}"#, &[("Mcp-Param-Region", "a")]),
        (r#"{"count":42}"#, &[("Mcp-Param-Count", "42x")]),
        (r#"{"deep":{"on":true}}"#, &[("Mcp-Param-On", "True")]),
    ];
    for (arguments, given) in bad {
        assert!(check(&region(), arguments, &map(given)).is_err(), "{arguments} {given:?}");
    }
}

#[test]
fn unknown_headers_go_on_and_known_ones_are_the_hubs() {
    let given = map(&[("Mcp-Param-Region", "eu"), ("Mcp-Param-Other", "x"), ("Authorization", "secret")]);
    let others = check(&region(), r#"{"region":"eu"}"#, &given).unwrap();
    let mut all = HeaderMap::new();
    headers(&region(), r#"{"region":"eu"}"#, &others).unwrap().add_to(&mut all);
    assert_eq!(all, map(&[("Mcp-Param-Other", "x"), ("Mcp-Param-Region", "eu")]));
    let unchecked = check(&[], "{}", &given).unwrap();
    for (arguments, expected) in [(r#"{"region":"us"}"#, false), ("{}", false), (r#"{"region":"eu"}"#, true)] {
        let agreed = check_early(&region(), arguments, &unchecked);
        assert_eq!(agreed.is_ok(), expected, "a tool that became known later is checked: {arguments}");
    }
}

proptest! {
    #[test]
    fn what_is_sent_is_what_is_checked(region in ".*", count in -9_007_199_254_740_991_i64..9_007_199_254_740_992, on: bool) {
        let arguments = json!({"region": region, "count": count, "deep": {"on": on}});
        let mut all = HeaderMap::new();
        headers(&super::tests::region(), &arguments.to_string(), &Headers::default()).unwrap().add_to(&mut all);
        prop_assert_eq!(all.len(), 3);
        prop_assert_eq!(check(&super::tests::region(), &arguments.to_string(), &all), Ok(Headers::default()));
    }

    #[test]
    fn no_definition_panics(name in ".*", kind in "string|integer|boolean|object|x") {
        let _ = mirrors(&tool(&json!({"a": {"type": kind, "x-mcp-header": name}})));
    }
}
