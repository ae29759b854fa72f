//! Streamable HTTP: each message is a POST, each answer JSON or a stream of events.

mod call;
mod desk;
pub mod retry_after;

pub use super::address::Options;
pub use call::Call;

use desk::Desk;

use super::Request;
use super::address::{Address, WEB};
use super::tail::Tail;
use super::wire::{Pool, Wire};
use crate::{Era, Method, header, version, write};
use base::{Error, Result};
use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How long a message that nobody waits for may take.
const DETACHED: Duration = Duration::from_secs(10);

/// A server at an address.
pub struct Link {
    address: Address,
    pool: Pool,
    session: RwLock<Session>,
    next_id: AtomicU64,
    limit: usize,
    /// What a legacy server asks where it names no call.
    desk: Desk,
    tail: Arc<Tail>,
}

#[derive(Clone, Default)]
struct Session {
    id: Option<HeaderValue>,
    version: Option<HeaderValue>,
}

impl Link {
    /// Reads the address; connects to nothing yet. `tail` gets what is worth showing to a person.
    pub fn new(options: &Options, tail: Arc<Tail>) -> Result<Arc<Self>> {
        let mut address = Address::parse(options, WEB)?;
        let headers = &mut address.headers;
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(http::header::ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        Ok(Arc::new(Self {
            address,
            pool: Pool::default(),
            session: RwLock::default(),
            next_id: AtomicU64::new(1),
            limit: options.message_limit,
            desk: Desk::default(),
            tail,
        }))
    }

    /// The name of the server.
    pub fn name(&self) -> &str {
        &self.address.name
    }

    /// A number for the next request.
    pub fn next_id(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Sends a request, as soon as the call is polled.
    pub fn call(link: &Arc<Self>, request: &Request<'_>) -> Result<Call> {
        let body = write::request(request.id, request.method, request.params);
        let mut post = link.post(body, request.era, request.method, request.name)?;
        if request.era == Era::Modern {
            request.headers.add_to(post.headers_mut());
        }
        let initialize = request.method == Method::Initialize.name();
        Ok(Call::new(Arc::clone(link), post, request, initialize))
    }

    /// Sends a notification and waits until the server took it.
    pub async fn notify(link: &Arc<Self>, method: &str, params: Option<&str>, era: Era) -> Result<()> {
        let post = link.post(write::notification(method, params), era, method, None)?;
        let (wire, response) = link.exchange(post).await?;
        let status = response.status();
        link.pool.put(wire, Some(response.into_body()));
        if status.is_success() { Ok(()) } else { Err(link.refused(status, "")) }
    }

    /// Opens the stream on which a legacy server sends what names no request. Nothing where it has none. What it asks
    /// there goes to the call that it can only belong to.
    pub async fn listen(link: &Arc<Self>) -> Result<Option<Call>> {
        let events = link.stream(link.get(None)?).await?;
        Ok(events.map(|(wire, body)| Call::listening(Arc::clone(link), wire, body)))
    }

    /// The request for a stream of events of a legacy server; with `last` for the one that ended after that event.
    fn get(&self, last: Option<&str>) -> Result<http::Request<Full<Bytes>>> {
        let mut get = self.post(String::new(), Era::Legacy, "", None)?;
        *get.method_mut() = http::Method::GET;
        let headers = get.headers_mut();
        headers.remove(http::header::CONTENT_TYPE);
        headers.insert(http::header::ACCEPT, HeaderValue::from_static("text/event-stream"));
        if let Some(last) = last {
            let last = HeaderValue::from_bytes(last.as_bytes())
                .map_err(|_| self.protocol("numbers its events with no text"))?;
            headers.insert(header::LAST_EVENT, last);
        }
        Ok(get)
    }

    /// The stream that a server opens for `get`; nothing where it has none.
    async fn stream(&self, get: http::Request<Full<Bytes>>) -> Result<Option<(Wire, Incoming)>> {
        let (wire, response) = self.exchange(get).await?;
        let is_stream = response.status() == StatusCode::OK && is_events(&response);
        Ok(is_stream.then(|| (wire, response.into_body())))
    }

    /// Tells a legacy server that its session is over. A server that keeps none does not mind.
    pub async fn leave(link: &Arc<Self>) {
        if link.session().id.is_none() {
            return;
        }
        if let Ok(mut delete) = link.post(String::new(), Era::Legacy, "", None) {
            *delete.method_mut() = http::Method::DELETE;
            let _ = link.exchange(delete).await;
        }
    }

    /// Sets the protocol version that requests of a legacy session carry from now on.
    pub fn set_version(&self, version: &str) {
        let mut session = self.session.write().unwrap_or_else(PoisonError::into_inner);
        session.version = HeaderValue::from_str(version).ok();
    }

    fn session(&self) -> Session {
        self.session.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn post(&self, body: String, era: Era, method: &str, name: Option<&str>) -> Result<http::Request<Full<Bytes>>> {
        let mut request = http::Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.address.target.clone();
        let mut headers = self.address.headers.clone();
        match era {
            Era::Modern => {
                headers.insert(header::PROTOCOL_VERSION, HeaderValue::from_static(version::LATEST_MODERN));
                if let Ok(method) = HeaderValue::from_str(method) {
                    headers.insert(header::METHOD, method);
                }
                if let Some(Ok(name)) = name.map(|name| HeaderValue::from_str(&header::encode(name))) {
                    headers.insert(header::NAME, name);
                }
            }
            Era::Legacy => {
                let session = self.session();
                session.id.map(|id| headers.insert(header::SESSION, id));
                session.version.map(|version| headers.insert(header::PROTOCOL_VERSION, version));
            }
        }
        *request.headers_mut() = headers;
        Ok(request)
    }

    /// Sends a request with the credential that it needs, over a connection that waits, or a new one.
    async fn exchange(&self, request: http::Request<Full<Bytes>>) -> Result<(Wire, http::Response<Incoming>)> {
        self.address.exchange(&self.pool, request).await
    }

    /// Sends the server a whole message that is no request, without waiting for it to be taken.
    fn send(self: &Arc<Self>, message: String) {
        let link = Arc::clone(self);
        base::task::spawn("answer to a server", async move {
            if let Ok(post) = link.post(message, Era::Legacy, "", None) {
                let _ = tokio::time::timeout(DETACHED, link.exchange(post)).await;
            }
        });
    }

    fn broken(&self, error: &hyper::Error) -> Error {
        self.address.broken(error)
    }

    fn refused(&self, status: StatusCode, said: &str) -> Error {
        self.address.refused(status, self.session().id.is_some(), said)
    }

    fn too_large(&self) -> Error {
        self.address.too_large()
    }

    fn protocol(&self, why: &str) -> Error {
        self.address.protocol(why)
    }
}

pub(super) fn is_events(response: &http::Response<Incoming>) -> bool {
    let content_type = response.headers().get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|content_type| content_type.trim_start().starts_with("text/event-stream"))
}
