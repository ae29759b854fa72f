//! The HTTP side of a WebSocket: what each end says and checks (RFC 6455, section 4).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};

/// The subprotocol.
pub const PROTOCOL: &str = "mcp";

/// The version of the frames.
pub const VERSION: &str = "13";

/// What section 1.3 has both ends append to the key, so that only who knows the protocol can answer.
const SALT: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// A key for a handshake.
pub fn key() -> base::Result<String> {
    Ok(STANDARD.encode(base::random::bytes::<16>()?))
}

/// The proof that a server has read `key`.
pub fn accept(key: &str) -> String {
    STANDARD.encode(base::random::sha1(format!("{key}{SALT}").as_bytes()))
}

/// Whether a message asks for, or agrees to, changing to WebSocket frames.
pub fn is_upgrade(headers: &HeaderMap) -> bool {
    names(headers, header::UPGRADE.as_str(), "websocket") && names(headers, header::CONNECTION.as_str(), "upgrade")
}

/// Whether the subprotocol is among those that a client offers; `None` where it offers none at all.
pub fn offers_protocol(headers: &HeaderMap) -> Option<bool> {
    let header = header::SEC_WEBSOCKET_PROTOCOL;
    headers.contains_key(&header).then(|| names(headers, header.as_str(), PROTOCOL))
}

/// Whether a header that is a list has a member, in any case.
fn names(headers: &HeaderMap, name: &str, member: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|one| one.trim().eq_ignore_ascii_case(member))
}
