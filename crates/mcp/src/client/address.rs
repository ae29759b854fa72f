//! The address of a server, and what goes wrong with it.

use super::wire::{Pool, Wire};
use base::network::{Connector, host_and_port};
use base::ports::{Account, Authorization, Challenge};
use base::{Code, Error, Result, Secret};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use std::sync::Arc;

/// How to reach a server.
#[derive(Clone)]
pub struct Options {
    /// The name of the server, for errors.
    pub name: String,
    /// The address of the endpoint.
    pub url: String,
    /// Headers that every request carries. Their values are secrets.
    pub headers: Vec<(String, Secret<String>)>,
    /// The most bytes of one message.
    pub message_limit: usize,
    /// What gives the credential of each request, where it is none of the headers.
    pub account: Option<Arc<dyn Account>>,
}

/// An address that was read.
pub(super) struct Address {
    pub(super) name: String,
    pub(super) connector: Connector,
    /// The whole address.
    pub(super) uri: Uri,
    /// What stands in the request line.
    pub(super) target: Uri,
    /// The host, and those of the configuration.
    pub(super) headers: HeaderMap,
    pub(super) limit: usize,
    account: Option<Arc<dyn Account>>,
}

/// Schemes of addresses: plain, and encrypted.
pub(super) const WEB: [&str; 2] = ["http", "https"];

/// See [`WEB`].
pub(super) const WEB_SOCKET: [&str; 2] = ["ws", "wss"];

impl Address {
    /// Reads an address of one of two schemes.
    pub(super) fn parse(options: &Options, schemes: [&str; 2]) -> Result<Self> {
        let name = &options.name;
        let [plain, encrypted] = schemes;
        let bad = |why: &str| {
            Error::new(
                Code::ConfigInvalidValue,
                format!("the `url` of `{name}` {why}"),
                format!("write it as {encrypted}://host/path, with credentials under `headers`"),
            )
            .of_upstream(name)
        };
        let uri: Uri = options.url.parse().map_err(|_| bad("is no address"))?;
        let encrypted = match uri.scheme_str() {
            Some(scheme) if scheme == encrypted => true,
            Some(scheme) if scheme == plain => false,
            _ => return Err(bad(&format!("begins with neither {encrypted}:// nor {plain}://"))),
        };
        let authority = uri.authority().ok_or_else(|| bad("names no host"))?;
        if authority.as_str().contains('@') {
            return Err(bad("holds a credential, and addresses are logged"));
        }
        let (host, named) =
            host_and_port(authority.as_str()).ok_or_else(|| bad("has a host or a port that cannot be one"))?;
        let port = named.unwrap_or(if encrypted { 443 } else { 80 });
        let mut headers = HeaderMap::new();
        headers
            .insert(http::header::HOST, HeaderValue::from_str(authority.as_str()).map_err(|_| bad("is no address"))?);
        for (key, value) in &options.headers {
            let key =
                HeaderName::from_bytes(key.as_bytes()).map_err(|_| bad("has a header with an impossible name"))?;
            let mut value =
                HeaderValue::from_str(value.expose()).map_err(|_| bad("has a header with an impossible value"))?;
            value.set_sensitive(true);
            headers.insert(key, value);
        }
        Ok(Self {
            name: name.clone(),
            connector: Connector::new(host, port, encrypted)?,
            target: target(&uri),
            uri,
            headers,
            limit: options.message_limit,
            account: options.account.clone(),
        })
    }

    /// The target of `other`, an address or a part of one, if it leads to the same origin as this one.
    pub(super) fn same_origin(&self, other: &str) -> Option<Uri> {
        let other = other.trim();
        let base_path = self.uri.path();
        let folder = &base_path[..=base_path.rfind('/')?];
        // RFC 3986, section 5.2, for what servers write: no dots are taken out, for a path with them is sent as it is.
        let whole = match other.as_bytes() {
            [b'/', b'/', ..] => format!("{}:{other}", self.uri.scheme_str()?),
            [b'/', ..] => return other.parse().ok().filter(|uri: &Uri| uri.authority().is_none()),
            [b'?', ..] => return format!("{base_path}{other}").parse().ok(),
            _ if has_scheme(other) => other.to_owned(),
            _ => return format!("{folder}{other}").parse().ok(),
        };
        let whole: Uri = whole.parse().ok()?;
        let same = host_and_port(whole.authority()?.as_str()).is_some()
            && whole.scheme() == self.uri.scheme()
            && port(&whole) == port(&self.uri)
            && whole.host().zip(self.uri.host()).is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
            && !whole.authority()?.as_str().contains('@');
        same.then(|| target(&whole))
    }

    /// Sends a request with the credential that it needs, over a connection of `pool`, or a new one. One that is refused
    /// for its credential is sent once more, if there is a better one: nothing was done for the first.
    pub(super) async fn exchange(
        &self,
        pool: &Pool,
        request: Request<Full<Bytes>>,
    ) -> Result<(Wire, Response<Incoming>)> {
        let Some(mut header) = self.credential().await? else { return self.exchange_once(pool, request).await };
        let mut again = true;
        loop {
            let (wire, response) = self.exchange_once(pool, self.authorized(request.clone(), &header)?).await?;
            // The second time this says at least why not.
            match self.better(header, response.status(), response.headers()).await? {
                Some(better) if std::mem::take(&mut again) => header = better,
                _ => return Ok((wire, response)),
            }
        }
    }

    async fn exchange_once(&self, pool: &Pool, request: Request<Full<Bytes>>) -> Result<(Wire, Response<Incoming>)> {
        let mut wire = match pool.take() {
            Some(wire) => wire,
            None => Wire::open(&self.connector).await.map_err(|error| self.unreachable(&error))?,
        };
        let response = wire.send(request).await.map_err(|error| self.broken(&error))?;
        Ok((wire, response))
    }

    /// The credential for a request, where it is none of the headers.
    pub(super) async fn credential(&self) -> Result<Option<Authorization>> {
        let Some(account) = &self.account else { return Ok(None) };
        match account.header() {
            Some(header) => Ok(Some(header)),
            None => account.obtain().await.map(Some),
        }
    }

    /// A credential in place of one that was refused with this answer; nothing where it was not, or there is none.
    pub(super) async fn better(
        &self,
        sent: Authorization,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Result<Option<Authorization>> {
        let Some(account) = &self.account else { return Ok(None) };
        if !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Ok(None);
        }
        let headers = headers.get_all(http::header::WWW_AUTHENTICATE).iter();
        let headers = headers.filter_map(|value| value.to_str().ok()).map(str::to_owned).collect();
        account.challenged(Challenge { status: status.as_u16(), headers, sent: Some(sent) }).await
    }

    /// `request` with a credential.
    pub(super) fn authorized<B>(&self, mut request: Request<B>, header: &Authorization) -> Result<Request<B>> {
        let mut value = HeaderValue::from_str(header.expose())
            .map_err(|_| Error::internal(format!("the token for `{}` fits into no header", self.name)))?;
        value.set_sensitive(true);
        request.headers_mut().insert(http::header::AUTHORIZATION, value);
        Ok(request)
    }

    pub(super) fn unreachable(&self, error: &std::io::Error) -> Error {
        let name = &self.name;
        let next = match (base::network::certificate::advice(error), error.kind()) {
            (Some(advice), _) => advice.to_owned(),
            (None, std::io::ErrorKind::ConnectionRefused) => "start that server, or correct `url`".to_owned(),
            _ => format!("check the `url` of `{name}` and the network; `tutti server test {name}` tries it"),
        };
        let message = format!("the address of `{name}` cannot be reached: {error}");
        Error::new(Code::UpstreamUnreachable, message, next).of_upstream(name)
    }

    pub(super) fn broken(&self, error: &hyper::Error) -> Error {
        let name = &self.name;
        Error::new(
            Code::UpstreamExited,
            format!("the connection to `{name}` broke before the answer was complete: {error}"),
            "whether the call had its effect is not known: check before you repeat it",
        )
        .of_upstream(name)
    }

    /// The error for an answer with this status. `in_session` says that the request named a session.
    pub(super) fn refused(&self, status: StatusCode, in_session: bool, said: &str) -> Error {
        let name = &self.name;
        let said: String = said.chars().filter(|character| !character.is_control()).take(200).collect();
        let (code, next) = match status.as_u16() {
            401 | 403 => {
                let next = format!("give `{name}` a credential that it takes, under `headers`, or write `auth: oauth`");
                (Code::UpstreamRefused, next)
            }
            404 | 410 if in_session => (Code::UpstreamSessionLost, "the next call opens a new session".to_owned()),
            429 => (Code::UpstreamBusy, "wait, then try again".to_owned()),
            500..=599 => (Code::UpstreamProtocol, format!("look into the log of `{name}` itself; the fault is there")),
            _ => (Code::UpstreamProtocol, format!("check that the `url` of `{name}` is an MCP endpoint")),
        };
        let colon = if said.is_empty() { "" } else { ": " };
        Error::new(code, format!("`{name}` answered with HTTP status {status}{colon}{said}"), next).of_upstream(name)
    }

    pub(super) fn too_large(&self) -> Error {
        let name = &self.name;
        Error::new(
            Code::UpstreamAnswerTooLarge,
            format!("`{name}` sent a message above the limit of {} bytes", self.limit),
            format!("ask for less at once, or raise `limits: {{ message: 64MiB }}` of `{name}`"),
        )
        .of_upstream(name)
    }

    pub(super) fn protocol(&self, why: &str) -> Error {
        let next = format!("check that the `url` of `{}` is an MCP endpoint", self.name);
        Error::new(Code::UpstreamProtocol, format!("`{}` {why}", self.name), next).of_upstream(&self.name)
    }
}

fn port(uri: &Uri) -> u16 {
    let usual = if matches!(uri.scheme_str(), Some("https" | "wss")) { 443 } else { 80 };
    uri.port_u16().unwrap_or(usual)
}

/// The path and the query of an address, as a request line has them. One without a path has that of the root, also where a
/// fragment follows its host.
fn target(uri: &Uri) -> Uri {
    uri.path_and_query().filter(|path| path.as_str() != "/").cloned().map(Uri::from).unwrap_or_default()
}

/// Whether a text begins with a scheme and a colon.
fn has_scheme(text: &str) -> bool {
    let scheme = text.split([':', '/', '?', '#']).next().unwrap_or_default();
    let plain = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    plain && !scheme.is_empty() && text[scheme.len()..].starts_with(':')
}

#[cfg(test)]
mod tests;
