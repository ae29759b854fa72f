use super::check;
use crate::repository::Repository;

/// The cycles that are found in a crate of these files; each path is below `crates/a/src/`.
fn cycles(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<_> = files.iter().map(|(path, text)| (format!("crates/a/src/{path}"), *text)).collect();
    let mut all = vec![("crates/a/Cargo.toml", "[package]")];
    all.extend(files.iter().map(|(path, text)| (path.as_str(), *text)));
    let found = check(&Repository::of(&all)).into_iter().map(|finding| finding.message);
    found.map(|message| message.trim_start_matches("modules of ").replace(" import each other", "")).collect()
}

#[test]
fn siblings_that_import_each_other_are_a_cycle() {
    let found = cycles(&[("lib.rs", "mod a; mod b;"), ("a.rs", "use crate::b::B;"), ("b.rs", "\nuse super::a::A;")]);
    assert_eq!(found, ["crate: a -> b -> a (crates/a/src/a.rs:1, crates/a/src/b.rs:2)"]);
}

#[test]
fn one_way_is_fine() {
    assert!(cycles(&[("a.rs", "use crate::b::B;"), ("b.rs", "use std::fmt;")]).is_empty());
}

#[test]
fn a_cycle_may_be_long_and_stand_below() {
    let found = cycles(&[
        ("x.rs", "mod a; mod b; mod c; use a::A;"),
        ("x/a.rs", "use super::{b::{self, B}, X};"),
        ("x/b.rs", "fn f() { crate::x::c::g::<u8>() }"),
        ("x/c.rs", "fn g() { super::super::x::a::A }"),
    ]);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("crate::x: a -> b -> c -> a ("), "{}", found[0]);
}

#[test]
fn a_child_counts_as_its_parent_among_the_parents_siblings() {
    let found = cycles(&[("a/deep/er.rs", "use crate::b::B;"), ("a.rs", ""), ("b.rs", "use crate::a::A;")]);
    assert_eq!(found, ["crate: a -> b -> a (crates/a/src/a/deep/er.rs:1, crates/a/src/b.rs:1)"]);
}

#[test]
fn parents_and_children_may_know_each_other() {
    assert!(
        cycles(&[("x.rs", "mod y; use y::Y; pub struct X;"), ("x/y.rs", "use super::X; use crate::x::X;")]).is_empty()
    );
}

#[test]
fn a_name_is_followed_to_where_it_comes_from() {
    let root = "mod a; mod b; pub use a::A; pub use b::B as Renamed;";
    let found = cycles(&[("lib.rs", root), ("a.rs", "use crate::Renamed;"), ("b.rs", "use super::A;")]);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("crate: a -> b -> a"), "{}", found[0]);
    assert!(cycles(&[("lib.rs", root), ("a.rs", "use crate::Renamed;"), ("b.rs", "use super::Other;")]).is_empty());
}

#[test]
fn tests_comments_and_visibility_are_no_imports() {
    let tests = "#[cfg(test)]\nmod tests { use crate::a::A; }\n";
    for text in [tests, "// use crate::a::A;", "pub(in crate::a) fn f() {}", "const X: &str = \"crate::a::A\";"] {
        assert!(cycles(&[("a.rs", "use crate::b::B;"), ("b.rs", text)]).is_empty(), "{text}");
    }
    assert!(cycles(&[("a.rs", "use crate::b::B;"), ("b.rs", ""), ("b/tests.rs", "use crate::a::A;")]).is_empty());
}

#[test]
fn a_module_within_a_file_has_its_own_parent() {
    let text = "mod inner { use super::super::a::A; }";
    let found = cycles(&[("a.rs", "use crate::b::B;"), ("b.rs", text)]);
    assert_eq!(found.len(), 1);
    assert!(cycles(&[("a.rs", "use crate::b::B;"), ("b.rs", "mod inner { use super::a::A; }")]).is_empty());
}

#[test]
fn two_cycles_apart_are_two_findings() {
    let found = cycles(&[
        ("a.rs", "use crate::b;"),
        ("b.rs", "use crate::a;"),
        ("c.rs", "use crate::d;"),
        ("d.rs", "use crate::{a, c};"),
    ]);
    assert_eq!(found.len(), 2);
}

#[test]
fn binaries_and_other_crates_are_left_alone() {
    assert!(cycles(&[("bin/one.rs", "use crate::b;"), ("b.rs", "use crate::bin::one;")]).is_empty());
    assert!(cycles(&[("a.rs", "use base::b::B;"), ("b.rs", "use other::a; use super::a;")]).is_empty());
}
