use crate::tests::Fixture;
use base::Code;
use serde_json::json;

#[test]
fn arguments_that_are_wrong_are_refused_with_what_would_be_right() {
    let fixture = Fixture::new();
    fixture.put("a.txt", "a");
    for (tool, arguments, expected) in [
        ("read_file", json!({}), "needs the argument `path`"),
        ("read_file", json!({"path": null}), "needs the argument `path`"),
        ("read_file", json!({"path": 5}), "`path` must be text, not 5"),
        ("read_file", json!({"path": ["a.txt"]}), "not a list"),
        ("read_file", json!({"path": {"a": 1}}), "not an object"),
        ("read_file", json!({"path": "a.txt", "limt": 5}), "did you mean `limit`?"),
        ("read_file", json!({"path": "a.txt", "head\nx": 5}), "no argument `head\\nx`"),
        ("read_file", json!({"file_path": "a.txt"}), "did you mean `path`?"),
        ("read_file", json!({"path": "a.txt", "limit": 0}), "a whole number from 1 to 20000, not 0"),
        ("read_file", json!({"path": "a.txt", "limit": -1}), "not -1"),
        ("read_file", json!({"path": "a.txt", "limit": 1.5}), "not 1.5"),
        ("read_file", json!({"path": "a.txt", "limit": "5"}), "not the text \"5\""),
        ("read_file", json!({"path": "a.txt", "offset": 1e300}), "`offset` must be"),
        ("list_directory", json!({"recursive": "yes"}), "must be true or false"),
        ("list_directory", json!({"recursive": 1}), "must be true or false"),
        ("write_file", json!({"path": "b", "content": "", "mode": "truncate"}), "one of create, overwrite, append"),
        ("write_file", json!({"path": "b", "content": 5}), "`content` must be text"),
        ("move_file", json!({"source": "a.txt"}), "needs the argument `destination`"),
    ] {
        let text = fixture.fails(tool, arguments.clone(), Code::InvalidParams);
        assert!(text.contains(expected), "{tool} {arguments}: {text}");
    }
    assert!(!fixture.path("b").exists());
}

#[test]
fn text_above_its_limit_is_refused_and_not_repeated() {
    let fixture = Fixture::new();
    let long = "x".repeat(9 * 1024 * 1024);
    let text = fixture.fails("write_file", json!({"path": "b", "content": long}), Code::FilesTooLarge);
    assert!(text.len() < 300 && !fixture.path("b").exists());
    let text = fixture.fails("read_file", json!({"path": "a", long: 1}), Code::InvalidParams);
    assert!(text.len() < 400);
}

#[test]
fn null_and_whole_floats_are_taken_as_they_are_meant() {
    let fixture = Fixture::new();
    fixture.put("a.txt", "1\n2\n3\n");
    let read = fixture.works("read_file", json!({"path": "a.txt", "offset": 2.0, "limit": null}));
    assert_eq!(read["text"], "2\n3\n");
    assert_eq!(fixture.works("list_directory", json!({"path": null, "cursor": null}))["path"], ".");
}
