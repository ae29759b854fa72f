//! Streamable HTTP: each message is a POST, each answer JSON or a stream of events.

mod call;
pub mod retry_after;

pub use call::Call;

use super::Request;
use super::wire::{Pool, Wire};
use crate::{Era, Method, header, version, write};
use base::network::Connector;
use base::ports::{Account, Authorization, Challenge};
use base::{Code, Error, Result, Secret};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// How to reach a server.
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

/// A server at an address.
pub struct Link {
    name: String,
    connector: Connector,
    target: Uri,
    headers: HeaderMap,
    pool: Pool,
    session: RwLock<Session>,
    next_id: AtomicU64,
    limit: usize,
    account: Option<Arc<dyn Account>>,
}

#[derive(Clone, Default)]
struct Session {
    id: Option<HeaderValue>,
    version: Option<HeaderValue>,
}

impl Link {
    /// Reads the address; connects to nothing yet.
    pub fn new(options: &Options) -> Result<Arc<Self>> {
        let name = &options.name;
        let bad = |why: &str| {
            Error::new(
                Code::ConfigInvalidValue,
                format!("the `url` of `{name}` {why}"),
                "write it as https://host/path, with credentials under `headers`",
            )
            .of_upstream(name)
        };
        let uri: Uri = options.url.parse().map_err(|_| bad("is no address"))?;
        let encrypted = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(bad("begins with neither https:// nor http://")),
        };
        let authority = uri.authority().ok_or_else(|| bad("names no host"))?;
        if authority.as_str().contains('@') {
            return Err(bad("holds a credential, and addresses are logged"));
        }
        let port = authority.port_u16().unwrap_or(if encrypted { 443 } else { 80 });
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
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
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(http::header::ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        Ok(Arc::new(Self {
            name: name.clone(),
            connector: Connector::new(host, port, encrypted)?,
            target: uri.path_and_query().cloned().map(Uri::from).unwrap_or_default(),
            headers,
            pool: Pool::default(),
            session: RwLock::default(),
            next_id: AtomicU64::new(1),
            limit: options.message_limit,
            account: options.account.clone(),
        }))
    }

    /// The name of the server.
    pub fn name(&self) -> &str {
        &self.name
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

    /// Opens the stream on which a legacy server sends what belongs to no request. Nothing where it has none.
    pub async fn listen(link: &Arc<Self>) -> Result<Option<Call>> {
        let mut get = link.post(String::new(), Era::Legacy, "", None)?;
        *get.method_mut() = http::Method::GET;
        get.headers_mut().remove(http::header::CONTENT_TYPE);
        get.headers_mut().insert(http::header::ACCEPT, HeaderValue::from_static("text/event-stream"));
        let (wire, response) = link.exchange(get).await?;
        if response.status() != StatusCode::OK || !is_events(&response) {
            return Ok(None);
        }
        Ok(Some(Call::listening(Arc::clone(link), wire, response.into_body())))
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
        *request.uri_mut() = self.target.clone();
        let mut headers = self.headers.clone();
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

    /// Sends a request with the credential that it needs. One that is refused for its credential is sent once more, if
    /// there is a better one: nothing was done for the first.
    async fn exchange(&self, request: http::Request<Full<Bytes>>) -> Result<(Wire, http::Response<Incoming>)> {
        let Some(account) = &self.account else { return self.exchange_once(request).await };
        let header = match account.header() {
            Some(header) => header,
            None => account.obtain().await?,
        };
        let (wire, response) = self.exchange_once(self.authorized(request.clone(), &header)?).await?;
        if !matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Ok((wire, response));
        }
        let headers = response.headers().get_all(http::header::WWW_AUTHENTICATE).iter();
        let headers = headers.filter_map(|value| value.to_str().ok()).map(str::to_owned).collect();
        let challenge = Challenge { status: response.status().as_u16(), headers, sent: Some(header) };
        match account.challenged(challenge).await? {
            Some(better) => self.exchange_once(self.authorized(request, &better)?).await,
            None => Ok((wire, response)),
        }
    }

    fn authorized(
        &self,
        mut request: http::Request<Full<Bytes>>,
        header: &Authorization,
    ) -> Result<http::Request<Full<Bytes>>> {
        let mut value = HeaderValue::from_str(header.expose())
            .map_err(|_| Error::internal(format!("the token for `{}` fits into no header", self.name)))?;
        value.set_sensitive(true);
        request.headers_mut().insert(http::header::AUTHORIZATION, value);
        Ok(request)
    }

    /// Sends a request over a connection that waits, or a new one.
    async fn exchange_once(&self, request: http::Request<Full<Bytes>>) -> Result<(Wire, http::Response<Incoming>)> {
        let mut wire = match self.pool.take() {
            Some(wire) => wire,
            None => Wire::open(&self.connector).await.map_err(|error| self.unreachable(&error))?,
        };
        let response = wire.send(request).await.map_err(|error| self.broken(&error))?;
        Ok((wire, response))
    }

    fn unreachable(&self, error: &std::io::Error) -> Error {
        let name = &self.name;
        let next = match error.kind() {
            std::io::ErrorKind::ConnectionRefused => "start that server, or correct `url`".to_owned(),
            _ => format!("check the `url` of `{name}` and the network; `tutti server test {name}` tries it"),
        };
        let message = format!("the address of `{name}` cannot be reached: {error}");
        Error::new(Code::UpstreamUnreachable, message, next).of_upstream(name)
    }

    fn broken(&self, error: &hyper::Error) -> Error {
        let name = &self.name;
        Error::new(
            Code::UpstreamExited,
            format!("the connection to `{name}` broke before the answer was complete: {error}"),
            "whether the call had its effect is not known: check before you repeat it",
        )
        .of_upstream(name)
    }

    fn refused(&self, status: StatusCode, said: &str) -> Error {
        let name = &self.name;
        let said: String = said.chars().filter(|character| !character.is_control()).take(200).collect();
        let (code, next) = match status.as_u16() {
            401 | 403 => {
                let next = format!("give `{name}` a credential that it takes, under `headers`, or write `auth: oauth`");
                (Code::UpstreamRefused, next)
            }
            404 | 410 if self.session().id.is_some() => {
                (Code::UpstreamSessionLost, "the next call opens a new session".to_owned())
            }
            429 => (Code::UpstreamBusy, "wait, then try again".to_owned()),
            500..=599 => (Code::UpstreamProtocol, format!("look into the log of `{name}` itself; the fault is there")),
            _ => (Code::UpstreamProtocol, format!("check that the `url` of `{name}` is an MCP endpoint")),
        };
        let colon = if said.is_empty() { "" } else { ": " };
        Error::new(code, format!("`{name}` answered with HTTP status {status}{colon}{said}"), next).of_upstream(name)
    }

    fn too_large(&self) -> Error {
        let name = &self.name;
        Error::new(
            Code::UpstreamAnswerTooLarge,
            format!("`{name}` sent a message above the limit of {} bytes", self.limit),
            format!("ask for less at once, or raise `limits: {{ message: 64MiB }}` of `{name}`"),
        )
        .of_upstream(name)
    }

    fn protocol(&self, why: &str) -> Error {
        let next = format!("check that the `url` of `{}` is an MCP endpoint", self.name);
        Error::new(Code::UpstreamProtocol, format!("`{}` {why}", self.name), next).of_upstream(&self.name)
    }
}

fn is_events(response: &http::Response<Incoming>) -> bool {
    let content_type = response.headers().get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|content_type| content_type.trim_start().starts_with("text/event-stream"))
}
