use super::{Address, HeaderMap, HeaderValue, Linked, Web, digest_of, header, next};

fn led(from: &str, to: &str) -> Option<String> {
    let headers = HeaderMap::from_iter([(header::LOCATION, HeaderValue::from_str(to).unwrap())]);
    next(&Address::parse(from).unwrap(), &headers).ok().map(|address| address.text().to_owned())
}

#[test]
fn answers_lead_to_encrypted_addresses_only() {
    let cases = [
        ("https://a.com/x", "https://b.com/y?z=1", Some("https://b.com/y?z=1")),
        ("https://a.com/x", "/y", Some("https://a.com/y")),
        ("https://a.com/x", "//b.com/y", Some("https://b.com/y")),
        ("https://a.com/x", "https://b.com/y#z", Some("https://b.com/y")),
        ("https://a.com/x", "http://b.com/y", None),
        ("https://a.com/x", "http://127.0.0.1/y", None),
        ("http://127.0.0.1:4000/x", "http://127.0.0.1:5000/y", Some("http://127.0.0.1:5000/y")),
        ("http://127.0.0.1:4000/x", "http://b.com/y", None),
        ("https://a.com/x", "y", None),
        ("https://a.com/x", "file:///etc/passwd", None),
        ("https://a.com/x", "https://user:secret@b.com/", None),
    ];
    for (from, to, expected) in cases {
        assert_eq!(led(from, to).as_deref(), expected, "{from} {to}");
    }
}

#[test]
fn a_way_begins_encrypted_or_on_this_machine() {
    for (start, is_fine) in [("https://a.com/x", true), ("http://localhost:1/x", true), ("http://a.com/x", false)] {
        assert_eq!(Web::new(&Address::parse(start).unwrap(), None).is_ok(), is_fine, "{start}");
    }
    assert!(Web::new(&Address::parse("https://a.com/x").unwrap(), Some("a\nb")).is_err());
}

#[test]
fn digests_are_read_where_they_are_some() {
    let text = "ab".repeat(32);
    assert_eq!(digest_of(&text), Some([0xab; 32]));
    for wrong in ["", "ab", &"zz".repeat(32), &"+a".repeat(32), &"ab".repeat(33)] {
        assert_eq!(digest_of(wrong), None, "{wrong}");
    }
    let mut headers = HeaderMap::new();
    headers.insert("x-linked-etag", HeaderValue::from_str(&format!("\"{text}\"")).unwrap());
    headers.insert("x-linked-size", HeaderValue::from_static("12"));
    assert_eq!(Linked::of(&headers), Linked { digest: Some([0xab; 32]), bytes: Some(12) });
    // Small files have the digest of git there.
    headers.insert("x-linked-etag", HeaderValue::from_static("\"0123456789012345678901234567890123456789\""));
    assert_eq!(Linked::of(&headers).digest, None);
}
