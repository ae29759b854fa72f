//! Finding out how a server speaks, and saying hello.
//!
//! The rules (specification 2026-07-28, versioning; and what servers really do):
//! a server that answers `server/discover` is modern. One that answers it with any error but the modern ones is legacy
//! and gets `initialize`. One that does not answer in time may be slow or may never answer: over stdio the question
//! stays open while a second process is asked to `initialize`, because some servers bind a process to the era of its
//! first message; whichever answers first is kept. Over HTTP no such binding exists.

use super::{Link, child, http, result_of, shared, socket, sse, stdio, tail::Tail, websocket};
use crate::capability::Offers;
use crate::version::{self, Era};
use crate::{Message, Method, message::Kind, raw};
use base::{Code, Error, Result};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::error::Elapsed;

/// What a server said of itself.
#[derive(Debug, Clone)]
pub struct Greeting {
    /// How it speaks.
    pub era: Era,
    /// The version that both speak.
    pub version: String,
    /// Its capabilities, as raw JSON.
    pub capabilities: String,
    /// Its `serverInfo`, as raw JSON.
    pub server_info: String,
    /// Its instructions for models.
    pub instructions: Option<String>,
}

/// On which terms a server is greeted.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// Until an answer to `server/discover` is given up.
    pub probe: Duration,
    /// From the start of the process to the end of the handshake.
    pub start: Duration,
    /// What the server may ask of clients.
    pub offers: Offers,
}

/// How the client names itself.
pub fn client_info() -> String {
    format!(r#"{{"name":"tutti","title":"Tutti","version":"{}"}}"#, env!("CARGO_PKG_VERSION"))
}

/// The capabilities of a request that nobody is behind who could answer anything.
pub const NOBODY: &str = "{}";

/// The params of a modern request that has no others.
pub fn modern_params() -> String {
    format!("{{\"_meta\":{}}}", modern_meta(NOBODY))
}

/// The `_meta` that a modern request carries when no client has written it. `capabilities` is raw JSON: what the server
/// may ask of whoever is behind the request, `{}` where that is nobody.
pub fn modern_meta(capabilities: &str) -> String {
    use version::meta::{CLIENT_CAPABILITIES, CLIENT_INFO, PROTOCOL_VERSION};
    let version = version::LATEST_MODERN;
    format!(
        r#"{{"{PROTOCOL_VERSION}":"{version}","{CLIENT_CAPABILITIES}":{capabilities},"{CLIENT_INFO}":{}}}"#,
        client_info()
    )
}

/// What the answer to `server/discover` says.
enum Probe {
    Modern(Greeting),
    Legacy,
}

/// How to open a connection that all calls share, as often as it takes.
pub struct Opener<'a> {
    /// Which way.
    pub way: Way<'a>,
    /// What is worth showing goes here.
    pub tail: Arc<Tail>,
    /// Notifications that belong to no call go here.
    pub notices: mpsc::Sender<Message>,
}

/// What carries a connection.
pub enum Way<'a> {
    /// A child process.
    Process(&'a child::Options),
    /// A Unix socket.
    Socket(&'a socket::Options),
    /// A WebSocket.
    WebSocket(&'a http::Options),
    /// The old HTTP transport, which only knows the legacy era.
    Events(&'a http::Options),
}

impl Opener<'_> {
    fn name(&self) -> &str {
        match &self.way {
            Way::Process(options) => &options.name,
            Way::Socket(options) => &options.name,
            Way::WebSocket(options) | Way::Events(options) => &options.name,
        }
    }
}

/// A connection that is ended unless it is kept.
struct Trial(Option<Arc<shared::Link>>);

impl Trial {
    async fn open(opener: &Opener<'_>) -> Result<Self> {
        let (tail, notices) = (Arc::clone(&opener.tail), opener.notices.clone());
        let link = match &opener.way {
            Way::Process(options) => stdio::start(options, tail, notices)?,
            Way::Socket(options) => socket::open(options, tail, notices).await?,
            Way::WebSocket(options) => websocket::open(options, tail, notices).await?,
            Way::Events(options) => sse::open(options, tail, notices).await?,
        };
        Ok(Self(Some(link)))
    }

    fn link(&self) -> Result<Link> {
        self.0.clone().map(Link::Shared).ok_or_else(|| Error::internal("a connection was given away twice"))
    }

    fn keep(mut self, greeting: Greeting) -> Result<(Link, Greeting)> {
        let link = self.link()?;
        self.0 = None;
        Ok((link, greeting))
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        if let Some(link) = &self.0 {
            link.terminate();
        }
    }
}

/// Opens a connection and greets the server at its other end. `remembered` is the era that this configuration had before.
pub async fn greet_shared(opener: &Opener<'_>, remembered: Option<Era>, terms: Terms) -> Result<(Link, Greeting)> {
    let before = opener.tail.last_number();
    let whole = async {
        if remembered == Some(Era::Legacy) || matches!(opener.way, Way::Events(_)) {
            let first = Trial::open(opener).await?;
            match initialize(&first.link()?, terms).await {
                Ok(greeting) => return first.keep(greeting),
                // It was replaced by one that is modern only: asking afresh tells.
                Err(error) if error.code() == Code::UpstreamEra && !matches!(opener.way, Way::Events(_)) => {}
                Err(error) => return Err(error),
            }
        }
        probe_shared(opener, terms).await
    };
    let late = || {
        let error = start_timeout(opener.name(), terms.start);
        match opener.tail.words(before, 10) {
            Some(words) => error.with_detail(words),
            None => error,
        }
    };
    in_time(tokio::time::timeout(terms.start, whole).await, late)
}

async fn probe_shared(opener: &Opener<'_>, terms: Terms) -> Result<(Link, Greeting)> {
    let first = Trial::open(opener).await?;
    let link = first.link()?;
    let mut probe = pin!(discover(&link, terms.start));
    match tokio::time::timeout(terms.probe, &mut probe).await {
        Ok(Ok(Probe::Modern(greeting))) => return first.keep(greeting),
        Ok(Ok(Probe::Legacy)) => {
            let greeting = initialize(&link, terms).await?;
            return first.keep(greeting);
        }
        // Some legacy servers end when the first message is not `initialize`.
        Ok(Err(error)) if error.code() == Code::UpstreamExited => {
            let second = Trial::open(opener).await?;
            let greeting = initialize(&second.link()?, terms).await?;
            return second.keep(greeting);
        }
        Ok(Err(error)) => return Err(error),
        Err(_) => {}
    }
    let second = Trial::open(opener).await?;
    let second_link = second.link()?;
    let mut hello = pin!(initialize(&second_link, terms));
    tokio::select! {
        late = &mut probe => match late {
            Ok(Probe::Modern(greeting)) => first.keep(greeting),
            Ok(Probe::Legacy) | Err(_) => second.keep(hello.await?),
        },
        answer = &mut hello => match answer {
            Ok(greeting) => second.keep(greeting),
            Err(error) => match probe.await {
                Ok(Probe::Modern(greeting)) => first.keep(greeting),
                _ => Err(error),
            },
        },
    }
}

/// Greets a server at an address, over streamable HTTP. `old` is tried where the address takes no messages: servers of
/// version 2024-11-05 answer them with 400, 404 or 405, or whatever their framework says (specification 2025-11-25,
/// transports, backwards compatibility).
pub async fn greet_address(
    link: Arc<http::Link>,
    old: Option<&Opener<'_>>,
    remembered: Option<Era>,
    terms: Terms,
) -> Result<(Link, Greeting)> {
    let link = Link::Http(link);
    let whole = async {
        if remembered == Some(Era::Legacy) {
            match initialize(&link, terms).await {
                Err(error) if error.code() == Code::UpstreamEra || error.code() == Code::UpstreamProtocol => {}
                other => return other,
            }
        }
        match tokio::time::timeout(terms.probe, discover(&link, terms.start)).await {
            Ok(Ok(Probe::Modern(greeting))) => Ok(greeting),
            Ok(Err(error)) if matches!(error.code(), Code::UpstreamUnreachable | Code::UpstreamEra) => Err(error),
            Ok(Err(error)) if error.code().is_about_login() => Err(error),
            // A legacy server may also refuse what it does not understand with any status.
            _ => initialize(&link, terms).await,
        }
    };
    let either = async {
        match (whole.await, old) {
            (Ok(greeting), _) => Ok((link.clone(), greeting)),
            (Err(error), Some(old)) if error.code() == Code::UpstreamProtocol => {
                // A stream that names no address for messages is another one, and the first error says more.
                let Ok(Ok(trial)) = tokio::time::timeout(terms.probe, Trial::open(old)).await else {
                    return Err(error);
                };
                let greeting = initialize(&trial.link()?, terms).await?;
                trial.keep(greeting)
            }
            (Err(error), _) => Err(error),
        }
    };
    let greeted = tokio::time::timeout(terms.start, either).await;
    in_time(greeted, || start_timeout(link.name(), terms.start))
}

/// What came of a greeting within its time. A single message of it may wait as long, and either of the two clocks may
/// notice first.
fn in_time<T>(greeted: Result<Result<T>, Elapsed>, late: impl FnOnce() -> Error) -> Result<T> {
    match greeted {
        Ok(Err(error)) if error.code() == Code::UpstreamCallTimeout => Err(late()),
        Ok(greeted) => greeted,
        Err(_) => Err(late()),
    }
}

fn start_timeout(name: &str, limit: Duration) -> Error {
    Error::new(
        Code::UpstreamStartTimeout,
        format!("`{name}` was not ready within {limit:?}"),
        format!("see `tutti server logs {name}`; a server that is slow to start can be given more with `timeouts: {{ start: 5m }}`"),
    )
    .of_upstream(name)
}

/// Asks a server whether it is modern.
async fn discover(link: &Link, limit: Duration) -> Result<Probe> {
    let params = modern_params();
    let ask = || link.ask(Method::Discover.name(), &params, Era::Modern, limit);
    let modern = |versions: Option<&str>| names_any(versions, &version::MODERN);
    let mut answer = ask().await?;
    // A server that refuses the version and names it as one that it speaks is believed the second time: it may have been
    // another process behind the same address that refused.
    let refused = |body| raw::get(body, "code") == Some("-32022") && modern(raw::at(body, &["data", "supported"]));
    if answer.kind() == &Kind::Error && answer.body().is_some_and(refused) {
        answer = ask().await?;
    }
    let body = answer.body().unwrap_or("{}");
    if answer.kind() == &Kind::Result {
        let versions = raw::get(body, "supportedVersions");
        return if modern(versions) {
            Ok(Probe::Modern(greeting(body, Era::Modern, version::LATEST_MODERN.to_owned())))
        } else if versions.is_none() || names_any(versions, &version::LEGACY) {
            Ok(Probe::Legacy)
        } else {
            Err(no_common_version(link.name(), versions.unwrap_or_default()))
        };
    }
    match raw::get(body, "code") {
        Some("-32022") => {
            let versions = raw::at(body, &["data", "supported"]);
            let legacy = versions.is_none() || names_any(versions, &version::LEGACY);
            if legacy { Ok(Probe::Legacy) } else { Err(no_common_version(link.name(), versions.unwrap_or_default())) }
        }
        Some("-32020" | "-32021") => result_of(&answer, link.name(), Method::Discover.name()).map(|_| Probe::Legacy),
        _ => Ok(Probe::Legacy),
    }
}

/// Opens a legacy session.
async fn initialize(link: &Link, terms: Terms) -> Result<Greeting> {
    let version = version::LATEST_LEGACY;
    let params = format!(
        r#"{{"protocolVersion":"{version}","capabilities":{},"clientInfo":{}}}"#,
        terms.offers.to_json(),
        client_info()
    );
    let answer = link.ask(Method::Initialize.name(), &params, Era::Legacy, terms.start).await?;
    let body = answer.body().unwrap_or("{}");
    if answer.kind() == &Kind::Error && raw::get(body, "code") == Some("-32022") {
        return Err(no_common_version(link.name(), raw::at(body, &["data", "supported"]).unwrap_or_default()));
    }
    let body = result_of(&answer, link.name(), Method::Initialize.name())?;
    let version = raw::get(body, "protocolVersion").and_then(raw::text).unwrap_or_default().into_owned();
    if version::era_of(&version) != Some(Era::Legacy) {
        return Err(no_common_version(link.name(), &version));
    }
    if let Link::Http(link) = link {
        link.set_version(&version);
    }
    link.notify(Method::Initialized.name(), None, Era::Legacy).await?;
    Ok(greeting(body, Era::Legacy, version))
}

fn names_any(list: Option<&str>, versions: &[&str]) -> bool {
    raw::elements(list.unwrap_or_default()).filter_map(raw::text).any(|version| versions.contains(&version.as_ref()))
}

fn no_common_version(name: &str, theirs: &str) -> Error {
    let theirs: String = theirs.chars().filter(|character| !character.is_control()).take(100).collect();
    let ours = [version::LEGACY.as_slice(), &version::MODERN].concat().join(", ");
    Error::new(
        Code::UpstreamEra,
        format!("`{name}` speaks none of the protocol versions {ours}; it named: {theirs}"),
        "update that server, or look for one that speaks a current version",
    )
    .of_upstream(name)
}

fn greeting(body: &str, era: Era, version: String) -> Greeting {
    let own = |key: &str| raw::get(body, key).map(str::to_owned);
    let in_meta = raw::at(body, &["_meta", version::meta::SERVER_INFO]).map(str::to_owned);
    Greeting {
        era,
        version,
        capabilities: own("capabilities").unwrap_or_else(|| "{}".to_owned()),
        server_info: own("serverInfo").or(in_meta).unwrap_or_else(|| "{}".to_owned()),
        instructions: raw::get(body, "instructions").and_then(raw::text).map(std::borrow::Cow::into_owned),
    }
}
