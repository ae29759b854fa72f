use super::check;
use crate::repository::Repository;
use crate::workspace::{Dependency, Package};

fn lines(path: &str, text: &str) -> Vec<usize> {
    check(&Repository::of(&[(path, text)])).into_iter().map(|finding| finding.line).collect()
}

#[test]
fn statements_stand_in_tables_and_in_the_store() {
    let text = "const A: &str = \"SELECT a FROM b\";\nconst B: &str = \"\\\n    INSERT INTO b VALUES (?)\";\n";
    assert_eq!(lines("crates/tools/src/cache.rs", text), [1, 3]);
    assert!(lines("crates/tools/src/tables.rs", text).is_empty());
    assert!(lines("crates/store/src/sqlite.rs", text).is_empty());
    assert!(lines("crates/tools/src/cache/tests.rs", text).is_empty());
}

#[test]
fn sentences_are_no_statements() {
    let text = "const A: &str = \"Select a tool\";\nconst B: &str = \"the word SELECT is fine\";\n// \"SELECT \"\n";
    assert!(lines("crates/tools/src/cache.rs", text).is_empty());
}

#[test]
fn only_the_output_of_the_command_line_prints() {
    let text = "fn f() {\n    println!(\"x\");\n    fingerprint!(1);\n}\n";
    assert_eq!(lines("crates/tools/src/cache.rs", text), [2]);
    assert!(lines("crates/console/src/output/table.rs", text).is_empty());
    assert!(lines("xtask/src/main.rs", text).is_empty());
}

#[test]
fn only_the_server_knows_the_web_framework() {
    let package = |name: &str| Package {
        name: name.to_owned(),
        folder: format!("crates/{name}"),
        dependencies: vec![Dependency { name: "axum".into(), for_tests: true }],
    };
    let repository = Repository { packages: vec![package("server"), package("tools")], ..Repository::default() };
    let found: Vec<_> = check(&repository).into_iter().map(|finding| finding.message).collect();
    assert_eq!(found, ["tools knows axum: only server may"]);
}
