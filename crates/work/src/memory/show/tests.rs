use super::{much, origin, place, size};
use serde_json::json;

#[test]
fn sizes_are_short() {
    let cases = [(0, "0B"), (1_024, "1024B"), (10_240, "10KiB"), (10_300, "10KiB"), (11 << 20, "11MiB")];
    for (bytes, text) in cases {
        assert_eq!(size(&json!(bytes)), text);
    }
    assert_eq!(much(&json!({"fragments": 1, "bytes": 3})), "1 fragment (3B)");
    assert_eq!(much(&json!({"fragments": 2, "bytes": 3})), "2 fragments (3B)");
}

#[test]
fn notes_are_told_with_where_they_come_from() {
    let cases = [("", "", "a person"), ("r", "", "run r"), ("r", "write", "write of r")];
    for (run, step, text) in cases {
        assert_eq!(origin(&json!({"provenance": {"run": run, "step": step}})), text);
    }
    assert_eq!(place(&json!({"scope": "user:a/b", "key": "x/y"})), "user:a%2Fb/x/y");
}
