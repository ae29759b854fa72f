//! Which path leads where. Those of the API stand in its table (`api/table.rs`).

use crate::answer::{EVENTS, refusal};
use crate::body::Until;
use crate::guard::Guard;
use crate::keys::{Shown, Visitor};
use crate::models::Path;
use crate::runs::Runs;
use crate::secrets::Secrets;
use crate::{Shared, api, mcp, models};
use api::document::Documents;
use api::operation::Operation;
use api::table;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use base::{Code, Error, task};
use entrances::Webhooks;
use http::{HeaderValue, header};
use hyper::body::Incoming;
use hyper::service::Service;
use inspection::dialect::Dialect;
use resilience::places::Place;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio_util::sync::CancellationToken;
use tools::hub::DEFAULT_VIEW;
use tools::mode::Variant;
use tower::ServiceExt as _;

/// How clients read errors that ask for what of Ollama is not served.
static OF_OLLAMA: Path = Path::List(Dialect::Ollama);

/// What carries runs out, and what begins them by requests from outside.
type Carried = (Option<Arc<dyn Runs>>, Option<Arc<Webhooks>>);

/// Answers requests: the guard, then the endpoint, then all other paths.
///
/// The endpoint is not one of the router's paths: matching, layers and extractors would cost a tenth of a whole call.
#[derive(Clone)]
pub(crate) struct Routes(Arc<Parts>);

#[derive(Clone)]
struct Parts {
    shared: Arc<Shared>,
    others: Router,
    /// Where requests are booked that were made with a prompt.
    prompts: Option<prompts::Library>,
    /// Who may come in where only numbers are served; elsewhere the server's own guard decides.
    guard: Option<Arc<Guard>>,
    /// Closes the connection that is served.
    hangup: CancellationToken,
    /// The place that the connection has.
    place: Option<Arc<Place>>,
    /// What was shown for a key on the connection.
    shown: Arc<Shown>,
}

impl Routes {
    /// All paths; `metrics` says whether the numbers are among them.
    pub(crate) fn new(
        shared: Arc<Shared>,
        metrics: bool,
        (secrets, prompts, (runs, webhooks)): (Arc<dyn Secrets>, prompts::Library, Carried),
    ) -> Self {
        let served = || table::all().filter(|operation| metrics || operation.path != table::METRICS);
        let document = Documents::of(served);
        let add = |router: Router<_>, operation: &Operation| {
            router.route(operation.path, (operation.handler)(operation.verb.filter()))
        };
        let others = served()
            .fold(Router::new(), add)
            .fallback(missing)
            .method_not_allowed_fallback(wrong_method)
            .layer(Extension(document))
            .layer(Extension(secrets))
            .layer(Extension(prompts.clone()))
            .layer(Extension(runs))
            .layer(Extension(webhooks))
            .with_state(Arc::clone(&shared));
        let (prompts, shown, hangup) = (Some(prompts), Arc::default(), CancellationToken::new());
        Self::from(Parts { shared, others, prompts, guard: None, hangup, place: None, shown })
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
        Self::from(Parts {
            shared,
            others,
            prompts: None,
            guard: Some(Arc::new(guard)),
            hangup: CancellationToken::new(),
            place: None,
            shown: Arc::default(),
        })
    }

    /// The same for one connection, which `hangup` closes and which has this place.
    pub(crate) fn on(&self, hangup: CancellationToken, place: Arc<Place>) -> Self {
        Self::from(Parts { hangup, place: Some(place), shown: Arc::default(), ..Parts::clone(&self.0) })
    }
}

impl From<Parts> for Routes {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Parts {
    async fn answer(&self, request: http::Request<Incoming>) -> Response {
        let shared = &self.shared;
        let endpoint = self.guard.is_none();
        let guard = self.guard.as_deref().unwrap_or(&shared.guard);
        let of_models = Path::of(request.uri().path());
        let before = (of_models.is_some(), &*self.shown);
        let signed = endpoint && of_models.is_none() && table::is_signed(request.uri().path());
        let visitor = match signed {
            true => guard.admit_signed(request.uri(), request.headers(), &self.shown),
            false => guard.admit_again(request.uri(), request.headers(), before),
        };
        let of_models = of_models.filter(|_| endpoint);
        let visitor = match visitor {
            Ok(visitor) => visitor,
            Err(error) => {
                let unserved = (endpoint && is_of_ollama(request.uri().path())).then_some(&OF_OLLAMA);
                return refusal_at(of_models.as_ref().or(unserved), &error);
            }
        };
        let count = shared.in_flight.fetch_add(1, Ordering::Relaxed);
        let _leave = Leave(shared);
        // A hub with too much to do can still be looked at.
        if endpoint && count >= shared.limits.requests {
            let message = format!("the hub has {count} requests in flight, as many as it takes");
            let error = Error::new(Code::TooBusy, message, "try again shortly");
            return refusal_at(of_models.as_ref(), &error);
        }
        if let Some(path) = of_models {
            return models::serve((shared, self.prompts.as_ref()), &visitor, path, request).await;
        }
        let path = request.uri().path();
        let variant = match Variant::of_query(request.uri().query()) {
            Ok(variant) => variant,
            Err(error) if endpoint && is_mcp(path) => return refusal(&error),
            Err(_) => Variant::default(),
        };
        if let Some(view) = view_of(path, "/mcp").filter(|_| endpoint).map(|view| variant.name(view)) {
            // What this needs is large, and no other request should have to carry it along.
            let served = Box::pin(mcp::http::serve(shared, &visitor, &view, request, &self.hangup)).await;
            return until_revoked(served, &visitor);
        }
        match Older::of(path, variant).filter(|_| endpoint) {
            Some(Older::Socket(view)) => mcp::websocket::serve(shared, &visitor, &view, request, self.place.clone()),
            Some(Older::Stream(view)) => {
                let asked = (request.method(), request.headers());
                until_revoked(mcp::events::open(shared, &visitor, &view, asked), &visitor)
            }
            Some(Older::Messages) => Box::pin(mcp::events::post(shared, &visitor, request)).await,
            None if endpoint && is_of_ollama(path) => refusal_at(Some(&OF_OLLAMA), &nothing_under(path)),
            None if !visitor.is_operator() && !table::is_open(path) => restricted(&visitor),
            None => match self.others.clone().oneshot(of(request, visitor)).await {
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
        let parts = Arc::clone(&self.0);
        task::boxed(|| async move {
            let response = parts.answer(request).await;
            parts.shared.hub.telemetry().response(response.status().as_u16());
            Ok(response)
        })
    }
}

/// An error as those who ask here read errors: clients of models as their dialect says.
fn refusal_at(models: Option<&Path>, error: &Error) -> Response {
    models.map_or_else(|| refusal(error), |path| models::refusal(path, error))
}

/// A stream ends when whoever reads it may not come in any more; all else ends by itself.
fn until_revoked(response: Response, visitor: &Visitor) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if kind != Some(EVENTS.as_bytes()) {
        return response;
    }
    let revoked = visitor.revoked.clone();
    response.map(|body| Body::new(Until::new(body, revoked)))
}

/// The answer to a key of a client that asks for what is not for clients. It does not tell what there is.
fn restricted(visitor: &Visitor) -> Response {
    tracing::info!(principal = &*visitor.principal, "the key of a client was shown where only that of the hub opens");
    let message = format!("the key of `{}` opens the endpoints of the protocol, and nothing else", visitor.principal);
    let next = "connect to /mcp; everything else wants the hub's own `key`";
    refusal(&Error::new(Code::KeyRestricted, message, next))
}

/// The request with who sent it.
fn of<B>(mut request: http::Request<B>, visitor: Arc<Visitor>) -> http::Request<B> {
    request.extensions_mut().insert(visitor);
    request
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

/// Whether only clients of Ollama ask for this path; all others of the hub below `/api/` say their version first, such as `v1`.
fn is_of_ollama(path: &str) -> bool {
    let first = path.strip_prefix("/api/").map(|rest| rest.split('/').next().unwrap_or_default());
    let version =
        |word: &str| word.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    first.is_some_and(|word| !version(word))
}

struct Leave<'a>(&'a Shared);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn missing(request: Request) -> Response {
    refusal(&nothing_under(request.uri().path()))
}

fn nothing_under(path: &str) -> Error {
    let path: String = path.chars().take(100).collect();
    Error::new(Code::PathNotFound, format!("nothing is served under {path}"), "clients connect to /mcp")
}

async fn wrong_method(request: Request) -> Response {
    let message = format!("the method {} is not served here", request.method());
    refusal(&Error::new(Code::MethodNotAllowed, message, "/api/v1/openapi.json tells the methods of each path"))
}
