use super::{numbers, tests};
use crate::repository::Repository;

#[test]
fn numbers_stand_first() {
    assert_eq!(numbers("h07_cancel_finds_its_call"), ["h07"]);
    assert_eq!(numbers("a26_h27_bound"), ["a26", "h27"]);
    assert_eq!(numbers("a11_to_a15_messages"), ["a11", "a12", "a13", "a14", "a15"]);
    assert_eq!(numbers("a117_series"), ["a117"]);
    assert!(numbers("a_name_of_2_a03").is_empty());
    assert!(numbers("home_is_where").is_empty());
    // No table has this one.
    assert_eq!(numbers("a7_weak"), ["a7"]);
}

#[test]
fn only_what_runs_is_a_test() {
    let unit = "#[test]\nfn a01_one() {}\nfn a02_helper() {}\n#[tokio::test]\nasync fn a03_two() {}\n// #[test]\nfn a04_no() {}";
    let end_to_end =
        "fn tests() { trials!(\"x\": a05_three, other) }\nasync fn a05_three() {}\nasync fn a06_forgotten() {}";
    let property = "proptest! {\n    #[test]\n    fn h13_four(x in 0..1) {}\n}\n";
    let files = [("crates/a/src/b/tests.rs", unit), ("e2e/c.rs", end_to_end), ("crates/d/src/tests.rs", property)];
    let repository = Repository::of(&files);
    let found: Vec<_> = tests(&repository).into_iter().map(|test| (test.file, test.line, test.name)).collect();
    let expected = [
        ("crates/a/src/b/tests.rs", 2, "a01_one"),
        ("crates/a/src/b/tests.rs", 5, "a03_two"),
        ("e2e/c.rs", 2, "a05_three"),
        ("crates/d/src/tests.rs", 3, "h13_four"),
    ];
    assert_eq!(found, expected.map(|(file, line, name)| (file.to_owned(), line, name.to_owned())));
}
