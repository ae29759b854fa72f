use super::super::schema::{Shape, parameters};
use super::read;
use base::{Code, Result};
use serde_json::{Value, json};

fn shape(property: &Value) -> Shape {
    parameters(&json!({"properties": {"p": property}})).remove(0).shape
}

fn value(property: &Value, texts: &[&str]) -> Result<Value> {
    let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    read("p", &shape(property), &texts)
}

#[test]
fn texts_become_values_of_the_right_type() {
    let union = || json!({"type": ["string", "integer", "null"]});
    let texts = || json!({"type": "array", "items": {"type": "string"}});
    let cases: Vec<(Value, &[&str], Value)> = vec![
        (json!({"type": "string"}), &["5"], json!("5")),
        (json!({"type": "string"}), &[""], json!("")),
        (json!({"type": "string"}), &["null"], json!("null")),
        (json!({"type": ["string", "null"]}), &["null"], json!("null")),
        (json!({"type": "integer"}), &["-5"], json!(-5)),
        (json!({"type": "integer"}), &["+5"], json!(5)),
        (json!({"type": "integer"}), &["18446744073709551615"], json!(u64::MAX)),
        (json!({"type": ["integer", "null"]}), &["null"], json!(null)),
        (json!({"type": "number"}), &["5"], json!(5)),
        (json!({"type": "number"}), &["-1.5e3"], json!(-1500.0)),
        (json!({"type": "boolean"}), &["true"], json!(true)),
        (json!({"type": "boolean"}), &["false"], json!(false)),
        (json!({"type": "object"}), &["{\"a\": [1]}"], json!({"a": [1]})),
        (json!({}), &["5"], json!(5)),
        (json!({}), &["{\"a\": 1}"], json!({"a": 1})),
        (json!({}), &["bare words"], json!("bare words")),
        (union(), &["5"], json!(5)),
        (union(), &["five"], json!("five")),
        (union(), &["null"], json!(null)),
        (texts(), &["a"], json!(["a"])),
        (texts(), &["a,b", " c"], json!(["a", "b", "c"])),
        (texts(), &["[\"a,b\"]", "c"], json!(["a,b", "c"])),
        (texts(), &[""], json!([])),
        (json!({"type": "array", "items": {"type": "integer"}}), &["1,2", "3"], json!([1, 2, 3])),
        (json!({"type": "array", "items": {"type": "object"}}), &["{\"a\":1}", "{}"], json!([{"a": 1}, {}])),
        (json!({"type": "array"}), &["1", "x,y"], json!([1, "x,y"])),
        (json!({"enum": ["a", "b"]}), &["b"], json!("b")),
        (json!({"enum": [1, 2.5]}), &["2.5"], json!(2.5)),
        (json!({"anyOf": [{"type": "string"}, {"type": "array"}]}), &["a,b"], json!("a,b")),
        (json!({"anyOf": [{"type": "string"}, {"type": "array"}]}), &["[1]"], json!([1])),
    ];
    for (property, texts, expected) in cases {
        assert_eq!(value(&property, texts).unwrap(), expected, "{property} {texts:?}");
    }
}

#[test]
fn what_does_not_fit_is_refused_with_what_would() {
    let cases: Vec<(Value, &[&str], &str, &str)> = vec![
        (json!({"type": "integer"}), &["five"], "a whole number", "--flag VALUE"),
        (json!({"type": "integer"}), &["1.5"], "a whole number", ""),
        (json!({"type": "integer"}), &[""], "a whole number", ""),
        (json!({"type": "integer"}), &["99999999999999999999"], "a whole number", ""),
        (json!({"type": "number"}), &["nan"], "a number", ""),
        (json!({"type": "number"}), &["inf"], "a number", ""),
        (json!({"type": "boolean"}), &["yes"], "true or false", ""),
        (json!({"type": "object"}), &["{a: 1}"], "takes JSON", "single quotes"),
        (json!({"type": "object"}), &["[1]"], "a JSON object", ""),
        (json!({"type": "string"}), &["a", "b"], "2 times", "once"),
        (json!({"type": "array", "items": {"type": "integer"}}), &["1,x"], "a whole number", ""),
        (json!({"enum": ["celsius", "kelvin"]}), &["celcius"], "cannot be `celcius`", "did you mean `celsius`?"),
        (json!({"enum": ["celsius", "kelvin"]}), &["zzz"], "cannot be `zzz`", "it takes: celsius, kelvin"),
        (json!({"type": "array", "items": {"enum": ["a"]}}), &["a,b"], "cannot be `b`", "a"),
        (json!({"type": "integer", "minimum": 1}), &["0"], "at least 1", ""),
        (json!({"type": "number", "maximum": 2.5}), &["2.6"], "at most 2.5", ""),
        (json!({"type": ["integer", "boolean"]}), &["x"], "INTEGER", ""),
        (json!({"type": "null"}), &["x"], "takes", ""),
    ];
    for (property, texts, message, next) in cases {
        let error = value(&property, texts).unwrap_err();
        assert_eq!(error.code(), Code::Usage);
        assert!(error.message().contains(message), "{property} {texts:?}: {error}");
        assert!(error.next().contains(next), "{property} {texts:?}: {error}");
    }
}

#[test]
fn a_value_is_shown_without_what_a_terminal_obeys() {
    let error = value(&json!({"type": "integer"}), &["\u{1b}[31m\u{202e}x"]).unwrap_err();
    assert!(error.message().contains("`x`"), "{error}");
}
