use super::{Piece, check, check_whole, read};

#[test]
fn paths_are_taken_apart() {
    let fixed = |text: &str| Piece::Fixed(text.to_owned());
    let parameter = |name: &str| Piece::Parameter(name.to_owned());
    assert_eq!(
        read("/a b/{x}.{y}/ü").unwrap(),
        [fixed("/a%20b/"), parameter("x"), fixed("."), parameter("y"), fixed("/%C3%BC")]
    );
    for bad in ["a", "/a?b", "/a#b", "/{a"] {
        assert!(read(bad).is_err(), "{bad}");
    }
}

#[test]
fn a45_values_that_lead_elsewhere_are_refused() {
    for value in ["", ".", "..", "../x", "x/..", "..\\x", "%2e%2e", "%252e%252e", "a/b", "a\\b", "%2f", "a%2Fb", "./a"]
    {
        assert!(check("id", value, false).is_err(), "{value}");
    }
    for value in ["1", "a.b", "..a", "...", "a b", "ü", "%", "%zz", "{\"a\":1}", "?x=1&y", "#x", ";x"] {
        assert!(check("id", value, false).is_ok(), "{value}");
    }
    for (value, fine) in
        [("a/b", true), ("group/sub/project", true), ("a/../b", false), ("..", false), ("a%2F..%2Fb", false)]
    {
        assert_eq!(check("id", value, true).is_ok(), fine, "{value} where slashes are allowed");
    }
    for path in ["/a/..", "/a/%2e./b", "/./a", "/a/.%252E"] {
        assert!(check_whole(path).is_err(), "{path}");
    }
    assert!(check_whole("/a/.../b.").is_ok());
}
