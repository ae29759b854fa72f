use super::*;

#[test]
fn parts_concern_who_watches_the_whole() {
    for (watched, changed, expected) in [
        ("file:///a", "file:///a", true),
        ("file:///a", "file:///a/b", true),
        ("file:///a/", "file:///a/b", true),
        ("file:///a", "file:///ab", false),
        ("file:///a/b", "file:///a", false),
        ("x:1", "x:1?y", true),
    ] {
        assert_eq!(concerns(watched, changed), expected, "{watched} {changed}");
    }
}

#[test]
fn h10_clients_are_told_by_the_address_that_they_know() {
    assert_eq!(updated("docs", r#"{"uri":"file:///a"}"#).as_deref(), Some("tutti://docs/file:///a"));
    assert_eq!(updated("docs", r#"{"uri":"ui://a"}"#).as_deref(), Some("ui://a"));
    assert_eq!(updated("docs", "{}"), None);
}
