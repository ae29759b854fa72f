use super::Guard;
use crate::keys::{Keys, Shown, check};
use base::{Code, Secret};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};

const KEY: &str = "3q2+7wAAa9XkLmNopQrStUvW";

fn guard(listen: &str, key: Option<&str>) -> Guard {
    Guard::new(listen.parse().unwrap(), &Keys::of_operator(key.map(|key| Secret::new(key.to_owned())))).unwrap()
}

fn verdict(guard: &Guard, headers: &[(&'static str, &str)], uri: &str) -> Option<Code> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    let uri = uri.parse::<Uri>().unwrap();
    guard.admit(&uri, &map, crate::models::Path::of(uri.path()).is_some()).err().map(|error| error.code())
}

#[test]
fn a03_foreign_hosts_are_refused() {
    let guard = guard("127.0.0.1:4747", None);
    for host in ["127.0.0.1:4747", "localhost:4747", "LOCALHOST", "[::1]:4747", "127.0.0.1"] {
        assert_eq!(verdict(&guard, &[("host", host)], "/mcp"), None, "{host}");
    }
    for host in [
        "evil.example",
        "evil.example:4747",
        "localhost.evil.example",
        "10.0.0.1",
        "x/admin?",
        "localhost:80/x",
        "user@localhost",
        "",
        "[::1",
        "[127.0.0.1",
        "[[::1]:8",
        "localhost:x",
        "localhost:99999",
        "0.0.0.0",
    ] {
        assert_eq!(verdict(&guard, &[("host", host)], "/mcp"), Some(Code::HostRefused), "{host}");
    }
    assert_eq!(verdict(&guard, &[], "/mcp"), Some(Code::HostRefused));
    let twice = [("host", "localhost"), ("host", "localhost")];
    assert_eq!(verdict(&guard, &twice, "/mcp"), Some(Code::HostRefused));
}

#[test]
fn a04_pages_of_other_sites_are_refused() {
    let guard = guard("127.0.0.1:4747", None);
    let with = |origin| verdict(&guard, &[("host", "localhost:4747"), ("origin", origin)], "/mcp");
    assert_eq!(with("http://localhost:4747"), None);
    for origin in
        ["https://evil.example", "null", "", "http://localhost:3000", "http://localhost:4747.evil.example", "file://"]
    {
        assert_eq!(with(origin), Some(Code::OriginRefused), "{origin}");
    }
}

#[test]
fn the_key_is_wanted_when_there_is_one() {
    let guard = guard("0.0.0.0:4747", Some(KEY));
    let with = |value: &str| verdict(&guard, &[("host", "hub.example"), ("authorization", value)], "/mcp");
    assert_eq!(with(&format!("Bearer {KEY}")), None);
    assert_eq!(with(&format!("bearer {KEY}")), None);
    for wrong in ["Bearer x", "Bearer", "", "Basic abc", KEY, &format!("Bearer {KEY}x"), "Bärer x"] {
        assert_eq!(with(wrong).unwrap().http_status(), 401, "{wrong}");
    }
    assert_eq!(verdict(&guard, &[("host", "hub.example")], "/mcp"), Some(Code::KeyMissing));
}

#[test]
fn a68_keys_in_addresses_are_refused() {
    let guard = guard("127.0.0.1:4747", Some(KEY));
    let uri = format!("/mcp?x=1&Access_Token={KEY}");
    assert_eq!(verdict(&guard, &[("host", "localhost")], &uri), Some(Code::KeyInAddress));
}

#[test]
fn a07_weak_keys_and_open_doors_are_refused() {
    for weak in
        ["", "short", "changeme", &"a".repeat(64), "passwordpasswordpassword", "with space with space 1234567890"]
    {
        assert_eq!(check(&Secret::new(weak.to_owned()), "the key").unwrap_err().code(), Code::KeyWeak, "{weak}");
    }
    let open = Guard::new("0.0.0.0:4747".parse().unwrap(), &Keys::default());
    assert_eq!(open.err().map(|error| error.code()), Some(Code::KeyNeeded));
}

/// Attack: what needs no key because it is signed lets nobody in elsewhere, and no page of another site.
#[test]
fn who_shows_no_key_where_signatures_count_is_a_stranger() {
    let guard = guard("127.0.0.1:4747", Some(KEY));
    let come = |headers: &[(&'static str, &str)]| {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        let uri = "/api/v1/webhooks/events".parse::<Uri>().unwrap();
        guard.admit_signed(&uri, &map, &Shown::default()).map_err(|error| error.code())
    };
    let host = ("host", "localhost:4747");
    let stranger = come(&[host]).unwrap();
    assert!(!stranger.is_operator() && !stranger.may_see("all") && !stranger.caller().may_ask("m"));
    assert!(come(&[host, ("authorization", &format!("Bearer {KEY}"))]).unwrap().is_operator());
    assert_eq!(come(&[host, ("authorization", "Bearer other")]).err(), Some(Code::KeyWrong));
    assert_eq!(come(&[("host", "evil.example")]).err(), Some(Code::HostRefused));
    assert_eq!(come(&[host, ("origin", "https://evil.example")]).err(), Some(Code::OriginRefused));
    for path in ["/api/v1/webhooks/events", "/api/v1/webhooks/a-b_c"] {
        assert!(crate::api::table::is_signed(path), "{path}");
    }
    for path in ["/api/v1/webhooks", "/api/v1/webhooks/a/b", "/api/v1/runs", "/api/v1/webhooks/events/", "/mcp"] {
        assert!(!crate::api::table::is_signed(path), "{path}");
    }
}
