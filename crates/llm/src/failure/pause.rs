//! How long a provider wants to be left alone, in the ways in which providers say it.

use base::json;
use http::{HeaderMap, StatusCode};
use mcp::client::http::retry_after;
use std::time::Duration;

/// The header in which OpenAI and Azure say it in milliseconds.
const MILLISECONDS: &str = "retry-after-ms";

/// How long the provider of an answer with this status wants to be left alone, if it says so. `wall` is the time since 1970.
pub(crate) fn asked(status: StatusCode, headers: &HeaderMap, body: &[u8], wall: Duration) -> Option<Duration> {
    // Where a provider is out of order the header means the same, also with a status of its own such as 529.
    let busy = if status.is_server_error() { StatusCode::SERVICE_UNAVAILABLE } else { status };
    retry_after::asked(busy, headers, wall).or_else(|| {
        let busy = matches!(busy, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        busy.then(|| milliseconds(headers).or_else(|| in_details(body)))?
    })
}

fn milliseconds(headers: &HeaderMap) -> Option<Duration> {
    let told: f64 = headers.get(MILLISECONDS)?.to_str().ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(told / 1000.0).ok()
}

/// What Google says in the body: `retryDelay` of a `google.rpc.RetryInfo` (google/rpc/error_details.proto), such as `"34.07s"`.
fn in_details(body: &[u8]) -> Option<Duration> {
    let body = json::from_text(std::str::from_utf8(body).ok()?).ok()?;
    // A stream that fails before it begins is a list.
    let error = body.get(0).unwrap_or(&body).get("error")?;
    let info = error.get("details")?.as_array()?.iter().find_map(|detail| detail.get("retryDelay")?.as_str())?;
    Duration::try_from_secs_f64(info.strip_suffix('s')?.parse().ok()?).ok()
}

#[cfg(test)]
mod tests;
