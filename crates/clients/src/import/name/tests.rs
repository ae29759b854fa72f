use super::sanitised;
use proptest::prelude::*;
use tools::naming::fault;

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
        assert_eq!(sanitised(name, |_| false), expected, "{name}");
    }
    assert_eq!(sanitised(&"x".repeat(50), |_| false).len(), 32);
    let taken = |name: &str| ["files", "files-2"].contains(&name);
    assert_eq!(sanitised("files", taken), "files-3");
}

proptest! {
    #[test]
    fn every_name_becomes_a_fine_one(name in "\\PC{0,60}", other in "[a-z_-]{0,40}") {
        let first = sanitised(&name, |_| false);
        prop_assert_eq!(fault(&first), None);
        let plain = sanitised(&other, |_| false);
        let second = sanitised(&other, |name| name == first || name == plain);
        prop_assert_eq!(fault(&second), None);
        prop_assert_ne!(first, second);
    }
}
