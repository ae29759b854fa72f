use super::*;
use proptest::prelude::*;
use serde_json::{Map, Value};

fn of(text: &str) -> Option<Digest> {
    digest(text, None, |_, _| false)
}

#[test]
fn only_what_is_said_counts() {
    let same = [
        [r#"{"a":1,"b":[2,{"c":3,"d":4}]}"#, " {\n\"b\" : [ 2 ,\t{\"d\":4, \"c\":3} ] , \"a\":1 }\r\n"],
        [r#"{"a":"é/😀"}"#, r#"{"\u0061":"\u00e9\/\ud83d\ude00"}"#],
        ["{}", " { } "],
        [r#"{"a":[],"b":{}}"#, r#"{"b": { }, "a" : [ ]}"#],
    ];
    for [one, other] in same {
        assert!(of(one).is_some(), "{one}");
        assert_eq!(of(one), of(other), "{one} {other}");
    }
}

#[test]
fn a91_texts_that_say_something_else_have_other_digests() {
    let texts = [
        "{}",
        r#"{"a":1}"#,
        r#"{"a":1.0}"#,
        r#"{"a":"1"}"#,
        r#"{"a":[1]}"#,
        r#"{"a":[[1]]}"#,
        r#"{"a":[1,1]}"#,
        r#"{"a":[[],1]}"#,
        r#"{"a":[[1],[]]}"#,
        r#"{"a":{"a":1}}"#,
        r#"{"a":null}"#,
        r#"{"A":1}"#,
        r#"{"a ":1}"#,
        r#"{"a\u0000":1}"#,
        r#"{"a":12345678901234567890123}"#,
        r#"{"a":12345678901234567890124}"#,
        // The same to the eye, and to who compares composed forms: no model reads them alike.
        r#"{"a":"é"}"#,
        "{\"a\":\"e\u{301}\"}",
        r#"{"a":"1","b":"2"}"#,
        r#"{"a":"1\",\"b\":\"2"}"#,
        r#"{"b":"1","a":"2"}"#,
    ];
    for (place, one) in texts.iter().enumerate() {
        assert!(of(one).is_some(), "{one}");
        for other in &texts[place + 1..] {
            assert_ne!(of(one), of(other), "{one} {other}");
        }
    }
}

#[test]
fn a91_what_could_be_read_in_two_ways_has_none() {
    let texts = [
        r#"{"a":1,"a":2}"#,
        r#"{"a":1,"\u0061":1}"#,
        r#"{"x":[{"a":1,"b":2,"a":1}]}"#,
        r#"{"a":"\ud800"}"#,
        r#"{"\udc00":1}"#,
    ];
    for text in texts {
        assert_eq!(of(text), None, "{text}");
    }
}

#[test]
fn what_is_left_out_does_not_count() {
    let without = |text: &str| digest(text, None, |name, value| name == "user" || (name, value) == ("stream", "true"));
    let plain = without(r#"{"a":{"user":1}}"#);
    assert_eq!(plain, without(r#"{"user":{"x":[1]},"a":{"user":1},"stream":true}"#));
    assert_eq!(plain, without(r#"{"a":{"user":1},"user":{"x":{"y":1,"y":2},"\ud800":"\udc00"}}"#), "however unclear");
    assert_eq!(without(r#"{"user":{"x":1,"x":2},"a":{"user":1,"user":1}}"#), None);
    assert_ne!(plain, without(r#"{"a":{"user":2}}"#), "only at the top");
    assert_ne!(plain, without(r#"{"a":{"user":1},"stream":"true"}"#));
}

#[test]
fn a_hole_is_any_text() {
    let at = |text: &str, words: &str| {
        let start = text.find(words).unwrap();
        digest(text, Some(&(start..start + words.len())), |_, _| false)
    };
    let one = at(r#"{"a":"one","b":"x"}"#, r#""one""#);
    assert_eq!(one, at(r#"{"b":"x", "a":"another"}"#, r#""another""#));
    assert_ne!(one, at(r#"{"a":"one","b":"y"}"#, r#""one""#));
    assert_ne!(one, of(r#"{"a":"one","b":"x"}"#));
}

#[test]
fn deep_and_long_texts_take_a_time_that_grows_with_their_length() {
    let deep = format!("{}{}{}", "{\"b\":1,\"a\":".repeat(250), "[1,2,3]", "}".repeat(250));
    assert!(of(&deep).is_some());
    let wide = format!("{{\"a\":[{}0]}}", "{\"b\":[0],\"a\":\"xxxxxxxxxxxxxxxx\"},".repeat(20_000));
    assert!(of(&wide).is_some());
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_object() -> impl Strategy<Value = Value> {
    prop::collection::hash_map(any::<String>(), any_value(), 0..5)
        .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>()))
}

/// Writes a value with its members the other way round, with white space and needless escapes.
fn otherwise(value: &Value) -> String {
    let escaped = |text: &str| {
        let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
        format!("\"{units}\"")
    };
    match value {
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .rev()
                .map(|(name, value)| format!(" {}\t:\n{}", escaped(name), otherwise(value)))
                .collect();
            format!("{{{} }}", members.join(" ,"))
        }
        Value::Array(items) => format!("[ {} ]", items.iter().map(otherwise).collect::<Vec<_>>().join("\r\n,")),
        Value::String(text) => escaped(text),
        other => other.to_string(),
    }
}

proptest! {
    #[test]
    fn the_way_of_writing_does_not_count(value in any_object()) {
        let plain = of(&value.to_string());
        prop_assert!(plain.is_some());
        prop_assert_eq!(plain, of(&otherwise(&value)));
    }

    #[test]
    fn all_else_counts(one in any_object(), other in any_object()) {
        prop_assert_eq!(one == other, of(&one.to_string()) == of(&other.to_string()));
    }

    #[test]
    fn any_text_is_read_or_not(text in "[{}\\[\\]:,\"\\\\a1 ]{0,40}") {
        let _ = of(&text);
    }
}
