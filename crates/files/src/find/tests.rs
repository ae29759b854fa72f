use crate::tests::Fixture;
use base::Code;
use serde_json::{Value, json};

fn paths(found: &Value) -> Vec<&str> {
    found["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect()
}

#[test]
fn files_are_found_by_their_names() {
    let fixture = Fixture::read_only();
    for path in ["a.rs", "src/b.rs", "src/deep/c.rs", "src/d.txt", "target/e.rs", ".git/f.rs", ".github/g.rs"] {
        fixture.put(path, "");
    }
    for (arguments, expected) in [
        (json!({"glob": "*.rs"}), vec![".github/g.rs", "a.rs", "src/b.rs", "src/deep/c.rs"]),
        (
            json!({"glob": "*.rs", "include_ignored": true, "path": "."}),
            vec![".git/f.rs", ".github/g.rs", "a.rs", "src/b.rs", "src/deep/c.rs", "target/e.rs"],
        ),
        (json!({"glob": "*.rs", "path": "src"}), vec!["src/b.rs", "src/deep/c.rs"]),
        (json!({"glob": "*.rs", "path": "target"}), vec!["target/e.rs"]),
        (json!({"glob": "src/*"}), vec!["src/b.rs", "src/d.txt", "src/deep"]),
        (json!({"glob": "deep/*", "path": "src"}), vec!["src/deep/c.rs"]),
        (json!({"glob": "nothing"}), vec![]),
    ] {
        let found = fixture.works("find_files", arguments.clone());
        assert_eq!(paths(&found), expected, "{arguments}");
        assert_eq!(found["complete"], true);
    }
    let found = fixture.works("find_files", json!({"glob": "*.rs", "limit": 2}));
    assert_eq!((paths(&found).len(), &found["complete"], &found["stopped"]), (2, &json!(false), &json!("limit")));
    let found = fixture.works("find_files", json!({"glob": "*.rs", "limit": 4}));
    assert_eq!((paths(&found).len(), &found["complete"]), (4, &json!(true)), "exactly as many as there are");
    let text = fixture.text("find_files", json!({"glob": "src"}));
    assert_eq!(text, "src/\n[1 path found]");
}

#[test]
fn what_cannot_be_found_is_said() {
    let fixture = Fixture::read_only();
    let text = fixture.fails("find_files", json!({"glob": "[a"}), Code::InvalidParams);
    assert!(text.contains("`[a` is not a glob"), "{text}");
    fixture.fails("find_files", json!({"glob": "*", "path": "missing"}), Code::FilesNotFound);
    fixture.fails("find_files", json!({"glob": "*".repeat(2_000)}), Code::FilesTooLarge);
}
