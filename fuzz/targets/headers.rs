//! Values of the `Mcp-*` headers, and of `Retry-After`.

use super::input;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use mcp::client::http::retry_after;
use mcp::websocket;
use std::time::Duration;

pub(crate) fn feed(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let written = mcp::header::encode(text);
        assert!(HeaderValue::from_str(&written).is_ok(), "cannot stand in a header: {written}");
        assert_eq!(mcp::header::decode(written.trim()).as_deref(), Some(text), "what was written");
        let _ = mcp::header::decode(text);
    }
    let [wait, upgrade, connection] = input::parts(data);
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (header::RETRY_AFTER, wait),
        (header::UPGRADE, upgrade),
        (header::CONNECTION, connection),
        (header::SEC_WEBSOCKET_PROTOCOL, connection),
    ] {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(name, value);
        }
    }
    let wall = Duration::from_secs(1_800_000_000);
    assert_eq!(retry_after::asked(StatusCode::OK, &headers, wall), None);
    let asked = retry_after::asked(StatusCode::TOO_MANY_REQUESTS, &headers, wall);
    if let (Some(asked), Ok(text)) = (asked, std::str::from_utf8(wait))
        && let Ok(seconds) = text.trim().parse::<u64>()
    {
        assert_eq!(asked.as_secs(), seconds);
    }
    let _ = (websocket::is_upgrade(&headers), websocket::offers_protocol(&headers));
}
