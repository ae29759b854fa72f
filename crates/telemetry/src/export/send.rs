//! One message to a collector over HTTP.
//!
//! Each goes over a connection of its own: there are a few in a minute, and a connection that waits would have to be
//! watched.

use base::network::{Connector, host_and_port};
use base::{Error, Result, Secret, task};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::time::Duration;

/// How long one attempt may take.
pub(super) const LIMIT: Duration = Duration::from_secs(10);

/// The most bytes of an answer that are read.
const ANSWER: usize = 64 << 10;

/// Where messages go.
#[derive(Clone)]
pub struct Target {
    connector: Connector,
    path: Uri,
    headers: HeaderMap,
    /// Host and port, for the log.
    place: String,
}

/// What became of an attempt.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// The collector took it.
    Taken,
    /// It may be tried again, perhaps only after a while.
    Again { why: String, after: Option<Duration> },
    /// The collector will never take it.
    Refused(String),
}

/// Why an address or a header will not do, to stand behind "it".
pub type Fault = String;

impl Target {
    /// A target from an address such as `http://127.0.0.1:4318/v1/traces`, and headers for each message.
    pub fn new(url: &str, headers: &[(String, Secret<String>)]) -> Result<Self, Fault> {
        let uri: Uri = url.parse().map_err(|_| "is no address".to_owned())?;
        let encrypted = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err("begins with neither http:// nor https://".to_owned()),
        };
        let authority = uri.authority().ok_or("names no host")?;
        if authority.as_str().contains('@') {
            return Err("holds a credential, and addresses are logged; send it as a header".to_owned());
        }
        let (host, port) = host_and_port(authority.as_str()).ok_or("has a host or a port that cannot be one")?;
        let port = port.unwrap_or(if encrypted { 443 } else { 80 });
        let mut all = HeaderMap::new();
        let own = HeaderValue::from_str(authority.as_str()).map_err(|_| "is no address")?;
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            let name = name.map_err(|_| "has a header with an impossible name")?;
            let value = HeaderValue::from_str(value.expose());
            let mut value = value.map_err(|_| format!("has an impossible value for the header {name}"))?;
            value.set_sensitive(true);
            all.insert(name, value);
        }
        all.insert(header::HOST, own);
        all.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        all.insert(header::CONNECTION, HeaderValue::from_static("close"));
        let connector = Connector::new(host, port, encrypted).map_err(|error| error.message().to_owned())?;
        // An address without a path has that of the root, also where a fragment follows its host.
        let path = uri.path_and_query().filter(|path| path.as_str() != "/").cloned().map(Uri::from).unwrap_or_default();
        Ok(Self { connector, path, headers: all, place: authority.to_string() })
    }

    /// Host and port, for the log.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Sends `body` once.
    pub(super) async fn send(&self, body: Bytes) -> Attempt {
        match tokio::time::timeout(LIMIT, self.exchange(body)).await {
            Ok(Ok((status, after))) => judge(status, after),
            Ok(Err(error)) => Attempt::Again { why: error.message().to_owned(), after: None },
            Err(_) => Attempt::Again { why: format!("no answer within {LIMIT:?}"), after: None },
        }
    }

    async fn exchange(&self, body: Bytes) -> Result<(StatusCode, Option<Duration>)> {
        let failed = |why: String| Error::internal(why);
        let stream = self.connector.connect().await.map_err(|error| failed(error.to_string()))?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| failed(error.to_string()))?;
        let connection = task::spawn_light(connection);
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.path.clone();
        *request.headers_mut() = self.headers.clone();
        let answered = async {
            let response = sender.send_request(request).await.map_err(|error| failed(error.to_string()))?;
            let (status, after) = (response.status(), retry_after(response.headers()));
            // What it says is not needed, but a collector that is cut off in its answer complains.
            let _ = Limited::new(response.into_body(), ANSWER).collect().await;
            Ok((status, after))
        }
        .await;
        connection.abort();
        answered
    }
}

/// By the rules of OTLP ("OTLP/HTTP Response"): a few statuses ask for another attempt, all others end it.
fn judge(status: StatusCode, after: Option<Duration>) -> Attempt {
    match status.as_u16() {
        200..=299 => Attempt::Taken,
        429 | 502..=504 => Attempt::Again { why: format!("HTTP status {status}"), after },
        _ => Attempt::Refused(format!("HTTP status {status}")),
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests;
