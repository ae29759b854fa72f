//! Which path leads where. Those of the API stand in its table (`api/table.rs`).

use crate::answer::refusal;
use crate::guard::Guard;
use crate::places::Place;
use crate::{Shared, api, mcp};
use api::document::Document;
use api::operation::Operation;
use api::table::{self, OPERATIONS};
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use base::{Code, Error};
use hyper::body::Incoming;
use hyper::service::Service;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio_util::sync::CancellationToken;
use tools::hub::DEFAULT_VIEW;
use tools::mode::Variant;
use tower::ServiceExt as _;

/// Answers requests: the guard, then the endpoint, then all other paths.
///
/// The endpoint is not one of the router's paths: matching, layers and extractors would cost a tenth of a whole call.
#[derive(Clone)]
pub(crate) struct Routes {
    shared: Arc<Shared>,
    others: Router,
    /// Who may come in where only numbers are served; elsewhere the server's own guard decides.
    guard: Option<Arc<Guard>>,
    /// Closes the connection that is served.
    hangup: CancellationToken,
    /// The place that the connection has.
    place: Option<Arc<Place>>,
}

impl Routes {
    /// All paths; `metrics` says whether the numbers are among them.
    pub(crate) fn new(shared: Arc<Shared>, metrics: bool) -> Self {
        let served = || OPERATIONS.iter().filter(|operation| metrics || operation.path != table::METRICS);
        let document = Document::of(served(), shared.guard.wants_key());
        let add = |router: Router<_>, operation: &Operation| {
            router.route(operation.path, (operation.handler)(operation.verb.filter()))
        };
        let others = served()
            .fold(Router::new(), add)
            .fallback(missing)
            .method_not_allowed_fallback(wrong_method)
            .layer(Extension(document))
            .with_state(Arc::clone(&shared));
        Self { shared, others, guard: None, hangup: CancellationToken::new(), place: None }
    }

    /// The paths of an address that whoever reaches it may ask: numbers, and whether the hub is well.
    pub(crate) fn of_metrics(shared: Arc<Shared>, guard: Guard) -> Self {
        let others = Router::new()
            .route(table::METRICS, get(api::metrics))
            .route("/healthz", get(api::alive))
            .route("/readyz", get(api::serving))
            .fallback(missing)
            .method_not_allowed_fallback(wrong_method)
            .with_state(Arc::clone(&shared));
        Self { shared, others, guard: Some(Arc::new(guard)), hangup: CancellationToken::new(), place: None }
    }

    /// The same for one connection, which `hangup` closes and which has this place.
    pub(crate) fn on(self, hangup: CancellationToken, place: Arc<Place>) -> Self {
        Self { hangup, place: Some(place), ..self }
    }

    async fn answer(self, request: http::Request<Incoming>) -> Response {
        let shared = &self.shared;
        let endpoint = self.guard.is_none();
        let guard = self.guard.as_deref().unwrap_or(&shared.guard);
        if let Err(error) = guard.admit(request.uri(), request.headers()) {
            return refusal(&error);
        }
        let count = shared.in_flight.fetch_add(1, Ordering::Relaxed);
        let _leave = Leave(shared);
        // A hub with too much to do can still be looked at.
        if endpoint && count >= shared.limits.requests {
            let message = format!("the hub has {count} requests in flight, as many as it takes");
            return refusal(&Error::new(Code::TooBusy, message, "try again shortly"));
        }
        let path = request.uri().path();
        let variant = match Variant::of_query(request.uri().query()) {
            Ok(variant) => variant,
            Err(error) if endpoint && is_mcp(path) => return refusal(&error),
            Err(_) => Variant::default(),
        };
        if let Some(view) = view_of(path, "/mcp").filter(|_| endpoint).map(|view| variant.name(view)) {
            return mcp::http::serve(shared, &view, request, &self.hangup).await;
        }
        match Older::of(path, variant).filter(|_| endpoint) {
            Some(Older::Socket(view)) => mcp::websocket::serve(shared, &view, request, self.place.clone()),
            Some(Older::Stream(view)) => mcp::events::open(shared, &view, request.method(), request.headers()),
            Some(Older::Messages) => mcp::events::post(shared, request).await,
            None => match self.others.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            },
        }
    }
}

impl Service<http::Request<Incoming>> for Routes {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn call(&self, request: http::Request<Incoming>) -> Self::Future {
        let routes = self.clone();
        Box::pin(async move {
            let telemetry = routes.shared.hub.telemetry().clone();
            let response = routes.answer(request).await;
            telemetry.response(response.status().as_u16());
            Ok(response)
        })
    }
}

/// The endpoints of the other transports.
enum Older {
    Socket(String),
    Stream(String),
    Messages,
}

impl Older {
    fn of(path: &str, variant: Variant) -> Option<Self> {
        let view = |endpoint: &str| view_of(path, endpoint).map(|view| variant.name(view));
        let messages = || (path == "/messages").then_some(Older::Messages);
        view("/ws").map(Older::Socket).or_else(|| view("/sse").map(Older::Stream)).or_else(messages)
    }
}

/// The view that a path names. Names of views are plain, so a path with escapes names none.
fn view_of<'a>(path: &'a str, endpoint: &str) -> Option<&'a str> {
    match path.strip_prefix(endpoint)? {
        "" => Some(DEFAULT_VIEW),
        rest => rest.strip_prefix('/').filter(|view| !view.is_empty() && !view.contains('/')),
    }
}

/// Whether clients of the protocol connect to this path.
fn is_mcp(path: &str) -> bool {
    ["/mcp", "/ws", "/sse"].iter().any(|endpoint| view_of(path, endpoint).is_some())
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
    refusal(&Error::new(Code::MethodNotAllowed, message, "/api/v1/openapi.json tells the methods of each path"))
}
