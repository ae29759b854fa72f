use crate::tests::Fixture;
use base::Code;
use serde_json::json;

#[test]
fn text_is_replaced_and_the_rest_stays() {
    let fixture = Fixture::new();
    for (before, old, new, times, after) in [
        (&b"one\ntwo\n"[..], "two", "2", 1, &b"one\n2\n"[..]),
        (b"a a a", "a", "bb", 3, b"bb bb bb"),
        (b"aaaa", "aa", "b", 2, b"bb"),
        (b"one\ntwo\n", "one\ntwo\n", "", 1, b""),
        (b"one\r\ntwo\r\n", "two", "2", 1, b"one\r\n2\r\n"),
        (b"one\r\ntwo\r\nend", "one\ntwo", "1\n2\n3", 1, b"1\r\n2\r\n3\r\nend"),
        (b"one\r\ntwo\r\n", "one\r\ntwo", "1\n2", 1, b"1\n2\r\n"),
        (b"mixed\na\r\nb", "mixed\na", "m\nx", 1, b"m\nx\r\nb"),
        (b"latin \xfc old", "old", "new", 1, b"latin \xfc new"),
        (b"$1 \\d (a|b)", "(a|b)", "$0", 1, b"$1 \\d $0"),
    ] {
        fixture.put("a.txt", before);
        let arguments = json!({"path": "a.txt", "old": old, "new": new, "expected_replacements": times});
        let edited = fixture.works("edit_file", arguments);
        assert_eq!(fixture.bytes("a.txt"), after, "{old:?}");
        assert_eq!((&edited["replacements"], &edited["size"]), (&json!(times), &json!(after.len())));
    }
    fixture.put("a.txt", "x\n\nx\nx");
    let arguments = json!({"path": "a.txt", "old": "x", "new": "y\ny", "expected_replacements": 3});
    assert_eq!(fixture.works("edit_file", arguments)["lines"], json!([1, 4, 6]), "in the new file");
}

#[test]
fn an_edit_that_is_not_certain_changes_nothing() {
    let fixture = Fixture::new();
    let text = "one\ntwo\ntwo\n";
    fixture.put("a.txt", text).put("large.txt", "x".repeat(9 * 1024 * 1024)).put("folder/b", "");
    for (arguments, code, expected) in [
        (json!({"path": "a.txt", "old": "three", "new": "3"}), Code::InvalidParams, "does not occur"),
        (
            json!({"path": "a.txt", "old": "two", "new": "2"}),
            Code::InvalidParams,
            "occurs 2 times in `a.txt`, at lines 2, 3",
        ),
        (
            json!({"path": "a.txt", "old": "one", "new": "1", "expected_replacements": 2}),
            Code::InvalidParams,
            "occurs 1 time",
        ),
        (json!({"path": "a.txt", "old": "", "new": "1"}), Code::InvalidParams, "`old` is empty"),
        (json!({"path": "a.txt", "old": "one", "new": "one"}), Code::InvalidParams, "are the same"),
        (json!({"path": "missing", "old": "a", "new": "b"}), Code::FilesNotFound, "there is no file"),
        (json!({"path": "folder", "old": "a", "new": "b"}), Code::FilesFailed, "is a folder"),
        (json!({"path": "large.txt", "old": "a", "new": "b"}), Code::FilesTooLarge, "is larger than"),
    ] {
        let message = fixture.fails("edit_file", arguments.clone(), code);
        assert!(message.contains(expected), "{arguments}: {message}");
    }
    assert_eq!(fixture.bytes("a.txt"), text.as_bytes());
    assert!(!fixture.path("missing").exists());
}

#[test]
fn an_edit_that_would_make_a_giant_is_refused_before_it_is_made() {
    let fixture = Fixture::new();
    fixture.put("a.txt", "a".repeat(10_000));
    let new = "b".repeat(8 * 1024 * 1024);
    let arguments = json!({"path": "a.txt", "old": "a", "new": new, "expected_replacements": 10_000});
    let message = fixture.fails("edit_file", arguments, Code::FilesTooLarge);
    assert!(message.contains("would become larger"), "{message}");
}
