use super::Address;

#[test]
fn addresses_are_read() {
    for (text, origin, path) in [
        ("https://a.example", "https://a.example", ""),
        ("HTTPS://A.example:443/v1//", "https://a.example", "/v1"),
        ("http://a:8080/x/../y/./z", "http://a:8080", "/y/z"),
        ("http://[::1]:80/x", "http://[::1]", "/x"),
        ("http://a/../../x", "http://a", "/x"),
        ("http://a/ω2/%C3%A9", "http://a", "/%CF%892/%C3%A9"),
    ] {
        let address = Address::parse(text).unwrap_or_else(|why| panic!("{text} {why}"));
        assert_eq!((address.to_string(), address.path.as_str()), (format!("{origin}{path}"), path));
    }
    for text in [
        "",
        "a.example",
        "ftp://a",
        "http://",
        "http://a:99999",
        "http://a@b",
        "http://a?x",
        "http://a#x",
        "http:///x",
        "http://a[1]",
    ] {
        assert!(Address::parse(text).is_err(), "{text}");
    }
}

#[test]
fn resources_keep_their_query() {
    let (address, target) = Address::parse_resource("https://a.example/api/?v=1").unwrap();
    assert_eq!((address.to_string().as_str(), target.as_str()), ("https://a.example/api", "/api/?v=1"));
    assert_eq!(Address::parse_resource("http://a").unwrap().1, "/");
    assert_eq!(Address::parse_resource("http://a/é?ω").unwrap().1, "/%C3%A9?%CF%89");
}

#[test]
fn origins_are_compared_as_a_whole() {
    let at = |text: &str| Address::parse(text).unwrap();
    assert!(at("http://a/x").same_origin(&at("http://A:80/y")));
    for other in ["https://a/x", "http://a:81/x", "http://b/x", "http://a.b/x"] {
        assert!(!at("http://a/x").same_origin(&at(other)), "{other}");
    }
}
