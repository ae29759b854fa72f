use super::{scalar, text_scalar};
use base::config::{Node, Place, Value, yaml};
use proptest::prelude::*;

#[test]
fn only_plain_words_stand_bare() {
    for text in ["npx", "-y", "@scope/name", "./a", ".env", "https://x.example:80/mcp", "a=b", "a_b-c", "/usr/bin/x"] {
        let bare = text_scalar(text) == text;
        assert_eq!(bare, !text.starts_with(['-', '@']), "{text}");
    }
    for text in [
        "", "1", "1.10", "true", "No", "~", "null", ".5", ".inf", "a b", "a: b", "a:", "#x", "x,y", "{", "é", "${A}",
        "12:30", "...", "'",
    ] {
        assert!(text_scalar(text).starts_with('"'), "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(text in "(\\PC|[\\x00-\\x7f]|\u{85}|\u{2028}|\u{feff}){0,20}") {
        for written in [text_scalar(&text), format!("[{}]", text_scalar(&text)), format!("{{a: {}}}", text_scalar(&text))] {
            let root = yaml("t", &written).map_err(|error| TestCaseError::fail(format!("{error}: {written}")))?.root;
            let node = match &root.value {
                Value::List(items) => items[0].clone(),
                Value::Map(entries) => entries[0].node.clone(),
                _ => root.clone(),
            };
            prop_assert!(node.same_as(&Node::text(Place::START, text.clone())), "{}", written);
        }
    }

    #[test]
    fn numbers_are_read_again(integer: i64, float in prop::num::f64::NORMAL) {
        for value in [Value::Integer(integer), Value::Float(float)] {
            let node = Node { place: Place::START, value };
            let root = yaml("t", &scalar(&node.value)).unwrap().root;
            prop_assert!(root.same_as(&node), "{}", scalar(&node.value));
        }
    }
}
