//! What is large, deep or slow.

use super::Fixture;
use crate::limits::{DEPTH, Limits};
use serde_json::json;
use std::time::Duration;

#[test]
fn ten_thousand_files_come_in_pages() {
    let fixture = Fixture::read_only();
    for number in 0..10_000 {
        std::fs::File::create(fixture.path(&format!("{number:05}.txt"))).unwrap();
    }
    let (mut cursor, mut seen) = (json!(null), Vec::new());
    loop {
        let page = fixture.works("list_directory", json!({"limit": 1_500, "cursor": cursor}));
        let entries = page["entries"].as_array().unwrap();
        assert!(entries.len() <= 1_500);
        seen.extend(entries.iter().map(|entry| entry["name"].as_str().unwrap().to_owned()));
        match page.get("next_cursor") {
            Some(next) => cursor = next.clone(),
            None => break,
        }
    }
    assert_eq!(seen.len(), 10_000);
    assert!(seen.is_sorted());
    let found = fixture.works("find_files", json!({"glob": "*.txt", "limit": 7}));
    assert_eq!((found["files"].as_array().unwrap().len(), &found["stopped"]), (7, &json!("limit")));
}

#[test]
fn deep_folders_end() {
    let fixture = Fixture::new();
    let deep = "d/".repeat(100);
    fixture.put(&format!("{deep}bottom.txt"), "needle");
    let found = fixture.works("find_files", json!({"glob": "**", "limit": 2_000}));
    assert_eq!(found["files"].as_array().unwrap().len(), DEPTH);
    let listed = fixture.works("list_directory", json!({"recursive": true}));
    assert_eq!(listed["entries"].as_array().unwrap().last().unwrap()["skipped"], true);
    assert_eq!(fixture.works("read_file", json!({"path": format!("{deep}bottom.txt")}))["text"], "needle");
    let found = fixture.works("search_files", json!({"path": "d/".repeat(60), "pattern": "needle"}));
    assert_eq!(found["matches"].as_array().unwrap().len(), 1);
}

#[test]
fn walks_and_searches_stop_at_their_limits_and_say_so() {
    let table = [
        ("time", Limits { time: Duration::ZERO, ..Limits::default() }),
        ("files", Limits { files: 3, ..Limits::default() }),
        ("entries", Limits { entries: 3, ..Limits::default() }),
    ];
    for (stop, limits) in table {
        let fixture = Fixture::with(false, limits);
        for number in 0..10 {
            fixture.put(&format!("{number}/a.txt"), "needle");
        }
        let found = fixture.works("search_files", json!({"pattern": "needle"}));
        assert_eq!((&found["stopped"], &found["complete"]), (&json!(stop), &json!(false)), "{found}");
        assert!(fixture.text("search_files", json!({"pattern": "needle"})).contains("stopped early"));
        if stop != "files" {
            assert_eq!(fixture.works("find_files", json!({"glob": "*"}))["stopped"], stop);
            assert_eq!(fixture.works("list_directory", json!({"recursive": true}))["stopped"], stop);
        }
    }
    let fixture = Fixture::with(false, Limits { file_bytes: 100, ..Limits::default() });
    fixture.put("large.txt", "needle".repeat(100)).put("small.txt", "needle");
    let found = fixture.works("search_files", json!({"pattern": "needle"}));
    assert_eq!((&found["skipped"]["large"], &found["files_searched"]), (&json!(1), &json!(1)));
}

#[test]
fn a20_patterns_that_backtracking_engines_never_finish_are_quick() {
    let fixture = Fixture::read_only();
    let text = "a".repeat(100_000);
    fixture.put("a.txt", format!("{text}!\n{text}\n")).put("email.txt", format!("{}@", "a.".repeat(10_000)));
    let started = base::clock::now();
    for pattern in [
        r"(a+)+$",
        r"(a|aa)+$",
        r"(a|a?)+$",
        r"^(([a-z])+.)+[A-Z]([a-z])+$",
        r"(.*a){20}b",
        r"(x+x+)+y",
        r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$",
        r"[01]*1[01]{2000}",
        r"(?i)(\w+\s*)+:",
    ] {
        fixture.call("search_files", json!({"pattern": pattern}));
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn a20_patterns_that_grow_when_compiled_are_refused() {
    let fixture = Fixture::read_only();
    fixture.put("a.txt", "a");
    for pattern in [
        r"((a{100}){100}){100}",
        r"\w{10000}",
        r"(\pL{50}){50}",
        r"a{4294967295}",
        &"(".repeat(1_000),
        &"(a".repeat(500),
    ] {
        let result = fixture.call("search_files", json!({"pattern": pattern}));
        assert_eq!(result["isError"], true, "{pattern}");
    }
    for glob in ["{".repeat(1_000), "{a,".repeat(300), "[".repeat(1_000), "**/".repeat(340), "*a".repeat(500)] {
        fixture.put(&"a".repeat(250), "");
        fixture.call("find_files", json!({"glob": glob}));
    }
}

#[test]
fn a20_the_worst_pattern_on_one_line_keeps_near_the_time() {
    let fixture = Fixture::with(false, Limits { time: Duration::from_millis(200), ..Limits::default() });
    for number in 0..20 {
        fixture.put(&format!("{number}.txt"), "0110".repeat(250_000));
    }
    let started = base::clock::now();
    fixture.call("search_files", json!({"pattern": "[01]*1[01]{3000}2"}));
    fixture.call("search_files", json!({"pattern": r"(?:\w{30}|[a-z]{1000})*2"}));
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}
