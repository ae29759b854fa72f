use super::{Splice, at, deeper_than, duplicate, elements, get, members, pick, quote, text, without};
use proptest::prelude::*;
use serde_json::Value;

/// JSON values of every kind, a few levels deep.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((".{0,6}", inner), 0..6).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn walking_an_object_finds_what_a_parser_finds(value in any_json(), pretty in any::<bool>()) {
        let json = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let found: Vec<(String, Value)> = members(&json)
            .map(|member| (text(member.key).unwrap().into_owned(), serde_json::from_str(member.value).unwrap()))
            .collect();
        let expected: Vec<(String, Value)> =
            value.as_object().map(|object| object.clone().into_iter().collect()).unwrap_or_default();
        prop_assert_eq!(found, expected);
        let items: Vec<Value> = elements(&json).map(|item| serde_json::from_str(item).unwrap()).collect();
        prop_assert_eq!(items, value.as_array().cloned().unwrap_or_default());
    }

    #[test]
    fn any_bytes_are_walked_without_harm(noise in ".*") {
        let _ = members(&noise).count() + elements(&noise).count();
        let _ = deeper_than(&noise, 1);
        let _ = text(&noise);
    }

    #[test]
    fn replacing_a_value_changes_nothing_else(value in any_json(), other in any_json()) {
        let json = serde_json::json!({"a": 1, "x": value, "z": [2]}).to_string();
        let mut splice = Splice::new(&json);
        splice.replace(get(&json, "x").unwrap(), other.to_string());
        let expected = serde_json::json!({"a": 1, "x": other, "z": [2]}).to_string();
        prop_assert_eq!(splice.finish().into_owned(), expected);
    }

    #[test]
    fn depth_is_counted_as_a_parser_counts_it(levels in 0usize..40, limit in 1usize..40) {
        let json = format!("{}\"[[[\"{}", "[".repeat(levels), "]".repeat(levels)) + &" ".repeat(100);
        prop_assert_eq!(deeper_than(&json, limit), levels > limit);
    }
}

#[test]
fn members_can_be_inserted_and_removed() {
    let json = r#" { "a" : 1 , "b":{"c":[1,{"d":"}"}]} } "#;
    assert_eq!(at(json, &["b", "c"]), Some(r#"[1,{"d":"}"}]"#));
    let mut splice = Splice::new(json);
    splice.insert(json, "n", "true").insert(get(json, "b").unwrap(), "m", "[]");
    assert_eq!(splice.finish(), r#" {"n":true, "a" : 1 , "b":{"m":[],"c":[1,{"d":"}"}]} } "#);
    let mut empty = Splice::new("{}");
    empty.insert("{}", "n", "1");
    assert_eq!(without(json, |member| member.is("a")), r#"{"b":{"c":[1,{"d":"}"}]}}"#);
    assert_eq!(without(json, |member| member.is("none")), json);
}

#[test]
fn keys_with_escapes_are_recognised() {
    let json = r#"{"n\u0061me":"x","q\"":2}"#;
    assert_eq!(get(json, "name"), Some("\"x\""));
    assert_eq!(get(json, "q\""), Some("2"));
    assert_eq!(quote("a\"b\n"), r#""a\"b\n""#);
}

#[test]
fn several_members_can_be_inserted_into_an_empty_object() {
    let source = "{}";
    let mut splice = Splice::new(source);
    splice.insert(source, "a", "1").insert(source, "b", "2").insert(source, "c", "3");
    let inserted = splice.finish().into_owned();
    assert_eq!(serde_json::from_str::<Value>(&inserted).unwrap(), serde_json::json!({"a": 1, "b": 2, "c": 3}));
}

#[test]
fn a13_a_member_that_stands_twice_is_found_however_it_is_hidden() {
    assert_eq!(duplicate(r#"{"a":1,"b":{"a":2}}"#), None);
    assert_eq!(duplicate(r#"{"name":1,"x":2,"n\u0061me":3}"#), Some(r#""n\u0061me""#));
    assert!(duplicate(r#"{"\ud800":1,"name":1,"name":2}"#).is_some(), "a key that cannot be read could be any");
    let filler: String = (0..500).map(|number| format!("\"f{number}\":0,")).collect();
    assert!(duplicate(&format!("{{{filler}\"name\":1,\"name\":2}}")).is_some());
}

#[test]
fn several_members_are_picked_in_one_walk_each_the_first_of_its_name() {
    let object = r#"{"b":1,"n\u0061me":"x","a":[2,{"b":3}],"b":4,"a":5}"#;
    assert_eq!(pick(object, ["a", "b", "name", "c"]), [Some(r#"[2,{"b":3}]"#), Some("1"), Some(r#""x""#), None]);
    assert_eq!(pick("[1]", ["a"]), [None]);
    for length in 0..40 {
        let (key, value) = ("k".repeat(length), format!("{}\\\"}}", "v".repeat(length)));
        let object = format!(r#"{{"{key}":"{value}","z":1}}"#);
        assert_eq!(pick(&object, [&key, "z"]), [Some(&*format!("\"{value}\"")), Some("1")], "{object}");
    }
}
