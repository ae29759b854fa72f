use super::*;

#[test]
fn attempts_are_read() {
    let table: [(&str, &[(&str, &str)]); 5] = [
        ("", &[]),
        ("a/b answered", &[("a/b", "answered")]),
        ("a/b T-0908, c/d given up, e/f answered", &[("a/b", "T-0908"), ("c/d", "given up"), ("e/f", "answered")]),
        ("a/b with spaces answered", &[("a/b with spaces", "answered")]),
        ("nonsense", &[]),
    ];
    for (text, expected) in table {
        let found = attempts(text);
        let found: Vec<(&str, &str)> = found.iter().map(|(name, what)| (name.as_str(), what.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn events_add_up() {
    let mut turn = Turn::default();
    let table = [
        (json!({"choices": [{"delta": {"role": "assistant", "content": ""}}]}), None),
        (json!({"choices": [{"delta": {"reasoning_content": "hm"}}]}), Some("")),
        (json!({"choices": [{"delta": {"content": "Hi"}}], "usage": null}), Some("Hi")),
        (json!({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}), None),
        (json!({"choices": [{"message": {"content": "whole"}}]}), Some("whole")),
        (json!(null), None),
        (json!([1]), None),
    ];
    for (event, expected) in table {
        assert_eq!(turn.take(&event).as_deref(), expected, "{event}");
    }
    assert_eq!((turn.input, turn.output), (Some(3), Some(4)));
    assert!(turn.error.is_none());
    turn.take(&json!({"error": {"message": "it broke (T-0909). Next: ask again", "code": "T-0909"}}));
    let error = turn.error.unwrap();
    assert_eq!((error.code().id(), error.message(), error.next()), ("T-0909", "it broke", "ask again"));
}

#[test]
fn refusals_keep_their_code() {
    let status = Some(StatusCode::NOT_FOUND);
    let own =
        refusal(status, &json!({"message": "there is no model `x` (T-0901). Next: another", "code": "T-0901"}), None);
    assert_eq!((own.code().id(), own.message()), ("T-0901", "there is no model `x`"));
    let passed =
        refusal(status, &json!({"message": "Unknown \u{1b}[31mmodel", "code": "model_not_found"}), Some("T-0905"));
    assert_eq!((passed.code().id(), passed.message()), ("T-0905", "Unknown model"));
    let other = refusal(status, &json!("nothing here"), None);
    assert_eq!((other.code(), other.message()), (Code::HubAnswer, "nothing here (HTTP status 404)"));
    assert_eq!(refusal(None, &Value::Null, Some("T-9999")).code(), Code::HubAnswer);
}

#[test]
fn speed_is_what_came_behind_the_first_token() {
    let second = Duration::from_secs(1);
    let turn = |first, lasted, output| Turn { first, lasted, output, ..Turn::default() };
    assert_eq!(turn(Some(second), second * 3, Some(40)).per_second(), Some(20.0));
    assert_eq!(turn(Some(second), second, Some(40)).per_second(), None);
    assert_eq!(turn(None, second, Some(40)).per_second(), None);
    assert_eq!(turn(Some(second), second * 2, None).per_second(), None);
}
