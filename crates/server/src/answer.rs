//! Answers as HTTP responses.

use crate::body::{Encode, Events};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use base::{Code, Error};
use http::{HeaderValue, StatusCode, header};

/// An error that a handler may end with by `?`.
pub(crate) struct Refusal(Error);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        refusal(&self.0)
    }
}

/// An error as the answer to a request that has no JSON-RPC id.
pub(crate) fn refusal(error: &Error) -> Response {
    json(status(error), ::mcp::write::error("null", error), error.code())
}

/// The HTTP status of an error.
pub(crate) fn status(error: &Error) -> StatusCode {
    StatusCode::from_u16(error.code().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// JSON as an answer. The challenge tells a client without a key what kind it needs (RFC 6750, section 3).
pub(crate) fn json(status: StatusCode, text: String, code: Code) -> Response {
    let mut response = plain_json(text);
    *response.status_mut() = status;
    if matches!(code, Code::KeyMissing | Code::KeyWrong) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// JSON as an answer that all went well.
pub(crate) fn plain_json(json: String) -> Response {
    text(json, "application/json")
}

/// Text of this type as an answer that all went well.
pub(crate) fn text(text: String, content_type: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// The type of a stream of events.
pub(crate) const EVENTS: &str = "text/event-stream";

/// A stream of events as an answer.
pub(crate) fn events(events: Events<impl Encode + Send + 'static>) -> Response {
    let mut response = Response::new(Body::new(events));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(EVENTS));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    // Some reverse proxies gather a stream until it ends unless they are told not to.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// An answer that says no more than its status.
pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
