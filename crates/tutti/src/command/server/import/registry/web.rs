//! Requests to a registry: only to the address that the person named, and to nowhere that its answers lead.

use base::network::Connector;
use base::{Code, Error, Result};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, header};
use http_body_util::Full;
use identity::oauth::address::Address;
use mcp::client::wire::Wire;
use std::time::Duration;

/// How long a request may take, from the resolution of the name to the last byte.
const PATIENCE: Duration = Duration::from_secs(20);

/// The most bytes of an answer.
const LIMIT: usize = 8 << 20;

/// How often an answer may say that it is elsewhere on the same server.
const HOPS: usize = 3;

/// The way to one server.
pub(super) struct Web {
    origin: Address,
    connector: Connector,
    headers: HeaderMap,
    /// How long a request may take.
    patience: Duration,
}

/// What came back.
pub(super) struct Reply {
    /// The status.
    pub(super) status: u16,
    /// The body.
    pub(super) body: String,
    location: Option<String>,
}

impl Web {
    /// A way to the server of `address`; each request has `headers`.
    pub(super) fn new(address: &Address, headers: HeaderMap) -> Result<Self> {
        let connector = Connector::new(address.host(), address.port(), address.is_encrypted())?;
        let mut all = HeaderMap::new();
        all.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        // Answers are to come as they are: a compressed one may be a thousand times larger than it looks.
        all.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        all.insert(header::USER_AGENT, HeaderValue::from_static(concat!("tutti/", env!("CARGO_PKG_VERSION"))));
        all.extend(headers);
        let host = HeaderValue::from_str(address.authority());
        all.insert(header::HOST, host.map_err(|_| failed(address, "it is no address"))?);
        Ok(Self { origin: address.clone(), connector, headers: all, patience: PATIENCE })
    }

    /// Gets a document. It may be elsewhere on the same server, but not on another: there neither what is asked for nor the
    /// headers are anybody's business.
    pub(super) async fn get(&self, target: &str) -> Result<Reply> {
        let mut at = self.address(&format!("{}{target}", self.origin.origin()))?;
        for _ in 0..=HOPS {
            let patience = self.patience;
            let exchange = tokio::time::timeout(patience, self.exchange(&at)).await;
            let reply = exchange.map_err(|_| failed(&at, &format!("there was no answer within {patience:?}")))??;
            let Some(location) = reply.location.as_deref().filter(|_| (300..400).contains(&reply.status)) else {
                return Ok(reply);
            };
            let is_path = location.starts_with('/') && !location.starts_with("//");
            let whole = if is_path { format!("{}{location}", at.origin()) } else { location.to_owned() };
            at = self.address(&whole).map_err(|_| {
                let shown: String = whole.split('?').next().unwrap_or_default().chars().take(200).collect();
                let shown = base::visible::escaped(&shown);
                failed(&at, &format!("it has moved to `{shown}`; write that address if it is meant"))
            })?;
        }
        Err(failed(&at, "it leads on and on"))
    }

    /// An address on this server.
    fn address(&self, text: &str) -> Result<Address> {
        let address = Address::parse(text).map_err(|why| failed(&self.origin, &format!("an address there {why}")))?;
        if !address.same_origin(&self.origin) {
            return Err(failed(&address, "it is on another server"));
        }
        Ok(address)
    }

    async fn exchange(&self, at: &Address) -> Result<Reply> {
        let broken = |error: &dyn std::fmt::Display| failed(at, &error.to_string());
        let mut wire = Wire::open(&self.connector).await.map_err(|error| broken(&error))?;
        let mut request = Request::new(Full::new(Bytes::new()));
        *request.uri_mut() = at.target().parse().map_err(|_| failed(at, "it is no address"))?;
        request.headers_mut().clone_from(&self.headers);
        let response = wire.send(request).await.map_err(|error| broken(&error))?;
        let (head, mut body) = response.into_parts();
        let said = |name: &header::HeaderName| head.headers.get(name).and_then(|value| value.to_str().ok());
        if said(&header::CONTENT_ENCODING).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
            return Err(failed(at, "the answer came compressed, though that was not asked for"));
        }
        let mut bytes = Vec::new();
        while let Some(piece) = wire.piece(&mut body).await.map_err(|error| broken(&error))? {
            if bytes.len() + piece.len() > LIMIT {
                return Err(failed(at, &format!("the answer is larger than {} MiB", LIMIT >> 20)));
            }
            bytes.extend_from_slice(&piece);
        }
        let body = String::from_utf8(bytes).map_err(|_| failed(at, "the answer is not UTF-8 text"))?;
        Ok(Reply { status: head.status.as_u16(), location: said(&header::LOCATION).map(str::to_owned), body })
    }
}

/// The error for a registry that does not answer as one.
pub(super) fn failed(at: &Address, why: &str) -> Error {
    // Without the query, which may hold what is nobody's business.
    let shown = at.text().split('?').next().unwrap_or_default();
    let next = "check the address and the network; by hand: `curl -i` with that address";
    Error::new(Code::RegistryFetch, format!("{shown} cannot be read: {why}"), next)
}

#[cfg(test)]
mod tests;
