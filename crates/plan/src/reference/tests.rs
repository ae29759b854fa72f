use super::{Part, Root, begins, read_all};
use proptest::prelude::*;
use serde_json::json;

fn found(reference: &str, value: &serde_json::Value) -> Result<String, String> {
    read_all(reference)?.find(&value.to_string()).map(std::borrow::Cow::into_owned)
}

#[test]
fn a_reference_leads_into_a_value() {
    let value = json!({"items": [{"id": 1, "a b": "x"}, {"id": 2}], "n": {"null": null}});
    let of = |reference| found(reference, &value).unwrap();
    assert_eq!(of("$.s"), value.to_string());
    assert_eq!(of("$.s.items[0].id"), "1");
    assert_eq!(of("$.s.items[-1].id"), "2");
    assert_eq!(of("$.s.items[*].id"), "[1,2]");
    assert_eq!(of(r#"$.s["items"][0]["a b"]"#), r#""x""#);
    assert_eq!(of("$.s.n.null"), "null");
}

#[test]
fn what_is_missing_is_told_with_what_is_there() {
    let value = json!({"items": [{"id": 1}], "name": "x"});
    let of = |reference| found(reference, &value).unwrap_err();
    assert_eq!(of("$.s.item"), "`$.s` has no `item`; it has `items`, `name`");
    assert_eq!(of("$.s.items[1]"), "`$.s.items` has 1 elements, so there is no [1]");
    assert_eq!(of("$.s.items[-2]"), "`$.s.items` has 1 elements, so there is no [-2]");
    assert_eq!(of("$.s.items[*].no"), "`$.s.items[0]` has no `no`; it has `id`");
    assert_eq!(of("$.s.name.first"), "`$.s.name` is a text, so it has no `first`");
    assert_eq!(of("$.s.name[0]"), "`$.s.name` is a text, not a list");
}

#[test]
fn what_is_no_reference_is_told() {
    let of = |text| read_all(text).unwrap_err();
    assert_eq!(of("$"), "the name of a step is missing behind `$.`");
    assert_eq!(of("$[0]"), "behind `$` stands the name of a step, as in `$.search`");
    assert_eq!(of("$.a.."), "a name is missing behind a `.`");
    assert_eq!(of("$.a[x]"), "`[x]` is none of `[0]`, `[-1]`, `[*]` and `[\"name\"]`");
    assert_eq!(of("$.a and more"), "` and more` stands behind its end");
    assert!(of(&format!("$.a{}", "[0]".repeat(100))).contains("at most"));
}

#[test]
fn the_item_of_a_loop_is_a_reference_only_within_one() {
    assert!(begins("$item.id", true) && begins("$index", true) && begins("$.a", false));
    assert!(!begins("$item.id", false) && !begins("$items", true) && !begins("$5", true) && !begins("$", true));
    let item = read_all("$item.id").unwrap();
    assert_eq!((item.root, item.path), (Root::Item, vec![Part::Member("id".to_owned())]));
}

proptest! {
    #[test]
    fn no_text_and_no_value_makes_it_panic(text in r#"\$?[.\[\]{}"$*a-c0-9 é\\-]{0,24}"#, value in r#"[{}\[\]",:a-c0-9 é]{0,40}"#) {
        if let Ok(reference) = read_all(&text) {
            let _ = reference.find(&value);
        }
        let _ = super::within(&text, true);
    }
}
