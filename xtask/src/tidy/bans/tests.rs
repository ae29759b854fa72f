use super::check;
use crate::repository::Repository;

fn lines(path: &str, text: &str) -> Vec<usize> {
    check(&Repository::of(&[(path, text)])).into_iter().map(|finding| finding.line).collect()
}

const BANNED: &str = "fn f() {\n    a.unwrap();\n    b.expect(\"x\");\n    todo!();\n}\n";

#[test]
fn hidden_panics_are_found_in_the_product_only() {
    let mut found = lines("crates/a/src/b.rs", BANNED);
    found.sort_unstable();
    assert_eq!(found, [2, 3, 4]);
    for path in ["crates/a/src/b/tests.rs", "e2e/main.rs", "bench/src/x.rs"] {
        assert!(lines(path, BANNED).is_empty(), "{path}");
    }
    let inline = format!("#[cfg(test)]\nmod tests {{\n{BANNED}}}\n");
    assert!(lines("crates/a/src/b.rs", &inline).is_empty());
}

#[test]
fn words_in_text_are_no_code() {
    assert!(lines("crates/a/src/b.rs", "// todo!()\nconst A: &str = \"x.unwrap()\";\n").is_empty());
    assert!(lines("crates/a/src/b.rs", "x.unwrap_or_default();\n#[expect(dead_code, reason = \"r\")]\n").is_empty());
}

#[test]
fn silenced_lints_are_found_in_tests_too() {
    assert_eq!(lines("crates/a/src/b/tests.rs", "\n#[allow(dead_code)]\n"), [2]);
    assert_eq!(lines("crates/a/src/b.rs", "#![allow(dead_code)]\n"), [1]);
}

#[test]
fn a_value_of_any_shape_is_read_with_the_reader_of_the_house() {
    let text = "let a = serde_json::from_str(x);\nlet b = serde_json::from_slice::<Value>(x);\nserde_json::from_str::<String>(x);\n";
    assert_eq!(lines("crates/a/src/b.rs", text), [1, 2]);
    for path in ["crates/a/src/b/tests.rs", "e2e/main.rs", "xtask/src/x.rs"] {
        assert!(lines(path, text).is_empty(), "{path}");
    }
}
