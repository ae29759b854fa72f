use super::{Address, Options, WEB, WEB_SOCKET};
use base::Secret;

fn options(url: &str) -> Options {
    Options { name: "u".to_owned(), url: url.to_owned(), headers: Vec::new(), message_limit: 1 << 20, account: None }
}

#[test]
fn addresses_are_read_or_refused() {
    for (url, schemes, fine) in [
        ("http://a", WEB, true),
        ("https://a:1/x?y", WEB, true),
        ("ws://a/x", WEB_SOCKET, true),
        ("wss://[::1]:5/x", WEB_SOCKET, true),
        ("ws://a/x", WEB, false),
        ("http://a", WEB_SOCKET, false),
        ("http://user:word@a", WEB, false),
        ("/just/a/path", WEB, false),
        ("http://", WEB, false),
        ("http://a:99999", WEB, false),
        ("http://a[1]", WEB, false),
        ("", WEB, false),
    ] {
        assert_eq!(Address::parse(&options(url), schemes).is_ok(), fine, "{url}");
    }
    for (url, target) in
        [("http://a", "/"), ("http://a#m", "/"), ("http://a/", "/"), ("http://a?x", "/?x"), ("http://a/b#m", "/b")]
    {
        assert_eq!(Address::parse(&options(url), WEB).unwrap().target, target, "{url}");
    }
    let mut split = options("http://a");
    split.headers = vec![("x".to_owned(), Secret::new("a\r\nb: c".to_owned()))];
    let error = Address::parse(&split, WEB).err().unwrap();
    assert!(error.message().contains("impossible value") && !error.message().contains("b: c"));
}

#[test]
fn a44_only_the_same_origin_gets_messages() {
    let from = |url: &str, named: &str| {
        let address = Address::parse(&options(url), WEB).unwrap();
        address.same_origin(named).map(|uri| uri.to_string())
    };
    let of = |named: &str| from("http://host:8000/a/sse?key=1", named);
    for (named, expected) in [
        ("/messages?id=1", "/messages?id=1"),
        ("messages?id=1", "/a/messages?id=1"),
        ("?id=1", "/a/sse?id=1"),
        (" /padded ", "/padded"),
        ("http://host:8000/m?x", "/m?x"),
        ("HTTP://HOST:8000/m", "/m"),
        ("//host:8000/m", "/m"),
        ("http://host:8000", "/"),
        ("http://host:8000#m", "/"),
        ("http://host:8000?x#m", "/?x"),
        ("a:b", ""),
        ("http://host/m", ""),
        ("http://host:8001/m", ""),
        ("https://host:8000/m", ""),
        ("http://host.evil:8000/m", ""),
        ("http://host:8000@evil/m", ""),
        ("http://evil@host:8000/m", ""),
        ("//evil/m", ""),
        ("///evil/m", ""),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("/a b", ""),
    ] {
        assert_eq!(of(named), Some(expected.to_owned()).filter(|path| !path.is_empty()), "{named}");
    }
    assert_eq!(from("http://host/sse", "http://host:80/m").as_deref(), Some("/m"), "a usual port is the same as none");
    assert_eq!(from("https://host/sse", "https://host:443/m").as_deref(), Some("/m"));
    assert_eq!(from("http://host", "m").as_deref(), Some("/m"));
}
