//! The `Mcp-*` headers of the modern era (specification 2026-07-28, transports).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;

/// Names of headers, in lower case.
pub const PROTOCOL_VERSION: &str = "mcp-protocol-version";
/// See [`PROTOCOL_VERSION`].
pub const METHOD: &str = "mcp-method";
/// The tool, prompt or resource that a request is about.
pub const NAME: &str = "mcp-name";
/// The session of a legacy client.
pub const SESSION: &str = "mcp-session-id";
/// The event after which a legacy stream is taken up again.
pub const LAST_EVENT: &str = "last-event-id";

/// `value` as a header carries it: as it is when it is plain ASCII, otherwise as `=?base64?…?=`.
pub fn encode(value: &str) -> Cow<'_, str> {
    let plain = value.bytes().all(|byte| (0x20..0x7f).contains(&byte)) && value.trim() == value;
    if plain && !value.starts_with("=?base64?") {
        return Cow::Borrowed(value);
    }
    Cow::Owned(format!("=?base64?{}?=", STANDARD.encode(value)))
}

/// The value that a header carries. Nothing when the encoding is broken. What lacks one of the two marks is meant as it
/// stands.
pub fn decode(header: &str) -> Option<Cow<'_, str>> {
    let Some(inner) = header.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) else {
        return Some(Cow::Borrowed(header));
    };
    let bytes = STANDARD.decode(inner).ok()?;
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests;
