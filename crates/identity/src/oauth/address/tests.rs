use super::Address;

#[test]
fn a70_only_plain_web_addresses_are_read() {
    for bad in [
        "",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "ftp://example.com/",
        "//example.com/",
        "/authorize",
        "https://",
        "https://user:word@example.com/",
        "https://example.com@evil.com/",
        "https://example.com/#fragment",
        "https://example.com/a b",
        "https://example.com/`id`",
        "https://example.com/\"|calc",
        "https://example.com:99999/",
        "https://example.com[1]/",
        "https://[1]/",
        "https://exämple.com/",
        "https://127。0。0。1/",
        "https://example.com/\n",
    ] {
        assert!(Address::parse(bad).is_err(), "{bad}");
    }
    assert!(Address::parse(&format!("https://example.com/{}", "a".repeat(9000))).is_err());
    assert!(!Address::parse("https://example.com/$(calc)").unwrap().is_harmless());
    assert!(Address::parse("https://example.com/authorize?a=b&c=d%20e").unwrap().is_harmless());
}

#[test]
fn parts() {
    let address = Address::parse("https://MCP.Example.com:8443/a/b/?q=1").unwrap();
    assert_eq!((address.host(), address.port(), address.path()), ("mcp.example.com", 8443, "/a/b"));
    assert_eq!(address.target(), "/a/b/?q=1");
    assert_eq!(address.origin(), "https://MCP.Example.com:8443");
    assert_eq!(Address::parse("http://[::1]/x").unwrap().host(), "::1");
    assert_eq!(Address::parse("http://[::1]/x").unwrap().port(), 80);
    assert_eq!(Address::parse("http://[::1]:81/x").unwrap().port(), 81);
    assert_eq!(Address::parse("https://example.com").unwrap().path(), "");
}

#[test]
fn an_address_covers_itself_and_what_lies_beneath() {
    let covers = |outer: &str, inner: &str| Address::parse(outer).unwrap().covers(&Address::parse(inner).unwrap());
    assert!(covers("https://example.com", "https://example.com/mcp"));
    assert!(covers("https://example.com/", "https://EXAMPLE.com:443/mcp"));
    assert!(covers("https://example.com/mcp", "https://example.com/mcp"));
    assert!(covers("https://example.com/a", "https://example.com/a/b"));
    assert!(!covers("https://example.com/mc", "https://example.com/mcp"));
    assert!(!covers("https://example.com/mcp/x", "https://example.com/mcp"));
    assert!(!covers("http://example.com/mcp", "https://example.com/mcp"));
    assert!(!covers("https://example.com:8443/mcp", "https://example.com/mcp"));
    assert!(!covers("https://evil.example.com/mcp", "https://example.com/mcp"));
}
