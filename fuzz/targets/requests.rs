//! Requests of modern clients: what their headers say of their body is what it says.

use super::input;
use http::{HeaderMap, HeaderName, HeaderValue};
use mcp::{Message, header};
use serde_json::Value;
use std::borrow::Cow;

pub(crate) fn feed(data: &[u8]) {
    let [head, body] = input::parts(data);
    let Ok(message) = Message::from_bytes(body.to_vec()) else { return };
    let mut headers = HeaderMap::new();
    for line in head.split(|byte| *byte == b'\n') {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value.get(1..).unwrap_or_default().trim_ascii()))
        {
            headers.append(name, value);
        }
    }
    let Ok(digest) = server::mcp::check_request(&headers, &message) else { return };
    // A request that says a thing twice is refused behind this.
    if input::says_twice(message.body().unwrap_or("{}")) {
        return;
    }
    let params = message.body().and_then(input::object).unwrap_or_default();
    let said = |name: &str| {
        assert!(headers.get_all(name).iter().count() <= 1, "{name} stands there twice");
        headers.get(name).and_then(|value| value.to_str().ok()).and_then(header::decode).map(Cow::into_owned)
    };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let meta = params.get("_meta").and_then(|meta| meta.get(mcp::version::meta::PROTOCOL_VERSION));
    assert_eq!(said(header::PROTOCOL_VERSION), Some(text(meta)), "version");
    assert_eq!(said(header::METHOD).as_deref(), message.method().map(mcp::Method::name), "method");
    let key = match message.method().map(mcp::Method::name) {
        Some("tools/call" | "prompts/get") => "name",
        Some("resources/read") => "uri",
        _ => return,
    };
    assert_eq!(said(header::NAME), Some(text(params.get(key))), "name");
    // The state of an earlier round is no part of what the call is, and everything else is.
    let again = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
        let mut params = params.clone();
        change(&mut params);
        let body = serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": message.method().map(mcp::Method::name), "params": params});
        let message = Message::parse(body.to_string()).unwrap_or_else(|why| panic!("no message: {why}"));
        server::mcp::check_request(&headers, &message).ok()
    };
    let same = again(&|params| drop(params.insert("requestState".to_owned(), Value::from("s"))));
    assert_eq!(same.as_ref(), Some(&digest), "another state is another call");
    let other = again(&|params| {
        let changed = serde_json::json!({"changed": params.get("arguments")});
        params.insert("arguments".to_owned(), changed);
    });
    assert!(other.is_some_and(|other| other != digest), "other arguments are the same call");
}
