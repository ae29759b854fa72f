use super::{Definition, is_plain};
use proptest::prelude::*;
use serde_json::{Map, Value};

fn digest(json: &str) -> [u8; 32] {
    Definition::of(json).digest()
}

#[test]
fn the_same_definition_has_the_same_digest_however_it_is_written() {
    let one = r#"{"name":"a","description":"é/\n","inputSchema":{"type":"object","properties":{"x":{"maximum":100},"y":{}}}}"#;
    let rows = [
        (
            r#"{"inputSchema":{"properties":{"y":{},"x":{"maximum":100}},"type":"object"},"description":"é/\n","name":"a"}"#,
            "order",
        ),
        (
            "{ \"name\" : \"a\",\n\t\"description\":\"é/\\n\", \"inputSchema\":{\"type\":\"object\" ,\"properties\":{\"x\":{\"maximum\":100},\"y\":{ }}}}",
            "white space",
        ),
        (
            r#"{"name":"\u0061","description":"\u00e9\/\u000a","inputSchema":{"type":"object","properties":{"x":{"maximum":100},"y":{}}}}"#,
            "escapes",
        ),
        (
            r#"{"name":"a","description":"é/\n","inputSchema":{"type":"object","properties":{"x":{"maximum":1e2},"y":{}}}}"#,
            "numbers",
        ),
        (
            r#"{"name":"a","x-vendor":1,"_meta":{"a":1},"execution":{},"description":"é/\n","inputSchema":{"type":"object","properties":{"x":{"maximum":100},"y":{}}}}"#,
            "other members",
        ),
    ];
    for (other, what) in rows {
        assert_eq!(digest(one), digest(other), "{what}");
    }
}

#[test]
fn every_change_has_another_digest() {
    let all = [
        r#"{"name":"a"}"#,
        r#"{"name":"A"}"#,
        r#"{"name":"a","title":"a"}"#,
        r#"{"name":"a","description":"a"}"#,
        "{\"name\":\"a\",\"description\":\"a\u{200b}\"}",
        r#"{"name":"a","description":"a "}"#,
        // Composed and decomposed letters look the same and are not.
        "{\"name\":\"a\",\"description\":\"\u{e9}\"}",
        "{\"name\":\"a\",\"description\":\"e\u{301}\"}",
        r#"{"name":"a","inputSchema":{}}"#,
        r#"{"name":"a","inputSchema":{"enum":[1,2]}}"#,
        r#"{"name":"a","inputSchema":{"enum":[2,1]}}"#,
        r#"{"name":"a","inputSchema":{"enum":["1",2]}}"#,
        r#"{"name":"a","inputSchema":null}"#,
        r#"{"name":"a","outputSchema":{}}"#,
        r#"{"name":"a","annotations":{"readOnlyHint":true}}"#,
        r#"{"name":"a","annotations":{"readOnlyHint":false}}"#,
        r#"{"name":"a","icons":[]}"#,
    ];
    for (index, one) in all.iter().enumerate() {
        for other in &all[index + 1..] {
            assert_ne!(digest(one), digest(other), "{one} {other}");
        }
    }
}

#[test]
fn what_readers_could_differ_on_is_compared_as_it_is_written() {
    let rows = [
        // One reader takes the first, another the last.
        (r#"{"inputSchema":{"description":"good"}}"#, r#"{"inputSchema":{"description":"evil","description":"good"}}"#),
        (r#"{"inputSchema":{"a":1,"a":2}}"#, r#"{"inputSchema":{"a":2,"a":2}}"#),
        (r#"{"inputSchema":{"maximum":9007199254740993}}"#, r#"{"inputSchema":{"maximum":9007199254740992}}"#),
        (r#"{"inputSchema":{"maximum":1e999}}"#, r#"{"inputSchema":{"maximum":1e998}}"#),
        (r#"{"description":"\ud800"}"#, r#"{"description":"\ud801"}"#),
    ];
    for (one, other) in rows {
        assert!(!is_plain(other), "{other}");
        assert!(!is_plain(&format!("\n {other} ")), "{other}, with white space around it");
        assert_ne!(digest(one), digest(other), "{one} {other}");
        assert_eq!(digest(other), digest(other));
    }
    let deep = |inner: &str| format!("{{\"inputSchema\":{}{inner}{}}}", "[".repeat(500), "]".repeat(500));
    assert_ne!(digest(&deep("1")), digest(&deep("2")));
}

#[test]
fn the_form_is_that_of_the_standard() {
    // RFC 8785, sections 3.2.2 and 3.2.3: numbers, escapes, and keys by their UTF-16 units.
    let json = r#"{"inputSchema":{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
        "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","\ud83d\ude00":1,"\ufb33":2,"\r":3,"1":4,"\u0080":5,"\u00f6":6,"\u20ac":7}}"#;
    let expected = concat!(
        r#"{"inputSchema":{"\r":3,"1":4,"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#,
        r#""string":"€$\u000f\nA'B\"\\\\\"/","#,
        "\"\u{80}\":5,\"ö\":6,\"€\":7,\"😀\":1,\"\u{fb33}\":2}}"
    );
    assert_eq!(Definition::of(json).text(), expected);
}

/// Objects of texts, numbers and lists.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<String, Value>>())),
        ]
    })
}

fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().rev().map(|(key, value)| (key.clone(), reversed(value))).collect(),
        Value::Array(items) => items.iter().map(reversed).collect(),
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn neither_order_nor_white_space_counts(schema in values()) {
        let tool = serde_json::json!({"name": "a", "inputSchema": schema});
        let compact = Definition::of(&tool.to_string());
        prop_assert_eq!(&compact, &Definition::of(&format!("{:#}", reversed(&tool))));
        let again: Value = serde_json::from_str(compact.text()).unwrap();
        prop_assert_eq!(again, tool);
    }
}

#[test]
fn a_definition_that_is_read_again_is_the_same() {
    for number in ["4444444e14", "9007199254740993.5", "1e20", "1e21", "-1e300", "9007199254740991", "0.1", "1e400"] {
        let text = format!(r#"{{"name":"read","description":"d","inputSchema":{{"maximum":{number}}}}}"#);
        let definition = Definition::of(&text);
        assert_eq!(Definition::of(definition.text()), definition, "{number}");
    }
}
