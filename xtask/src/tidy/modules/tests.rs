use super::check;
use crate::repository::Repository;

fn count(path: &str, text: &str) -> usize {
    check(&Repository::of(&[(path, text)])).len()
}

#[test]
fn a_module_says_what_it_is_for() {
    assert_eq!(count("crates/a/src/b.rs", "//! What b is for.\n"), 0);
    assert_eq!(count("crates/a/src/b.rs", "use x;\n"), 1);
    assert_eq!(count("crates/a/src/b.rs", "//! .\n"), 1);
    assert_eq!(count("crates/a/src/b/tests.rs", "use super::*;\n"), 0);
}

#[test]
fn no_file_is_called_mod() {
    assert_eq!(count("crates/a/src/b/mod.rs", "//! Docs.\n"), 1);
    assert_eq!(count("crates/a/src/b/mod_.rs", "//! Docs.\n"), 0);
}
