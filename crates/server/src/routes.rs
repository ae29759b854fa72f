//! Every path that is served, in one table.

use crate::{Shared, api, mcp};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{any, get, post};
use base::{Code, Error};
use http::{HeaderValue, StatusCode, header};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// All paths, behind the guard.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/mcp", any(mcp::http::all))
        .route("/mcp/{view}", any(mcp::http::named))
        .route("/healthz", get(api::health))
        .route("/readyz", get(api::ready))
        .route("/api/v1/servers", get(api::servers))
        .route("/api/v1/servers/{name}", get(api::server))
        .route("/api/v1/servers/{name}/logs", get(api::logs))
        .route("/api/v1/servers/{name}/restart", post(api::restart))
        .fallback(missing)
        .method_not_allowed_fallback(wrong_method)
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&shared), admit))
        .with_state(shared)
}

/// Lets a request in or not, and counts those that are in.
async fn admit(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if let Err(error) = shared.guard.admit(request.uri(), request.headers()) {
        return refusal(&error);
    }
    let count = shared.in_flight.fetch_add(1, Ordering::Relaxed);
    let _leave = Leave(&shared);
    if count >= shared.limits.requests {
        let message = format!("the hub has {count} requests in flight, as many as it takes");
        return refusal(&Error::new(Code::TooBusy, message, "try again shortly"));
    }
    next.run(request).await
}

struct Leave<'a>(&'a Shared);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn missing(request: Request) -> Response {
    let path: String = request.uri().path().chars().take(100).collect();
    refusal(&Error::new(Code::PathNotFound, format!("nothing is served under {path}"), "clients connect to /mcp"))
}

async fn wrong_method(request: Request) -> Response {
    let message = format!("the method {} is not served here", request.method());
    refusal(&Error::new(Code::MethodNotAllowed, message, "see the reference of the API for the methods of each path"))
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
pub(crate) fn plain_json(text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
