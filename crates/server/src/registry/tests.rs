use super::{Settings, Shop, is_address, is_namespace};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tools::View;

fn view(name: &str, servers: &[(&str, usize)]) -> View {
    let mut view = View::default();
    view.name = name.to_owned();
    view.counts = servers.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    view.upstreams = Arc::new(servers.iter().map(|(name, _)| (*name).to_owned()).collect());
    view
}

fn shop(keyed: bool) -> Shop<'static> {
    Shop { namespace: "com.example", url: "https://hub.example.com", keyed, since: Duration::from_secs(1_700_000_000) }
}

#[test]
fn a_view_is_a_server_with_an_address() {
    let entry = shop(false).entry(&view("mail", &[("post", 2), ("imap", 3)]));
    assert_eq!(
        entry["server"],
        json!({
            "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
            "name": "com.example/mail", "title": "mail", "description": "5 tools of imap, post", "version": super::VERSION,
            "remotes": [{"type": "streamable-http", "url": "https://hub.example.com/mcp/mail"}],
        })
    );
    assert_eq!(entry["_meta"][super::OFFICIAL]["publishedAt"], "2023-11-14T22:13:20Z");
    let all = shop(true).entry(&view("all", &[]));
    assert_eq!(all["server"]["remotes"][0]["url"], "https://hub.example.com/mcp");
    assert_eq!(all["server"]["remotes"][0]["headers"][0]["value"], "Bearer {key}");
    assert_eq!(all["server"]["description"], "0 tools of no server");
}

#[test]
fn a_long_description_is_cut_as_the_schema_wants_it() {
    let names: Vec<String> = (0..40).map(|number| format!("server-{number}")).collect();
    let servers: Vec<(&str, usize)> = names.iter().map(|name| (name.as_str(), 1)).collect();
    let entry = shop(false).entry(&view("all", &servers));
    assert_eq!(entry["server"]["description"].as_str().unwrap().chars().count(), 100);
}

#[test]
fn names_lead_back_to_views() {
    assert_eq!(shop(false).view("com.example/mail"), Some("mail"));
    for other in ["com.example", "com.examplemail", "com.example.x/mail", "mail", ""] {
        assert_eq!(shop(false).view(other), None, "{other}");
    }
    assert_eq!(Settings::default(), Settings { namespace: "local.tutti".to_owned(), url: None });
}

#[test]
fn namespaces_and_addresses_are_checked() {
    for fine in ["com.example", "io.github.some-one", "a.b.c"] {
        assert!(is_namespace(fine), "{fine}");
    }
    for wrong in ["", "example", ".com", "com.", "com..example", "com.exämple", "com.-x", "com/example", "a b.c"] {
        assert!(!is_namespace(wrong), "{wrong}");
    }
    for fine in ["https://hub.example.com", "http://10.0.0.1:4747", "https://example.com/tutti", "http://[::1]:80"] {
        assert!(is_address(fine), "{fine}");
    }
    for wrong in ["hub.example.com", "https://", "ftp://x", "https://a b", "https://x?y", "https://me@x", "https:///x"]
    {
        assert!(!is_address(wrong), "{wrong}");
    }
}
