use crate::tests::Fixture;
use base::Code;
use serde_json::{Value, json};

fn hits(found: &Value) -> Vec<String> {
    let matches = found["matches"].as_array().unwrap();
    matches.iter().map(|hit| format!("{}:{}:{}", hit["path"].as_str().unwrap(), hit["line"], hit["column"])).collect()
}

#[test]
fn text_is_found() {
    let fixture = Fixture::read_only();
    fixture.put("a.rs", "fn main() {}\nfn Main() {}\n").put("src/b.rs", "// a.b\n// axb\n").put("src/c.txt", "fn\r\n");
    fixture.put("target/d.rs", "fn hidden()").put("image.png", b"\x89PNG\0fn");
    for (arguments, expected) in [
        (json!({"pattern": "fn"}), vec!["a.rs:1:1", "a.rs:2:1", "src/c.txt:1:1"]),
        (json!({"pattern": r"fn \w+\(\)"}), vec!["a.rs:1:1", "a.rs:2:1"]),
        (json!({"pattern": "MAIN"}), vec![]),
        (json!({"pattern": "MAIN", "case_sensitive": false}), vec!["a.rs:1:4", "a.rs:2:4"]),
        (json!({"pattern": "a.b"}), vec!["src/b.rs:1:4", "src/b.rs:2:4"]),
        (json!({"pattern": "a.b", "literal": true}), vec!["src/b.rs:1:4"]),
        (json!({"pattern": "main(", "literal": true}), vec!["a.rs:1:4"]),
        (json!({"pattern": "fn", "glob": "*.rs"}), vec!["a.rs:1:1", "a.rs:2:1"]),
        (json!({"pattern": "fn", "glob": "src/**"}), vec!["src/c.txt:1:1"]),
        (json!({"pattern": "fn", "path": "src"}), vec!["src/c.txt:1:1"]),
        (json!({"pattern": "fn", "path": "target"}), vec!["target/d.rs:1:1"]),
        (json!({"pattern": "hidden", "include_ignored": true}), vec!["target/d.rs:1:4"]),
        (json!({"pattern": "fn$", "path": "src/c.txt"}), vec!["src/c.txt:1:1"]),
        (json!({"pattern": "fn", "path": "a.rs", "glob": "*.txt"}), vec!["a.rs:1:1", "a.rs:2:1"]),
    ] {
        assert_eq!(hits(&fixture.works("search_files", arguments.clone())), expected, "{arguments}");
    }
    let found = fixture.works("search_files", json!({"pattern": "fn", "limit": 1}));
    assert_eq!((hits(&found).len(), &found["stopped"]), (1, &json!("limit")));
    let found = fixture.works("search_files", json!({"pattern": "fn", "limit": 3}));
    assert_eq!((hits(&found).len(), &found["complete"]), (3, &json!(true)), "exactly as many as there are");
    assert_eq!(found["skipped"], json!({"binary": 1, "large": 0, "unreadable": 0, "long_lines": 0}));
    let text = fixture.text("search_files", json!({"pattern": "Main"}));
    assert_eq!(text, "a.rs:2:4: fn Main() {}\n[1 match in 4 files searched; 1 binary]");
}

#[test]
fn what_cannot_be_searched_is_said() {
    let fixture = Fixture::read_only();
    for (pattern, expected) in [
        ("(", "unclosed group"),
        ("a**(", "unclosed group"),
        (r"(?=x)", "look-around"),
        (r"(a)\1", "backreferences are not supported"),
        ("", "the pattern is empty"),
    ] {
        let text = fixture.fails("search_files", json!({"pattern": pattern}), Code::InvalidParams);
        assert!(text.contains(expected), "{pattern}: {text}");
    }
    fixture.fails("search_files", json!({"pattern": r"\w{5000}"}), Code::FilesTooLarge);
    fixture.fails("search_files", json!({"pattern": "x", "path": "missing"}), Code::FilesNotFound);
    fixture.fails("search_files", json!({"pattern": "x", "glob": "["}), Code::InvalidParams);
}

#[test]
fn an_answer_has_an_end_in_bytes_too() {
    let fixture = Fixture::read_only();
    fixture.put("a.txt", format!("{}\n", "x".repeat(2_000)).repeat(1_500));
    let found = fixture.works("search_files", json!({"pattern": "x", "limit": 1_000}));
    assert!(found.to_string().len() < 400 * 1024);
    assert!(found["matches"].as_array().unwrap().len() > 500);
}
