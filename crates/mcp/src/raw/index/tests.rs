use super::super::tests::any_json;
use super::super::{duplicate, get, members};
use super::{FEW, Index, Object};
use proptest::prelude::*;
use serde_json::Value;

#[test]
fn what_is_no_object_or_no_json_is_refused() {
    for text in
        ["", "[]", "1", "null", "{", "{\"a\":}", "{\"a\":1,}", "{\"a\":1} x", "{a:1}", "{\"a\":\"\n\"}", "{1:2}"]
    {
        assert!(Index::read(text).is_err(), "{text}");
    }
    for text in ["{}", " {\"a\": 1} ", "{\"\\u0061\":[{}]}", "{\"\\ud800\":1}"] {
        assert!(Index::read(text).is_ok(), "{text}");
    }
}

#[test]
fn names_that_stand_twice_are_found_among_few_and_many() {
    for count in [1, FEW - 1, FEW, FEW + 1, 3 * FEW] {
        for twice in 0..count {
            let mut names: Vec<String> = (0..count).map(|name| format!("\"n{name}\":0")).collect();
            let text = format!("{{{}}}", names.join(","));
            assert_eq!(Index::read(&text).unwrap().duplicate(&text), None);
            names.push(format!("\"\\u006e{twice}\":1"));
            let text = format!("{{{}}}", names.join(","));
            let expected = format!("\"\\u006e{twice}\"");
            assert_eq!(Index::read(&text).unwrap().duplicate(&text), Some(expected.as_str()));
        }
    }
    let unreadable = r#"{"\ud800":1}"#;
    assert_eq!(Index::read(unreadable).unwrap().duplicate(unreadable), Some("\"\\ud800\""));
}

#[test]
fn what_is_json_and_no_object_has_no_members() {
    for text in ["[{\"a\":1}]", "1", "\"a\"", "null"] {
        assert_eq!(Object::read(text).unwrap().get("a"), None);
    }
    for text in ["", "{", "[", "[{}", "{\"a\":1"] {
        assert!(Object::read(text).is_none(), "{text}");
    }
    let deep = format!("{{\"a\":{{\"b\":2}},\"c\":{}{}}}", "[".repeat(1000), "]".repeat(1000));
    let object = Object::read(&deep).unwrap();
    assert_eq!((object.text(), object.at(&["a", "b"]), object.at(&["b"])), (&*deep, Some("2"), None));
}

proptest! {
    #[test]
    fn it_says_what_a_walk_says(members_of in prop::collection::vec((".{0,3}", any_json()), 0..24), pretty: bool) {
        let inside: Vec<String> = members_of
            .iter()
            .map(|(name, value)| {
                let value = if pretty { format!("{value:#}") } else { value.to_string() };
                format!("{}{}:{value}", Value::from(name.as_str()), if pretty { " " } else { "" })
            })
            .collect();
        let text = format!(" {{{}}}", inside.join(if pretty { " ,\n" } else { "," }));
        let index = Index::read(&text).unwrap();
        prop_assert!(index.members(&text).eq(members(text.trim())));
        prop_assert_eq!(index.duplicate(&text), duplicate(text.trim()));
        for (name, _) in &members_of {
            prop_assert_eq!(index.get(&text, name), get(text.trim(), name));
        }
    }
}
