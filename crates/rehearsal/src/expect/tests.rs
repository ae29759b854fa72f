use super::{contains, is_of, same};
use serde_json::json;

#[test]
fn a_part_is_found_in_a_whole() {
    for (whole, part, found) in [
        (json!("a text"), json!("tex"), true),
        (json!("a text"), json!("Text"), false),
        (json!({"a": {"b": "long"}, "c": 1}), json!({"a": {"b": "lo"}}), true),
        (json!({"a": 1}), json!({"b": 1}), false),
        (json!([{"a": 1}, {"b": 2}]), json!([{"b": 2}]), true),
        (json!([1, 2]), json!([3]), false),
        (json!(1), json!(1.0), true),
        (json!(null), json!(null), true),
        (json!(null), json!({}), false),
    ] {
        assert_eq!(contains(&whole, &part), found, "{whole} {part}");
    }
    assert!(same(&json!({"a": [1, 2.0]}), &json!({"a": [1.0, 2]})));
    assert!(!same(&json!({"a": 1}), &json!({"a": 1, "b": 2})) && !same(&json!([1]), &json!([1, 1])));
}

#[test]
fn a_name_stands_for_all_items_and_rounds_of_its_step() {
    for (path, named, is) in [
        ("a", "a", true),
        ("a[1]", "a", true),
        ("a@0[1]#2", "a", true),
        ("a[1]", "a[1]", true),
        ("a[1]", "a[2]", false),
        ("a~undo", "a", false),
        ("a~undo[1]", "a~undo", true),
        ("ab", "a", false),
    ] {
        assert_eq!(is_of(path, named), is, "{path} {named}");
    }
}
