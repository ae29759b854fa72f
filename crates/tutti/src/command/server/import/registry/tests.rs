use super::{Source, Web, address, named};
use base::config::{Node, json};
use http::HeaderMap;

fn source(url: &str) -> Source {
    let address = address(url, "https://registry.example").unwrap();
    Source { web: Web::new(&address, HeaderMap::new()).unwrap(), base: "/v0.1/servers".to_owned(), address }
}

fn server(url: &str) -> Node {
    json("", &serde_json::json!({"url": url}).to_string()).unwrap().root
}

#[test]
fn a81_a_public_registry_names_no_private_address() {
    let public = source("https://registry.example");
    for private in [
        "http://127.0.0.1:6379/",
        "http://localhost/mcp",
        "http://localhost./mcp",
        "http://10.1.2.3/mcp",
        "https://192.168.0.1/mcp",
        "http://169.254.169.254/latest/meta-data",
        "http://100.64.0.1/mcp",
        "http://[::1]:8080/mcp",
        "http://[::ffff:127.0.0.1]/mcp",
        "http://[fd00::1]/mcp",
        "http://0.0.0.0/mcp",
    ] {
        assert!(public.private(&server(private)).is_some(), "{private}");
        // Who runs a registry on this machine means this machine.
        assert!(source("http://127.0.0.1:4747").private(&server(private)).is_none(), "{private}");
    }
    for fine in ["https://mcp.example/mcp", "https://8.8.8.8/mcp", "https://${TENANT:-main}.mcp.example/mcp"] {
        assert!(public.private(&server(fine)).is_none(), "{fine}");
    }
    // A registry at a name or address may name just that.
    assert!(source("https://localhost:1").private(&server("https://localhost:1/mcp")).is_none());
}

#[test]
fn names_are_read_with_their_versions() {
    let read = |text: &str| named(text).ok();
    let pair = |name: &str, version: Option<&str>| Some((name.to_owned(), version.map(str::to_owned)));
    assert_eq!(read("com.example/a"), pair("com.example/a", None));
    assert_eq!(read("com.example/a@latest"), pair("com.example/a", None));
    assert_eq!(read("com.example/a_b.c@1.0.0-rc.1+7"), pair("com.example/a_b.c", Some("1.0.0-rc.1+7")));
    for wrong in ["", "a", "a/", "/a", "a/b/c", "a/b@", "a/b@1 2", "a b/c", "a/b?x", "ä/b", "a/b@1\n"] {
        assert_eq!(read(wrong), None, "{wrong:?}");
    }
}
