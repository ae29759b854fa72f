//! Headers of answers: what they say of the body, and what of them goes to clients.

use crate::mask::Mask;
use dialects::Losses;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use inspection::dialect::Dialect;

/// How headers of a provider begin that a client can use.
const TO_CLIENTS: [&str; 6] =
    ["x-request-id", "request-id", "x-ratelimit-", "anthropic-ratelimit-", "openai-processing-ms", "x-amzn-requestid"];

/// The header that says what could not be told to the provider, or to the client.
const LOST: &str = "x-tutti-lost";

/// The header with which a client has requests refused that a provider cannot be told whole, and answers that it cannot be.
const STRICT: &str = "x-tutti-strict";

/// Whether a client with these headers wants nothing left out.
pub(crate) fn is_strict(given: &HeaderMap) -> bool {
    given.get(STRICT).is_some_and(|value| value.as_bytes() == b"true")
}

/// Says of what type a translated answer is, and what is not in it.
pub(super) fn tell(headers: &mut HeaderMap, kind: &'static str, losses: &Losses) {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if !losses.is_empty()
        && let Ok(value) = HeaderValue::from_str(&losses.to_string())
    {
        headers.insert(LOST, value);
    }
}

/// What an answer with these headers lost.
pub(crate) fn lost(headers: &HeaderMap) -> Option<&str> {
    headers.get(LOST)?.to_str().ok()
}

/// Adds what nothing is done about of what a client wants.
pub(crate) fn add_lost(headers: &mut HeaderMap, unheeded: &Losses) {
    let unheeded = unheeded.to_string();
    let all = match lost(headers) {
        None => unheeded,
        // A part of a strategy has told it already.
        Some(before) if before.ends_with(&unheeded) => return,
        Some(before) => format!("{before}, {unheeded}"),
    };
    if let Ok(value) = HeaderValue::from_str(&all) {
        headers.insert(LOST, value);
    }
}

/// Whether an answer comes in lines, as a stream of this dialect does.
pub(super) fn is_stream(dialect: Dialect, headers: &HeaderMap) -> bool {
    let kind = kind(headers);
    // What Ollama streams are lines of JSON, which not all that are like it name so.
    let expected: &[&str] = match dialect {
        Dialect::Ollama => &["application/x-ndjson", "application/ndjson", "application/json"],
        Dialect::Bedrock => &["application/vnd.amazon.eventstream"],
        _ => &["text/event-stream"],
    };
    expected.iter().any(|expected| kind.eq_ignore_ascii_case(expected))
}

/// What of a provider's headers a client can use, and may know.
pub(super) fn for_clients(headers: &HeaderMap, mask: &Mask) -> HeaderMap {
    let useful = |name: &HeaderName| {
        TO_CLIENTS.iter().any(|begin| name.as_str().starts_with(begin)) || *name == header::CONTENT_TYPE
    };
    let mut kept = HeaderMap::new();
    for (name, value) in headers.iter().filter(|(name, value)| useful(name) && !mask.finds(value.as_bytes())) {
        kept.append(name.clone(), value.clone());
    }
    kept
}

/// Whether a body is compressed, so that its size could be anything.
pub(super) fn is_encoded(headers: &HeaderMap) -> bool {
    let encoding = headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
    encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case(b"identity"))
}

pub(super) fn is_json(headers: &HeaderMap) -> bool {
    kind(headers).eq_ignore_ascii_case("application/json")
}

/// Whether a body says that it is for people to read.
pub(super) fn is_text(headers: &HeaderMap) -> bool {
    kind(headers).get(..5).is_some_and(|begin| begin.eq_ignore_ascii_case("text/"))
}

/// Whether a body says that it is sound.
pub(super) fn is_sound(headers: &HeaderMap) -> bool {
    kind(headers).get(..6).is_some_and(|begin| begin.eq_ignore_ascii_case("audio/"))
}

/// Whether a body says that it is a page for a browser.
pub(super) fn is_page(headers: &HeaderMap) -> bool {
    kind(headers).eq_ignore_ascii_case("text/html")
}

/// The type of a body, without what stands behind it.
fn kind(headers: &HeaderMap) -> &str {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim()
}
