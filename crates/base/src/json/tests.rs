use super::{RESERVED, from_bytes, from_text};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        // `serde_json` reads other fractions to within one unit of the last place.
        any::<i32>().prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let name = prop_oneof![9 => ".*", 1 => Just(RESERVED.to_owned())];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..6).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_what_is_read(value in value()) {
        let text = value.to_string();
        prop_assert_eq!(&from_text(&text).unwrap(), &value);
        prop_assert_eq!(&from_bytes(text.as_bytes()).unwrap(), &value);
    }
}

#[test]
fn a13_an_object_is_never_read_as_what_one_of_its_texts_says() {
    let object = |content: Value| Value::Object(Map::from_iter([(RESERVED.to_owned(), content)]));
    for (text, meant) in [
        (format!(r#"{{"{RESERVED}":"[1]"}}"#), object(json!("[1]"))),
        (format!(r#"{{"{RESERVED}":"not JSON"}}"#), object(json!("not JSON"))),
        (format!(r#"{{"{RESERVED}":7}}"#), object(json!(7))),
        (format!(r#"{{"\u0024{}":"[1]"}}"#, &RESERVED[1..]), object(json!("[1]"))),
        (format!(r#"[{{"{RESERVED}":"1"}}]"#), json!([object(json!("1"))])),
    ] {
        assert_eq!(from_text(&text).unwrap(), meant, "{text}");
        // What this module is for: the plain way reads something else, or nothing.
        assert_ne!(serde_json::from_str::<Value>(&text).ok(), Some(meant), "{text}");
    }
}

#[test]
fn of_members_with_one_name_the_last_counts() {
    assert_eq!(from_text(r#"{"a":1,"b":2,"a":3}"#).unwrap(), json!({"a": 3, "b": 2}));
}

#[test]
fn what_is_no_json_is_refused() {
    let deep = "[".repeat(129) + &"]".repeat(129);
    for text in ["", "{", "1 2", "nul", "{\"a\"}", "[1,]", "\"\n\"", "NaN", &deep] {
        assert!(from_text(text).is_err(), "{text}");
        assert!(from_bytes(text.as_bytes()).is_err(), "{text}");
    }
    assert!(from_bytes(b"\"\xff\"").is_err());
}
