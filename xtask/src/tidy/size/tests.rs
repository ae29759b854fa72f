use super::{check, is_source};
use crate::repository::Repository;

fn messages(files: &[(&str, &str)]) -> Vec<String> {
    check(&Repository::of(files)).into_iter().map(|finding| finding.message).collect()
}

#[test]
fn files_are_limited_in_every_language() {
    assert!(messages(&[("a.py", &"x\n".repeat(400)), ("README.md", &"x\n".repeat(900))]).is_empty());
    assert_eq!(messages(&[("a.py", &"x\n".repeat(401))]), ["the file has 401 lines: 400 are the most"]);
}

#[test]
fn what_a_program_built_is_not_measured() {
    assert!(!is_source("dashboard/dist/app.js") && is_source("dashboard/src/app.ts"));
}

#[test]
fn functions_are_limited_in_tests_too() {
    let function = |lines: usize| format!("fn f() {{\n{}}}\n", "x();\n".repeat(lines - 2));
    assert!(messages(&[("crates/a/src/tests.rs", &function(60))]).is_empty());
    let found = messages(&[("crates/a/src/tests.rs", &function(61))]);
    assert_eq!(found, ["the function f has 61 lines: 60 are the most"]);
}

#[test]
fn crates_are_limited_without_their_tests() {
    let lines = "// x\n".repeat(300);
    let paths: Vec<_> = (0..41).map(|number| format!("crates/a/src/part{number}.rs")).collect();
    let mut files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), lines.as_str())).collect();
    files.push(("crates/a/Cargo.toml", "[package]"));
    assert_eq!(messages(&files), ["the crate has 12300 lines without its tests: 12000 are the most"]);
    let tests: Vec<_> = (0..41).map(|number| format!("crates/a/src/part{number}/tests.rs")).collect();
    let mut files: Vec<(&str, &str)> = tests.iter().map(|path| (path.as_str(), lines.as_str())).collect();
    files.push(("crates/a/Cargo.toml", "[package]"));
    assert!(messages(&files).is_empty());
}
