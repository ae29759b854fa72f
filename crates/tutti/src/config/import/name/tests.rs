use super::{fault, sanitised};
use proptest::prelude::*;
use std::collections::HashSet;

#[test]
fn names_are_brought_near() {
    let table = [
        ("files", "files"),
        ("my server (v2)", "my-server-v2"),
        ("io.github/me", "io-github-me"),
        ("a__b", "a_b"),
        ("a--b", "a--b"),
        ("_a_", "a"),
        ("größe", "gr-e"),
        ("日本", "server"),
        ("", "server"),
    ];
    for (name, expected) in table {
        assert_eq!(sanitised(name, &HashSet::new()), expected, "{name}");
    }
    assert_eq!(sanitised(&"x".repeat(50), &HashSet::new()).len(), 32);
    let taken = HashSet::from(["files".to_owned(), "files-2".to_owned()]);
    assert_eq!(sanitised("files", &taken), "files-3");
}

#[test]
fn faults_are_named() {
    for (name, fine) in
        [("a", true), ("A-1_b", true), ("", false), ("a b", false), ("a__b", false), ("a_", false), ("ä", false)]
    {
        assert_eq!(fault(name).is_none(), fine, "{name}");
    }
    assert!(fault(&"x".repeat(33)).is_some());
}

proptest! {
    #[test]
    fn every_name_becomes_a_fine_one(name in "\\PC{0,60}", other in "[a-z_-]{0,40}") {
        let first = sanitised(&name, &HashSet::new());
        prop_assert_eq!(fault(&first), None);
        let second = sanitised(&other, &HashSet::from([first.clone(), sanitised(&other, &HashSet::new())]));
        prop_assert_eq!(fault(&second), None);
        prop_assert_ne!(first, second);
    }
}
