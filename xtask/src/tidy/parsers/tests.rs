use super::check;
use crate::repository::Repository;

const PAGE: &str = "# x\n\n| target | reads | modules |\n|---|---|---|\n| words | w | `crates/a/src/words.rs` |\n";
const WORDS: &str = "pub fn parse(text: &str) {}\n";

fn messages(files: &[(&str, &str)]) -> Vec<String> {
    let mut all = vec![("fuzz/README.md", PAGE), ("crates/a/src/words.rs", WORDS), ("fuzz/targets/words.rs", "")];
    all.extend(files);
    let found = check(&Repository::of(&all)).into_iter();
    found.map(|finding| format!("{}:{}: {}", finding.file, finding.line, finding.message)).collect()
}

#[test]
fn what_is_named_is_in_order() {
    let others = [
        ("crates/a/src/plain.rs", "fn parser() {}\n// serde_json::from_str(\nconst X: &str = \"from_utf8\";\n"),
        ("crates/a/src/words/tests.rs", "fn t() { serde_json::from_str(x); }\n"),
        ("crates/a/src/tested.rs", "#[cfg(test)]\nmod tests { fn t() { serde_json::from_str(x); } }\n"),
        ("xtask/src/told.rs", WORDS),
        ("fuzz/targets/input.rs", ""),
    ];
    assert_eq!(messages(&others), Vec::<String>::new());
}

#[test]
fn what_reads_and_is_not_named_is_found() {
    let found = messages(&[("crates/a/src/new.rs", "\nfn x() { serde_json::from_slice(b) }\n")]);
    assert_eq!(found, ["crates/a/src/new.rs:2: reads bytes, and no fuzz target is named for it"]);
    assert_eq!(messages(&[("fuzz/targets/new.rs", "")]), ["fuzz/README.md:1: the target new has no row"]);
}

#[test]
fn what_is_named_and_gone_is_found() {
    let files = [("fuzz/README.md", PAGE), ("fuzz/targets/words.rs", "")];
    let found: Vec<_> = check(&Repository::of(&files)).into_iter().map(|finding| finding.message).collect();
    assert_eq!(found, ["there is no crates/a/src/words.rs"]);
}
