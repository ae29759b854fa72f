use super::*;
use crate::object::Object;

#[test]
fn numbers_keep_their_digits_and_say_whether_they_are_whole() {
    for (text, whole) in [("12", Some(12)), ("12.0", Some(12)), ("12.5", None), ("-1", None), ("1e400", None)] {
        let number = Number::parse(text).unwrap();
        assert_eq!((number.as_str(), number.as_u64()), (text, whole));
    }
    for text in ["", "x", "\"1\"", "1 2", "-", "NaN", "true"] {
        assert_eq!(Number::parse(text), None, "{text}");
    }
}

#[test]
fn values_have_no_line_ends_and_nothing_of_serde_json_s_own_is_read() {
    assert_eq!(Raw::parse("{\"a\":\r\n1}\n").unwrap().as_str(), "{\"a\":  1}");
    let text = r#"{"$serde_json::private::RawValue":"{}"}"#;
    assert_eq!(Object::read(text).unwrap().text("$serde_json::private::RawValue").unwrap().as_deref(), Some("{}"));
}
