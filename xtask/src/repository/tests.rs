use super::Repository;

#[test]
fn tests_are_known_by_their_place() {
    let repository = Repository::of(&[
        ("crates/base/src/code/tests.rs", ""),
        ("crates/tutti/tests/golden.rs", ""),
        ("crates/mcp/src/client/tests/stdio.rs", ""),
        ("e2e/main.rs", ""),
        ("bench/src/load.rs", ""),
        ("crates/base/src/code.rs", ""),
        ("xtask/src/test.rs", ""),
    ]);
    let for_tests: Vec<_> = repository.files.iter().map(super::File::is_for_tests).collect();
    assert_eq!(for_tests, [true, true, true, true, true, false, false]);
}

#[test]
fn package_folders_are_those_with_a_package_in_their_manifest() {
    let repository = Repository::of(&[
        ("Cargo.toml", "[workspace]"),
        ("bench/Cargo.toml", "[workspace]\n[package]\n"),
        ("crates/base/Cargo.toml", "[package]\n"),
        ("examples/x/Cargo.toml", "nothing"),
    ]);
    assert_eq!(repository.package_folders(), ["bench", "crates/base"]);
}
