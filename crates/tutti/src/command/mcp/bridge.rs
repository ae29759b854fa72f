//! Passing messages between a client on standard input and output and a hub over HTTP.
//!
//! Every message is a request of its own, so that a slow call holds up nothing. A cancellation closes the request that
//! it is about, which both eras of the hub understand.

use super::pipes;
use super::session::Sessions;
use base::{Code, Error, Result};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use hubs::client::exchange::{Answer, Endpoint};
use hubs::signals::Signals;
use mcp::line::{Line, Splitter};
use mcp::message::Kind;
use mcp::version::{LATEST_MODERN, meta};
use mcp::{Message, Method, header as names, raw, write};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The most bytes of one message. The hub has its own limit, below this one, and says so in its answer.
const LIMIT: usize = 64 << 20;

/// How long requests may take to be answered once the input has ended.
const DRAIN: Duration = Duration::from_secs(30);

/// Serves the client until its input ends, it stops reading, or the process is told to stop.
pub(super) async fn serve(endpoint: Arc<Endpoint>, path: String, signals: &mut Signals) {
    let output = pipes::output();
    let bridge = Arc::new(Bridge {
        sessions: Sessions::new(endpoint, path, output.sender()),
        in_flight: Mutex::default(),
        tracker: TaskTracker::new(),
    });
    tokio::select! {
        () = bridge.converse(pipes::input()) => {}
        () = signals.next() => {}
        () = output.closed() => {}
    }
    bridge.lock().values().for_each(|flight| flight.cancel.cancel());
    bridge.sessions.leave().await;
    drop(bridge);
    output.finish().await;
}

struct Bridge {
    sessions: Arc<Sessions>,
    /// Requests under way, by their ids as raw JSON.
    in_flight: Mutex<HashMap<Box<str>, Flight>>,
    tracker: TaskTracker,
}

/// A request under way.
struct Flight {
    cancel: CancellationToken,
    /// Whether it has an end of its own.
    ends: bool,
}

impl Bridge {
    async fn converse(self: &Arc<Self>, mut input: mpsc::Receiver<Vec<u8>>) {
        let mut splitter = Splitter::new(LIMIT);
        while let Some(piece) = input.recv().await {
            splitter.feed(&piece);
            while let Some(line) = splitter.next_line() {
                match line {
                    Line::Whole(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => {}
                    Line::Whole(bytes) => self.take(bytes).await,
                    Line::TooLong { length, .. } => {
                        let message = format!("a message has {length} bytes; the limit is {LIMIT}");
                        self.fail("null", &Error::new(Code::BodyTooLarge, message, "send less at once")).await;
                    }
                }
            }
        }
        // Answers that are under way are still passed on; streams would have no end.
        self.lock().values().filter(|flight| !flight.ends).for_each(|flight| flight.cancel.cancel());
        self.tracker.close();
        let _ = tokio::time::timeout(DRAIN, self.tracker.wait()).await;
    }

    async fn take(self: &Arc<Self>, bytes: Vec<u8>) {
        let message = match Message::from_bytes(bytes) {
            Ok(message) => message,
            Err(malformed) => return self.fail("null", &malformed.to_error()).await,
        };
        match message.kind() {
            // What follows belongs to the session that this opens, so it waits.
            Kind::Request(Method::Initialize) => match self.sessions.open(&message).await {
                Ok(answer) => self.sessions.tell(&with_id(&answer, message.id().unwrap_or("null"))).await,
                Err(error) => self.fail(message.id().unwrap_or("null"), &error).await,
            },
            Kind::Request(method) => {
                let ends = method != &Method::Listen;
                self.begin(message, ends).await;
            }
            _ => {
                if message.method() == Some(&Method::Cancelled) {
                    self.cancel(&message);
                }
                let bridge = Arc::clone(self);
                base::task::spawn_light(self.tracker.track_future(async move { bridge.notify(message).await }));
            }
        }
    }

    async fn begin(self: &Arc<Self>, message: Message, ends: bool) {
        let id: Box<str> = message.id().unwrap_or("null").into();
        let cancel = CancellationToken::new();
        let taken = {
            let mut in_flight = self.lock();
            let taken = in_flight.contains_key(&id);
            if !taken {
                in_flight.insert(id.clone(), Flight { cancel: cancel.clone(), ends });
            }
            taken
        };
        if taken {
            let why = format!("a request with the id {id} is still in flight");
            let error = Error::new(Code::DuplicateRequestId, why, "give each request its own id");
            return self.fail(&id, &error).await;
        }
        if message.method() == Some(&Method::SetLevel) {
            self.sessions.remember_level(message.body().unwrap_or("{}"));
        }
        let bridge = Arc::clone(self);
        base::task::spawn_light(self.tracker.track_future(async move {
            tokio::select! {
                // The answer is not wanted any more; dropping the request closes its connection.
                () = cancel.cancelled() => {}
                passed = bridge.request(&message, &id) => if let Err(error) = passed {
                    bridge.fail(&id, &error).await;
                }
            }
            bridge.lock().remove(&id);
        }));
    }

    fn cancel(&self, message: &Message) {
        let id = message.body().and_then(|body| raw::get(body, "requestId"));
        if let Some(flight) = id.and_then(|id| self.lock().get(id).map(|flight| flight.cancel.clone())) {
            flight.cancel();
        }
    }

    /// Passes a request on, and all that the hub answers. A session that the hub does not know any more is opened anew,
    /// once: the request did not take effect.
    async fn request(&self, message: &Message, id: &str) -> Result<()> {
        let mut renewed = false;
        loop {
            let session = if version(message).is_some() { None } else { self.sessions.current() };
            let headers = session.as_ref().map_or_else(|| modern(message), |session| session.headers());
            let answer = self.sessions.post(message.source().to_owned(), headers).await?;
            match session {
                Some(session) if answer.status == StatusCode::NOT_FOUND && !renewed => {
                    renewed = true;
                    self.sessions.renew(session.number).await?;
                }
                _ => return self.pass(answer, id).await,
            }
        }
    }

    /// Passes on what the hub answers, until the answer is there.
    async fn pass(&self, answer: Answer, id: &str) -> Result<()> {
        let status = answer.status;
        if !answer.is_events() {
            let text = answer.text().await?;
            return match Message::parse(text) {
                Ok(message) => {
                    self.sessions.tell(&with_id(&message, id)).await;
                    Ok(())
                }
                // The request was cancelled by the client, which expects no answer.
                Err(_) if status == StatusCode::ACCEPTED => Ok(()),
                Err(_) => Err(nonsense(status)),
            };
        }
        let mut events = answer.events();
        while let Some(data) = events.next().await? {
            let is_answer = Message::parse(data.clone())
                .is_ok_and(|message| matches!(message.kind(), Kind::Result | Kind::Error) && message.id() == Some(id));
            self.sessions.tell(&data).await;
            if is_answer {
                events.done();
                return Ok(());
            }
        }
        Err(self.sessions.gone())
    }

    /// Passes on what wants no answer.
    async fn notify(&self, message: Message) {
        let session = if version(&message).is_some() { None } else { self.sessions.current() };
        let headers = session.map_or_else(|| modern(&message), |session| session.headers());
        match self.sessions.post(message.source().to_owned(), headers).await {
            Ok(answer) if answer.status.is_success() => {}
            Ok(answer) => tracing::info!(status = answer.status.as_u16(), "the hub did not take a notification"),
            Err(error) => tracing::info!(%error, "a notification was lost"),
        }
    }

    async fn fail(&self, id: &str, error: &Error) {
        self.sessions.tell(&write::error(id, error)).await;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Box<str>, Flight>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The protocol version that a message names in its body, as those of the modern era do.
fn version(message: &Message) -> Option<std::borrow::Cow<'_, str>> {
    raw::at(message.body()?, &["_meta", meta::PROTOCOL_VERSION]).and_then(raw::text)
}

/// The headers of a message that belongs to no session: what it is about, for whatever stands between (specification
/// 2026-07-28, transports).
fn modern(message: &Message) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let Some(method) = message.method() else { return headers };
    let version = version(message);
    // A request without a version is one of a client that has not said how it speaks; the hub tells it so.
    if version.is_none() && matches!(message.kind(), Kind::Request(_)) {
        return headers;
    }
    let mut add = |header: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(&names::encode(value)) {
            headers.insert(HeaderName::from_static(header), value);
        }
    };
    add(names::PROTOCOL_VERSION, version.as_deref().unwrap_or(LATEST_MODERN));
    add(names::METHOD, method.name());
    let key = match method {
        Method::ToolsCall | Method::PromptsGet => "name",
        Method::ResourcesRead => "uri",
        _ => return headers,
    };
    if let Some(name) = message.body().and_then(|body| raw::get(body, key)).and_then(raw::text) {
        add(names::NAME, &name);
    }
    headers
}

/// A message of the hub for the request `id`. An error that came before the hub had read the id has none.
fn with_id<'a>(message: &'a Message, id: &str) -> std::borrow::Cow<'a, str> {
    match (message.kind(), message.id()) {
        (Kind::Error, None | Some("null")) => write::raw_error(id, message.body().unwrap_or("{}")).into(),
        _ => message.source().into(),
    }
}

fn nonsense(status: StatusCode) -> Error {
    let message = format!("the hub answered with HTTP status {} and no message of the protocol", status.as_u16());
    Error::new(Code::HubAnswer, message, "check that the address is a hub's: the first line of `tutti up` names it")
}

#[cfg(test)]
mod tests;
