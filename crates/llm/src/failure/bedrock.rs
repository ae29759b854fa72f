//! What Bedrock says of a failure beside its status.

use bytes::Bytes;
use dialects::FailureKind;
use http::{HeaderMap, StatusCode};
use inspection::dialect::Dialect;
use mcp::raw;
use serde_json::json;

/// The header that names the exception; its body does not.
const KIND: &str = "x-amzn-errortype";

/// The body of an error with the name of its exception in it, as `__type`, where other services of AWS have it.
pub(crate) fn named(headers: &HeaderMap, body: Bytes) -> Bytes {
    let kind = headers.get(KIND).and_then(|value| value.to_str().ok());
    let text = std::str::from_utf8(&body).unwrap_or_default();
    let is_object = raw::is_object(text) && serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok();
    let Some(kind) = kind.filter(|_| !is_object || raw::get(text, "__type").is_none()) else { return body };
    let words = ["message", "Message"].iter().find_map(|name| raw::get(text, name).and_then(raw::text));
    let words = words.filter(|_| is_object).unwrap_or(text.trim().into());
    json!({"__type": kind, "message": words}).to_string().into()
}

/// The status that says what is meant. Those that Bedrock answers with say less than the names of its exceptions:
/// <https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html>.
pub(super) fn meant(status: StatusCode, text: &str) -> u16 {
    let status = status.as_u16();
    let kind = dialects::read_failure(Dialect::Bedrock, status, text).kind;
    match (status, kind) {
        // The model failed, whatever it was asked.
        (424, _) => 502,
        // A quota of the account, which is there again later.
        (400, FailureKind::Billing | FailureKind::RateLimit) => 429,
        (400, FailureKind::Authentication | FailureKind::Permission) => 403,
        (status, _) => status,
    }
}

#[cfg(test)]
mod tests;
