//! One scheme, host and port, and the requests that go there.

use base::network::Connector;
use base::{Code, Error, Result};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use mcp::client::http::retry_after;
use mcp::client::wire::{Pool, Wire};
use openapi::{Address, Answer};
use std::time::Duration;

/// Where requests go.
pub(super) struct Origin {
    name: String,
    connector: Connector,
    authority: HeaderValue,
    pool: Pool,
    /// The most bytes of the body of an answer.
    limit: usize,
}

impl Origin {
    /// An origin that was not connected to yet. `name` is the upstream's, for errors.
    pub(super) fn new(name: &str, address: &Address, limit: usize) -> Result<Self> {
        let authority = HeaderValue::from_str(&address.authority());
        let authority = authority.map_err(|_| Error::internal("a host that was read cannot be written"))?;
        let connector = Connector::new(&address.host, address.port, address.encrypted)?;
        Ok(Self { name: name.to_owned(), connector, authority, pool: Pool::default(), limit })
    }

    /// Adds what every request has. Answers are to come as they are: a compressed one may be a thousand times larger
    /// than it looks.
    pub(super) fn complete(&self, headers: &mut HeaderMap) {
        headers.insert(header::HOST, self.authority.clone());
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!("tutti/", env!("CARGO_PKG_VERSION"))));
    }

    /// Sends a request and reads the whole answer.
    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answer> {
        let repeatable = matches!(*request.method(), Method::GET | Method::HEAD);
        if let Some(mut wire) = self.pool.take() {
            match wire.send(request.clone()).await {
                Ok(response) => return self.read(wire, response).await,
                // A connection that waited may have been closed at this very moment.
                Err(_) if repeatable => {}
                Err(error) => return Err(self.broken(&error)),
            }
        }
        let mut wire = Wire::open(&self.connector).await.map_err(|error| self.unreachable(&error))?;
        let response = wire.send(request).await.map_err(|error| self.broken(&error))?;
        self.read(wire, response).await
    }

    async fn read(&self, mut wire: Wire, response: Response<hyper::body::Incoming>) -> Result<Answer> {
        let status = response.status();
        if let Some(wait) = retry_after::asked(status, response.headers(), base::clock::wall()) {
            self.pool.put(wire, Some(response.into_body()));
            return Err(self.busy(status, wait));
        }
        let text = |name: header::HeaderName| {
            let value = response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
            value.map(std::borrow::Cow::into_owned)
        };
        let mut answer = Answer {
            status: status.as_u16(),
            content_type: text(header::CONTENT_TYPE),
            encoding: text(header::CONTENT_ENCODING),
            retry_after: text(header::RETRY_AFTER),
            location: text(header::LOCATION),
            body: Vec::new(),
        };
        let mut body = response.into_body();
        while let Some(piece) = wire.piece(&mut body).await.map_err(|error| self.broken(&error))? {
            if answer.body.len() + piece.len() > self.limit {
                return Err(self.too_large());
            }
            answer.body.extend_from_slice(&piece);
        }
        self.pool.put(wire, None);
        Ok(answer)
    }

    /// The error for an API that asks to be left alone: the hub waits and sends again what may be sent again.
    fn busy(&self, status: StatusCode, wait: Duration) -> Error {
        let name = &self.name;
        let message = format!("the API of `{name}` answered with HTTP status {status} and asks to wait {wait:?}");
        let error = Error::new(Code::UpstreamBusy, message, "wait as long as it asks, then try again");
        error.of_upstream(name).with_retry_after(wait)
    }

    fn unreachable(&self, error: &std::io::Error) -> Error {
        let name = &self.name;
        let message = format!("the API of `{name}` cannot be reached: {error}");
        let otherwise = || format!("start it, or correct `base_url` of `{name}`; the network may be in the way too");
        let next = base::network::certificate::advice(error).map_or_else(otherwise, str::to_owned);
        Error::new(Code::UpstreamUnreachable, message, next).of_upstream(name)
    }

    fn broken(&self, error: &hyper::Error) -> Error {
        let name = &self.name;
        let message = format!("the connection to the API of `{name}` broke before the answer was complete: {error}");
        let next = "whether the call had its effect is not known: check before you repeat it";
        Error::new(Code::UpstreamExited, message, next).of_upstream(name)
    }

    fn too_large(&self) -> Error {
        let name = &self.name;
        let message = format!("the API of `{name}` sent an answer above the limit of {} bytes", self.limit);
        let next = format!("ask for less at once, or raise `limits: {{ message: 64MiB }}` of `{name}`");
        Error::new(Code::UpstreamAnswerTooLarge, message, next).of_upstream(name)
    }
}
