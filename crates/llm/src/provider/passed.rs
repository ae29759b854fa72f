//! Answers of endpoints that are passed on: pictures, sound, transcripts, and what comes of them piece by piece.

use super::headers::{is_json, is_page, is_sound, is_stream, is_text};
use super::{Reply, invalid};
use crate::failure::Failure;
use crate::request::Asked;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use inspection::dialect::Endpoint;
use inspection::meter::Meter;
use inspection::sign;
use inspection::watch::Watch;
use mcp::raw::{Index, Object};
use serde_json::value::RawValue;

/// What watches an answer that comes piece by piece; nothing where it does not, or is none of these endpoints.
///
/// Whether pictures and sound are streamed goes by what comes: a form may say it in more ways than are known here.
pub(super) fn watch(asked: &Asked, endpoint: Endpoint, told: &HeaderMap, limit: usize) -> Option<Watch> {
    if !endpoint.is_passed() {
        return None;
    }
    if is_stream(endpoint.dialect(), told) {
        let wanted = asked.stream || endpoint.is_media();
        return wanted.then(|| Watch::of_passed(endpoint, asked.answers, limit));
    }
    let sound = endpoint == Endpoint::Speech && !asked.stream && !is_json(told) && !is_text(told);
    sound.then(|| Watch::of_bytes(endpoint))
}

/// The headers of such an answer for the client, of those that a client may have.
pub(super) fn headers(endpoint: Endpoint, mut headers: HeaderMap) -> HeaderMap {
    if endpoint == Endpoint::Speech && !is_sound(&headers) && !is_stream(endpoint.dialect(), &headers) {
        // A browser is not to take it for anything else.
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    }
    headers
}

/// A transcript that is no JSON.
///
/// # Errors
/// It is something else.
pub(super) fn text(
    deployment: &str,
    endpoint: Endpoint,
    mut headers: HeaderMap,
    body: Bytes,
) -> Result<Reply, Failure> {
    let text = std::str::from_utf8(&body).ok().filter(|_| !is_page(&headers));
    let Some(text) = text else { return Err(invalid(deployment, "something that is no text")) };
    let json = serde_json::from_str::<&RawValue>(text).is_ok();
    // What is no object has no members, and so no error.
    let answer = Object::of(text, Index::read(text).unwrap_or_default());
    if sign::of_whole(endpoint, &answer) == Some(sign::ERROR) {
        return Err(Failure::of_error(deployment, text));
    }
    let mut meter = Box::new(Meter::of(endpoint));
    meter.whole(&answer);
    let named = is_text(&headers) || json && is_json(&headers);
    if !named {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    }
    Ok(Reply::Whole(headers, body, meter))
}
