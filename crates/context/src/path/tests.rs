use super::{Path, only, without};
use proptest::prelude::*;
use serde_json::Value;

fn paths(texts: &[&str]) -> Vec<Path> {
    texts.iter().map(|text| Path::read(text).unwrap()).collect()
}

const VALUE: &str = r#"{"n":1.0,"items":[{"id":1,"body":"x","user":{"url":"u"}},{"id":2,"url":"v"}],"a b":[]}"#;

#[test]
fn what_paths_lead_to_is_left_out_and_the_rest_stays_byte_for_byte() {
    for (given, expected) in [
        (&["$.items"][..], r#"{"n":1.0,"a b":[]}"#),
        (&["$.items[*].body", "$.n"], r#"{"items":[{"id":1,"user":{"url":"u"}},{"id":2,"url":"v"}],"a b":[]}"#),
        (&["$..url"], r#"{"n":1.0,"items":[{"id":1,"body":"x","user":{}},{"id":2}],"a b":[]}"#),
        (&["$[\"a b\"]"], r#"{"n":1.0,"items":[{"id":1,"body":"x","user":{"url":"u"}},{"id":2,"url":"v"}]}"#),
        (&["$.items[*]"], r#"{"n":1.0,"items":[],"a b":[]}"#),
        (&["$.*"], "{}"),
    ] {
        assert_eq!(without(VALUE, &paths(given)).as_deref(), Some(expected), "{given:?}");
    }
    for nothing in ["$.no", "$.n.x", "$[*]", "$.items.body", "$..nothing"] {
        assert_eq!(without(VALUE, &paths(&[nothing])), None, "{nothing}");
    }
}

#[test]
fn only_what_paths_lead_to_is_kept() {
    for (given, expected) in [
        (&["$.n"][..], r#"{"n":1.0}"#),
        (&["$.items[*].id"], r#"{"items":[{"id":1},{"id":2}]}"#),
        (&["$..url"], r#"{"items":[{"user":{"url":"u"}},{"url":"v"}]}"#),
    ] {
        assert_eq!(only(VALUE, &paths(given)).as_deref(), Some(expected), "{given:?}");
    }
    // What a wrong path would leave is nothing: then the result stays as it is.
    assert_eq!(only(VALUE, &paths(&["$.nothing"])), None);
    assert_eq!(only(VALUE, &paths(&["$.*"])), None, "all of it");
}

#[test]
fn what_is_no_path_is_told() {
    for bad in ["", "items", "$", "$.", "$..", "$..[*]", "$.a[0]", "$.a[", "$[\"a]", "$...a"] {
        assert!(Path::read(bad).is_err(), "{bad}");
    }
    assert!(Path::read(&format!("${}", ".a".repeat(33))).is_err());
}

fn value() -> impl Strategy<Value = Value> {
    let leaf =
        prop_oneof![Just(Value::Null), any::<i32>().prop_map(Value::from), "[a-c\"\\\\é]{0,4}".prop_map(Value::from)];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c]", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn without_a(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            members.iter().filter(|(key, _)| *key != "a").map(|(key, value)| (key.clone(), without_a(value))).collect()
        }
        Value::Array(items) => items.iter().map(without_a).collect(),
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn what_is_left_is_what_a_parser_would_leave(value in value()) {
        let text = value.to_string();
        let left: Value = match without(&text, &paths(&["$..a"])) {
            Some(left) => serde_json::from_str(&left).unwrap(),
            None => value.clone(),
        };
        prop_assert_eq!(left, without_a(&value));
    }

    #[test]
    fn paths_of_any_text_do_not_panic(text in "[$.\\[\\]\"*ab]{0,12}") {
        if let Ok(path) = Path::read(&text) {
            let _ = (without(VALUE, std::slice::from_ref(&path)), only(VALUE, &[path]));
        }
    }
}
