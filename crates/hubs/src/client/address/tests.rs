use super::Address;
use base::Code;

#[test]
fn addresses_are_read_as_people_write_them() {
    let cases = [
        ("http://127.0.0.1:4747", "127.0.0.1", 4747, "", None, "http://127.0.0.1:4747"),
        ("http://127.0.0.1:4747/", "127.0.0.1", 4747, "", None, "http://127.0.0.1:4747"),
        ("http://127.0.0.1:4747/mcp", "127.0.0.1", 4747, "", None, "http://127.0.0.1:4747"),
        ("http://127.0.0.1:4747/mcp/", "127.0.0.1", 4747, "", None, "http://127.0.0.1:4747"),
        ("http://127.0.0.1:4747/mcp/research", "127.0.0.1", 4747, "", Some("research"), "http://127.0.0.1:4747"),
        ("127.0.0.1:4747", "127.0.0.1", 4747, "", None, "http://127.0.0.1:4747"),
        ("localhost:4747", "localhost", 4747, "", None, "http://localhost:4747"),
        ("http://[::1]:4747/mcp", "::1", 4747, "", None, "http://[::1]:4747"),
        ("https://hub.example.com", "hub.example.com", 443, "", None, "https://hub.example.com"),
        ("https://example.com/tutti/mcp", "example.com", 443, "/tutti", None, "https://example.com/tutti"),
        ("https://example.com/tutti/mcp/v", "example.com", 443, "/tutti", Some("v"), "https://example.com/tutti"),
        ("https://example.com/tutti", "example.com", 443, "/tutti", None, "https://example.com/tutti"),
    ];
    for (text, host, port, prefix, view, url) in cases {
        let address = Address::parse(text).unwrap();
        assert_eq!((address.host.as_str(), address.port), (host, port), "{text}");
        assert_eq!((address.prefix.as_str(), address.view.as_deref()), (prefix, view), "{text}");
        assert_eq!(address.url(), url, "{text}");
    }
}

#[test]
fn addresses_that_are_none_are_refused_without_showing_them() {
    for text in ["", "ftp://host", "http://", "http://user:hunter2@host", "http://host/mcp?key=hunter2", "http://a b"] {
        let error = Address::parse(text).unwrap_err();
        assert_eq!(error.code(), Code::Usage, "{text}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn this_machine_is_known_by_its_names() {
    for (text, expected) in [
        ("127.0.0.1:1", true),
        ("http://127.9.9.9:1", true),
        ("localhost:1", true),
        ("http://[::1]:1", true),
        ("http://10.0.0.1:1", false),
        ("https://localhost.example.com", false),
    ] {
        assert_eq!(Address::parse(text).unwrap().is_loopback(), expected, "{text}");
    }
}
