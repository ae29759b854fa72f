use super::of;
use serde_json::{Value, json};

fn seen(result: &Value) -> Value {
    serde_json::from_str(&of(&result.to_string()).unwrap()).unwrap()
}

#[test]
fn structured_content_comes_first() {
    let result = json!({"content": [{"type": "text", "text": "[1]"}], "structuredContent": {"a": 1}});
    assert_eq!(seen(&result), json!({"a": 1}));
}

#[test]
fn a_single_text_that_is_an_object_or_a_list_is_one() {
    let text = |text: &str| seen(&json!({"content": [{"type": "text", "text": text}]}));
    assert_eq!(text(" {\n \"a\": [1,\r\n 2]}\n"), json!({"a": [1, 2]}));
    assert_eq!(text("[]"), json!([]));
    assert_eq!(text("0012"), json!("0012"));
    assert_eq!(text("{no"), json!("{no"));
    assert_eq!(text(&"[".repeat(1000)), json!("[".repeat(1000)));
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    assert_eq!(text(&deep), json!(deep));
}

#[test]
fn no_line_end_of_a_server_comes_between_tokens() {
    let result = json!({"content": [{"type": "text", "text": "{\n\"a\":\r\n\"x\\ny\"}"}]}).to_string();
    assert!(!of(&result).unwrap().contains(['\n', '\r']));
}

#[test]
fn texts_are_joined_and_other_content_stays() {
    let image = json!({"type": "image", "data": "AA==", "mimeType": "image/png"});
    let both = json!({"content": [{"type": "text", "text": "[1]"}, image, {"type": "text", "text": "b"}]});
    assert_eq!(seen(&both), json!("[1]\nb"));
    assert_eq!(seen(&json!({"content": [image]})), json!([image]));
    assert_eq!(seen(&json!({"content": []})), Value::Null);
    assert_eq!(seen(&json!({"structuredContent": null, "content": [{"type": "text", "text": "x"}]})), json!("x"));
}

#[test]
fn a_failure_is_its_text() {
    let result =
        json!({"isError": true, "content": [{"type": "text", "text": "no such file"}], "structuredContent": {}});
    assert_eq!(of(&result.to_string()).unwrap_err(), "no such file");
}
