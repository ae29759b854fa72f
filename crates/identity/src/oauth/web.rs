//! The guarded way to the network: requests to addresses that strangers named.

use super::address::Address;
use base::network::Connector;
use base::network::guard::{Forbidden, Guard};
use base::{Code, Error, Result, Secret};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use http_body_util::Full;
use mcp::client::wire::Wire;
use std::time::Duration;

/// How long a request may take, from the resolution of the name to the last byte.
const PATIENCE: Duration = Duration::from_secs(15);

/// The most bytes of an answer.
const LIMIT: usize = 128 << 10;

/// How often a document may say that it is elsewhere on the same server.
const HOPS: usize = 3;

/// The way to the network for one upstream.
#[derive(Debug, Clone)]
pub struct Web {
    /// The upstream, for errors.
    name: String,
    guard: Guard,
    /// How long a request may take.
    patience: Duration,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The `WWW-Authenticate` headers.
    pub challenges: Vec<String>,
    /// The body.
    pub body: String,
    location: Option<String>,
}

/// What is sent.
pub struct Post {
    /// `Content-Type`.
    pub content_type: &'static str,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// `Authorization`.
    pub authorization: Option<Secret<String>>,
    /// The body.
    pub body: String,
}

impl Web {
    /// A way for the upstream `name`, guarded by `guard`.
    pub fn new(name: &str, guard: Guard) -> Self {
        Self { name: name.to_owned(), guard, patience: PATIENCE }
    }

    /// What may be reached.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Gets a document. It may be elsewhere on the same origin, but not on another.
    pub async fn get(&self, address: &Address) -> Result<Reply> {
        let mut at = address.clone();
        for _ in 0..=HOPS {
            let reply = self.send(&at, Method::GET, None, true).await?;
            let Some(location) = reply.location.as_deref().filter(|_| (300..400).contains(&reply.status)) else {
                return Ok(reply);
            };
            let whole = if location.starts_with('/') && !location.starts_with("//") {
                format!("{}{location}", at.origin())
            } else {
                location.to_owned()
            };
            let next = Address::parse(&whole).ok().filter(|next| next.same_origin(address));
            at = next
                .ok_or_else(|| self.untrusted(&at, "points to another server, and documents are not fetched there"))?;
        }
        Err(self.untrusted(address, "points on and on"))
    }

    /// Sends something. An answer that points elsewhere is not followed: what was sent is for this address alone.
    pub async fn post(&self, address: &Address, post: Post) -> Result<Reply> {
        self.send(address, Method::POST, Some(post), true).await
    }

    /// Sends something to the address that the operator configured. Of the answer only the head is read.
    pub async fn post_own(&self, address: &Address, post: Post) -> Result<Reply> {
        self.send(address, Method::POST, Some(post), false).await
    }

    async fn send(&self, address: &Address, method: Method, post: Option<Post>, guarded: bool) -> Result<Reply> {
        if guarded && !address.is_encrypted() && !self.guard.permits_plain(address.host()) {
            let why = "begins with http://, so that anybody on the way could read and change what is sent";
            return Err(self.forbidden(address, why));
        }
        let connector = if guarded {
            Connector::guarded(address.host(), address.port(), address.is_encrypted(), self.guard.clone())?
        } else {
            Connector::new(address.host(), address.port(), address.is_encrypted())?
        };
        let request = request(address, method, post).ok_or_else(|| self.untrusted(address, "is no address"))?;
        let patience = self.patience;
        let exchange = tokio::time::timeout(patience, self.exchange(address, &connector, request, guarded));
        exchange.await.unwrap_or_else(|_| Err(self.unreachable(address, &format!("no answer within {patience:?}"))))
    }

    async fn exchange(
        &self,
        address: &Address,
        connector: &Connector,
        request: Request<Full<Bytes>>,
        whole: bool,
    ) -> Result<Reply> {
        let mut wire = Wire::open(connector).await.map_err(|error| match Forbidden::within(&error) {
            Some(forbidden) => self.forbidden(address, &forbidden.to_string()),
            None => self.unreachable(address, &error.to_string()),
        })?;
        let broken = |error: hyper::Error| self.unreachable(address, &error.to_string());
        let response = wire.send(request).await.map_err(broken)?;
        let (head, mut body) = response.into_parts();
        let mut bytes = Vec::new();
        while whole && let Some(piece) = wire.piece(&mut body).await.map_err(broken)? {
            if bytes.len() + piece.len() > LIMIT {
                return Err(self.unreachable(address, &format!("the answer is larger than {LIMIT} bytes")));
            }
            bytes.extend_from_slice(&piece);
        }
        let all = |name: HeaderName| head.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        Ok(Reply {
            status: head.status.as_u16(),
            challenges: all(header::WWW_AUTHENTICATE).map(str::to_owned).collect(),
            location: all(header::LOCATION).next().map(str::to_owned),
            body: String::from_utf8_lossy(&bytes).into_owned(),
        })
    }

    /// The error for something that is not to be believed.
    pub fn untrusted(&self, address: &Address, why: &str) -> Error {
        self.error(
            Code::OauthMetadata,
            address,
            why,
            "tell who runs that server; Tutti goes no further, for your safety",
        )
    }

    /// The error for a server that does not answer as it should.
    pub fn unreachable(&self, address: &Address, why: &str) -> Error {
        let next = "check the network, and whether that server runs; then try again";
        self.error(Code::OauthUnreachable, address, why, next)
    }

    fn forbidden(&self, address: &Address, why: &str) -> Error {
        let next = format!(
            "if that host is yours, write `auth: {{ private_hosts: [{}] }}` under `servers.{}`; otherwise do not trust that server",
            address.host(),
            self.name
        );
        self.error(Code::AddressForbidden, address, why, &next)
    }

    fn error(&self, code: Code, address: &Address, why: &str, next: &str) -> Error {
        let name = &self.name;
        // Without the query, which may hold what is nobody's business.
        let shown = address.text().split('?').next().unwrap_or_default();
        Error::new(code, format!("to log in to `{name}`, {shown} was asked: {why}"), next).of_upstream(name)
    }
}

fn request(address: &Address, method: Method, post: Option<Post>) -> Option<Request<Full<Bytes>>> {
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, HeaderValue::from_str(address.authority()).ok()?);
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!("tutti/", env!("CARGO_PKG_VERSION"))));
    let mut body = String::new();
    if let Some(post) = post {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(post.content_type));
        for (name, value) in post.headers {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_str(&value).ok()?);
        }
        if let Some(authorization) = post.authorization {
            let mut value = HeaderValue::from_str(authorization.expose()).ok()?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        body = post.body;
    }
    let mut request =
        Request::builder().method(method).uri(address.target()).body(Full::new(Bytes::from(body))).ok()?;
    *request.headers_mut() = headers;
    Some(request)
}

impl Reply {
    /// Whether the address holds nothing: then the next place is looked at.
    pub fn is_missing(&self) -> bool {
        (400..500).contains(&self.status)
    }

    /// Whether there is a document.
    pub fn is_document(&self) -> bool {
        self.status == 200
    }
}

#[cfg(test)]
mod tests;
