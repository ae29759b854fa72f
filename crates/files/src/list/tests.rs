use crate::tests::Fixture;
use base::Code;
use serde_json::{Value, json};

fn names(listed: &Value) -> Vec<&str> {
    listed["entries"].as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect()
}

fn tree() -> Fixture {
    let fixture = Fixture::read_only();
    for path in
        ["b.txt", "a/x.txt", "a/deep/y.txt", ".hidden", ".git/config", "node_modules/m/i.js", "a/target/t", "é.txt"]
    {
        fixture.put(path, "12345");
    }
    fixture
}

#[test]
fn a_folder_is_listed_with_what_is_known() {
    let fixture = tree();
    let listed = fixture.works("list_directory", json!({}));
    assert_eq!(names(&listed), [".git", ".hidden", "a", "b.txt", "node_modules", "é.txt"]);
    let entry = &listed["entries"][3];
    assert_eq!((&entry["kind"], &entry["size"], &entry["path"]), (&json!("file"), &json!(5), &json!("b.txt")));
    assert!(entry["modified"].as_str().is_some_and(|time| time.len() == 20 && time.ends_with('Z')));
    assert_eq!((&listed["entries"][2]["kind"], &listed["entries"][2]["size"]), (&json!("directory"), &json!(null)));
    let text = fixture.text("list_directory", json!({"path": "a"}));
    assert!(text.contains(" - deep/\n") && text.contains(" 5 x.txt\n") && text.ends_with("[3 entries in a]"), "{text}");
}

#[test]
fn folders_below_are_listed_but_not_the_ignored_ones() {
    let fixture = tree();
    let listed = fixture.works("list_directory", json!({"recursive": true}));
    let expected =
        [".git", ".hidden", "a", "a/deep", "a/deep/y.txt", "a/target", "a/x.txt", "b.txt", "node_modules", "é.txt"];
    assert_eq!(names(&listed), expected);
    assert_eq!(listed["entries"][5]["skipped"], true);
    let listed = fixture.works("list_directory", json!({"recursive": true, "include_ignored": true}));
    assert_eq!(names(&listed).len(), expected.len() + 4);
    let listed = fixture.works("list_directory", json!({"recursive": true, "path": "node_modules"}));
    assert_eq!(names(&listed), ["m", "m/i.js"], "asked for by the path");
    assert_eq!(listed["entries"][1]["path"], "node_modules/m/i.js");
}

#[test]
fn pages_of_any_size_give_everything_once() {
    let fixture = tree();
    for path in ["", "a"] {
        for recursive in [false, true] {
            let whole = fixture.works("list_directory", json!({"path": path, "recursive": recursive}));
            for limit in 1..=names(&whole).len() {
                let (mut cursor, mut seen) = (Value::Null, Vec::new());
                loop {
                    let arguments = json!({"path": path, "recursive": recursive, "limit": limit, "cursor": cursor});
                    let page = fixture.works("list_directory", arguments);
                    seen.extend(page["entries"].as_array().unwrap().clone());
                    assert_eq!(page["stopped"].is_null(), page["next_cursor"].is_null());
                    match page.get("next_cursor") {
                        Some(next) => cursor = next.clone(),
                        None => break,
                    }
                }
                assert_eq!(json!(seen), whole["entries"], "{path} {recursive} {limit}");
            }
        }
    }
}

#[test]
fn cursors_stay_good_when_files_go_and_are_refused_when_they_are_not_ours() {
    let fixture = tree();
    let page = fixture.works("list_directory", json!({"limit": 4}));
    std::fs::remove_file(fixture.path("b.txt")).unwrap();
    let page = fixture.works("list_directory", json!({"cursor": page["next_cursor"]}));
    assert_eq!(names(&page), ["node_modules", "é.txt"]);
    for cursor in ["", "?", "!!!", "_w", "Yi50eHQ"] {
        fixture.fails("list_directory", json!({"path": "a", "cursor": cursor}), Code::InvalidCursor);
    }
}

#[test]
fn what_cannot_be_listed_is_said() {
    let fixture = tree();
    fixture.fails("list_directory", json!({"path": "missing"}), Code::FilesNotFound);
    let text = fixture.fails("list_directory", json!({"path": "b.txt"}), Code::FilesNotFound);
    assert!(text.contains("is a file where a folder is needed"), "{text}");
}

#[test]
#[cfg(unix)]
fn names_that_lie_are_shown_on_one_line() {
    use std::os::unix::ffi::OsStrExt;
    let fixture = Fixture::read_only();
    fixture.put("a\nfile - 1 fake.txt", "").link("/etc", "link");
    std::fs::File::create(fixture.path("").join(std::ffi::OsStr::from_bytes(b"b\xff.txt"))).unwrap();
    let text = fixture.text("list_directory", json!({}));
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(text.contains("a\\nfile - 1 fake.txt") && text.contains("b\u{fffd}.txt"), "{text}");
    let listed = fixture.works("list_directory", json!({}));
    assert_eq!((&listed["entries"][2]["kind"], &listed["entries"][2]["size"]), (&json!("link"), &json!(null)));
}
