//! One request to a hub and its answer, over connections that are kept.

use super::address::Address;
use base::network::Connector;
use base::{Code, Error, Result, Secret};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method as Verb, StatusCode, Uri, header};
use http_body_util::Full;
use hyper::body::Incoming;
use mcp::client::wire::{Pool, Wire};
use mcp::sse;
use std::sync::Arc;
use std::time::Duration;

/// The most bytes of one answer, or of one event of it. The hub has its own limits below this one.
const LIMIT: usize = 256 << 20;

/// How long opening a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// A hub at an address.
pub struct Endpoint {
    address: Address,
    connector: Connector,
    headers: HeaderMap,
    pool: Pool,
}

/// The head of an answer, with its body still to be read. Dropping it closes the connection.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    endpoint: Arc<Endpoint>,
    wire: Wire,
    body: Incoming,
}

/// An answer that is a stream of events.
pub struct Events {
    answer: Answer,
    decoder: sse::Decoder,
}

impl Endpoint {
    /// An endpoint whose requests show `key`.
    pub fn new(address: Address, key: Option<&Secret<String>>) -> Result<Arc<Self>> {
        let connector = Connector::new(&address.host, address.port, address.encrypted)?;
        let bad = |_| Error::new(Code::Usage, "the address of the hub is no address", "write http://127.0.0.1:4747");
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_str(&address.authority).map_err(bad)?);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        if let Some(key) = key {
            let value = HeaderValue::from_str(&format!("Bearer {}", key.expose()));
            let mut value = value.map_err(|_| {
                let message = "the key for the hub has characters that no header can carry";
                Error::new(Code::KeyWeak, message, "check TUTTI_KEY")
            })?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        Ok(Arc::new(Self { address, connector, headers, pool: Pool::default() }))
    }

    /// Where the hub is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The path of the MCP endpoint of a view.
    pub fn mcp_path(&self, view: Option<&str>) -> Result<String> {
        match view {
            None => Ok("/mcp".to_owned()),
            Some(view) if tools::naming::fault(view).is_none() => Ok(format!("/mcp/{view}")),
            Some(view) => {
                let view: String = view.chars().filter(|character| !character.is_control()).take(64).collect();
                let next = "views have names of letters, digits, _ and -";
                Err(Error::new(Code::UnknownView, format!("there is no view `{view}`"), next))
            }
        }
    }

    /// Sends a request and waits for the head of the answer. `headers` come to those that every request has, or in their
    /// place.
    pub async fn send(
        endpoint: &Arc<Self>,
        verb: Verb,
        path: &str,
        headers: HeaderMap,
        body: String,
    ) -> Result<Answer> {
        let target = format!("{}{path}", endpoint.address.prefix);
        let target: Uri = target.parse().map_err(|_| {
            let path: String = path.chars().filter(|character| !character.is_control()).take(100).collect();
            Error::new(Code::Usage, format!("`{path}` is no path"), "check the name")
        })?;
        let mut request = http::Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = verb;
        *request.uri_mut() = target;
        request.headers_mut().clone_from(&endpoint.headers);
        request.headers_mut().extend(headers);
        let mut wire = match endpoint.pool.take() {
            Some(wire) => wire,
            None => endpoint.open().await?,
        };
        let response = wire.send(request).await.map_err(|error| endpoint.broken(&error))?;
        let (head, body) = response.into_parts();
        Ok(Answer { status: head.status, headers: head.headers, endpoint: Arc::clone(endpoint), wire, body })
    }

    async fn open(&self) -> Result<Wire> {
        match tokio::time::timeout(CONNECT, Wire::open(&self.connector)).await {
            Ok(Ok(wire)) => Ok(wire),
            Ok(Err(error)) => Err(self.unreachable(&error.to_string())),
            Err(_) => Err(self.unreachable(&format!("no connection within {CONNECT:?}"))),
        }
    }

    /// The error for a hub that is not there.
    pub fn unreachable(&self, why: &str) -> Error {
        let next = "start it with `tutti up`, or name the right one with --url or TUTTI_URL";
        Error::new(Code::HubUnreachable, format!("no hub answers at {}: {why}", self.address.url()), next)
    }

    fn broken(&self, error: &hyper::Error) -> Error {
        let url = self.address.url();
        let message = format!("the connection to the hub at {url} broke before the answer was complete: {error}");
        let next =
            "see whether the hub still runs; whether a call had its effect is not known, so check before repeating";
        Error::new(Code::HubUnreachable, message, next)
    }
}

impl Answer {
    /// Whether events follow, instead of one document.
    pub fn is_events(&self) -> bool {
        let content_type = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        content_type.is_some_and(|content_type| content_type.trim_start().starts_with("text/event-stream"))
    }

    /// The whole body.
    pub async fn text(self) -> Result<String> {
        self.text_within(LIMIT).await
    }

    /// The whole body, of at most `limit` bytes.
    pub async fn text_within(mut self, limit: usize) -> Result<String> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.piece().await? {
            if bytes.len() + piece.len() > limit {
                return Err(too_large());
            }
            bytes.extend_from_slice(&piece);
        }
        let Self { endpoint, wire, .. } = self;
        endpoint.pool.put(wire, None);
        String::from_utf8(bytes).map_err(|_| {
            let message = format!("{} answered with bytes that are not text", endpoint.address.url());
            Error::new(Code::HubAnswer, message, "check that the address is a hub's")
        })
    }

    /// The body as events.
    pub fn events(self) -> Events {
        Events { answer: self, decoder: sse::Decoder::new(LIMIT) }
    }

    async fn piece(&mut self) -> Result<Option<Bytes>> {
        self.wire.piece(&mut self.body).await.map_err(|error| self.endpoint.broken(&error))
    }
}

impl Events {
    /// The data of the next event; nothing at the end of the stream.
    pub async fn next(&mut self) -> Result<Option<String>> {
        loop {
            match self.decoder.next_event().map_err(|_| too_large())? {
                Some(event) if event.data.is_empty() => {}
                Some(event) => return Ok(Some(event.data)),
                None => match self.answer.piece().await? {
                    Some(piece) => self.decoder.feed(&piece),
                    None => return Ok(None),
                },
            }
        }
    }

    /// Keeps the connection for the next request: nothing more of this answer is of interest.
    pub fn done(self) {
        let Answer { endpoint, wire, body, .. } = self.answer;
        endpoint.pool.put(wire, Some(body));
    }
}

fn too_large() -> Error {
    let message = format!("the hub's answer is larger than {} MiB", LIMIT >> 20);
    Error::new(Code::HubAnswer, message, "ask for less at once")
}
