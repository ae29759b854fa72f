//! The header `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date.

use base::Error;
use http::{HeaderMap, StatusCode, header};
use std::time::Duration;

/// How long the server of an answer wants to be left alone. `wall` is the time since 1970.
pub fn asked(status: StatusCode, headers: &HeaderMap, wall: Duration) -> Option<Duration> {
    if !matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        return None;
    }
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    // Some say parts of seconds.
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    // A date is by the server's clock, which it tells.
    let clock = headers.get(header::DATE).and_then(|date| since_1970(date.to_str().ok()?));
    Some(since_1970(text)?.saturating_sub(clock.unwrap_or(wall)))
}

fn since_1970(date: &str) -> Option<Duration> {
    httpdate::parse_http_date(date).ok()?.duration_since(std::time::UNIX_EPOCH).ok()
}

/// `error` with what the server asked for.
pub(super) fn told(error: Error, asked: Option<Duration>) -> Error {
    match asked {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    }
}

#[cfg(test)]
mod tests;
