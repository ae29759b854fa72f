//! The session that a client of the legacy era has at the hub: opened by its `initialize`, opened again when the hub
//! does not know it any more, and ended with the client.

use super::pipes::line;
use base::{Code, Error, Result};
use http::{HeaderMap, HeaderValue, Method as Verb, StatusCode, header};
use hubs::client::exchange::{Answer, Endpoint};
use mcp::message::Kind;
use mcp::{Message, Method, header as names, raw, write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The first and the longest pause before the stream of news is opened again.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(5)];

/// How long the stream of news may take to open before the client is answered without it.
const OPENING: Duration = Duration::from_secs(1);

/// How long the end of a session may take.
const LEAVING: Duration = Duration::from_secs(2);

/// The hub, and the session there.
pub(super) struct Sessions {
    endpoint: Arc<Endpoint>,
    path: String,
    out: mpsc::Sender<Vec<u8>>,
    state: Mutex<State>,
    /// Held while a session is opened, so that requests which find it lost at once open one together.
    turn: tokio::sync::Mutex<()>,
    /// Ends everything.
    pub(super) stop: CancellationToken,
}

#[derive(Default)]
struct State {
    current: Option<Session>,
    /// The params of the client's `initialize`, for the next hub that does not know it.
    hello: Option<String>,
    /// The params of its last `logging/setLevel`.
    level: Option<String>,
    count: u64,
}

/// A session.
#[derive(Clone)]
pub(super) struct Session {
    id: Option<HeaderValue>,
    version: HeaderValue,
    /// Which one it is: the first, the second, …
    pub(super) number: u64,
    over: CancellationToken,
}

impl Session {
    /// The headers that requests of the session carry.
    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(names::PROTOCOL_VERSION, self.version.clone());
        self.id.iter().for_each(|id| drop(headers.insert(names::SESSION, id.clone())));
        headers
    }
}

impl Sessions {
    pub(super) fn new(endpoint: Arc<Endpoint>, path: String, out: mpsc::Sender<Vec<u8>>) -> Arc<Self> {
        let (state, turn, stop) = (Mutex::default(), tokio::sync::Mutex::default(), CancellationToken::new());
        Arc::new(Self { endpoint, path, out, state, turn, stop })
    }

    /// The session of now.
    pub(super) fn current(&self) -> Option<Session> {
        self.lock().current.clone()
    }

    /// Remembers which log messages the client wants.
    pub(super) fn remember_level(&self, params: &str) {
        self.lock().level = Some(params.to_owned());
    }

    /// Sends a message to the hub.
    pub(super) async fn post(&self, body: String, headers: HeaderMap) -> Result<Answer> {
        Endpoint::send(&self.endpoint, Verb::POST, &self.path, headers, body).await
    }

    /// The error for a hub that went away.
    pub(super) fn gone(&self) -> Error {
        self.endpoint.unreachable("it went away before the answer")
    }

    /// Sends a message to the client. Nothing is to be done when it is gone: its end is seen elsewhere.
    pub(super) async fn tell(&self, message: &str) {
        let _ = self.out.send(line(message)).await;
    }

    /// Opens a session with the client's own `initialize`, and answers with what the hub says to it.
    pub(super) async fn open(self: &Arc<Self>, hello: &Message) -> Result<Message> {
        let _turn = self.turn.lock().await;
        let answer = self.greet(hello.source().to_owned()).await?;
        self.lock().hello = Some(hello.body().unwrap_or("{}").to_owned());
        Ok(answer)
    }

    /// Opens a session in the place of the one with this number, unless somebody did so already.
    pub(super) async fn renew(self: &Arc<Self>, lost: u64) -> Result<()> {
        let _turn = self.turn.lock().await;
        let (current, hello, level) = {
            let state = self.lock();
            (state.current.as_ref().map(|session| session.number), state.hello.clone(), state.level.clone())
        };
        let Some(hello) = hello.filter(|_| current == Some(lost)) else { return Ok(()) };
        tracing::info!("the hub does not know the session any more; opening another");
        let request = |method: &Method, params: &str| {
            format!(r#"{{"jsonrpc":"2.0","id":"tutti-bridge","method":"{}","params":{params}}}"#, method.name())
        };
        let answer = self.greet(request(&Method::Initialize, &hello)).await?;
        if answer.kind() != &Kind::Result {
            let next = "start the client again; `tutti doctor` looks at the hub";
            return Err(Error::new(Code::SessionUnknown, "the hub forgot the session and opens no other", next));
        }
        let Some(session) = self.current() else { return Ok(()) };
        self.post(write::notification(Method::Initialized.name(), None), session.headers()).await?;
        if let Some(level) = level {
            self.post(request(&Method::SetLevel, &level), session.headers()).await?;
        }
        self.news_were_missed().await;
        Ok(())
    }

    /// Sends `initialize` and keeps what the answer says of the session.
    async fn greet(self: &Arc<Self>, body: String) -> Result<Message> {
        let answer = self.post(body, HeaderMap::new()).await?;
        let (id, status) = (answer.headers.get(names::SESSION).cloned(), answer.status);
        let message = self.message(answer).await?;
        if message.kind() != &Kind::Result || !status.is_success() {
            return Ok(message);
        }
        let version = message.body().and_then(|body| raw::get(body, "protocolVersion")).and_then(raw::text);
        let version = version.and_then(|version| HeaderValue::from_str(&version).ok()).ok_or_else(|| {
            let next = "check that the address is a hub's: the first line of `tutti up` names it";
            Error::new(Code::HubAnswer, "the answer to initialize names no protocol version", next)
        })?;
        let (session, before) = {
            let mut state = self.lock();
            state.count += 1;
            let over = self.stop.child_token();
            let session = Session { id, version, number: state.count, over };
            (session.clone(), state.current.replace(session))
        };
        if let Some(before) = before {
            before.over.cancel();
        }
        self.listen(session).await;
        Ok(message)
    }

    /// The one message of an answer.
    async fn message(&self, answer: Answer) -> Result<Message> {
        if answer.is_events() {
            let mut events = answer.events();
            while let Some(data) = events.next().await? {
                if let Some(message) = Message::parse(data).ok().filter(is_answer) {
                    events.done();
                    return Ok(message);
                }
            }
            return Err(self.gone());
        }
        let status = answer.status.as_u16();
        Message::parse(answer.text().await?).ok().filter(is_answer).ok_or_else(|| {
            let message = format!("the hub answered with HTTP status {status} and no message of the protocol");
            Error::new(Code::HubAnswer, message, "check that the address is a hub's")
        })
    }

    /// Opens the stream of what no request asked for, and waits a moment until it is open, so that the client misses no
    /// news that come right after its hello.
    async fn listen(self: &Arc<Self>, session: Session) {
        let opened = CancellationToken::new();
        let (sessions, told) = (Arc::clone(self), opened.clone());
        base::task::spawn("news of the hub", async move {
            let over = session.over.clone();
            tokio::select! {
                () = over.cancelled() => {}
                () = sessions.follow(session, &told) => {}
            }
            told.cancel();
        });
        let _ = tokio::time::timeout(OPENING, opened.cancelled()).await;
    }

    /// Passes on what comes through the stream of news, and opens it again when it breaks.
    async fn follow(self: &Arc<Self>, session: Session, opened: &CancellationToken) {
        let [mut pause, longest] = PAUSES;
        let mut first = true;
        loop {
            match self.stream(&session).await {
                Ok(Stream::Events(mut events)) => {
                    opened.cancel();
                    if !std::mem::take(&mut first) {
                        self.news_were_missed().await;
                    }
                    pause = PAUSES[0];
                    while let Ok(Some(data)) = events.next().await {
                        self.tell(&data).await;
                    }
                }
                // Another task follows the news of the session that is opened instead.
                Ok(Stream::Unknown) if self.replace(session.number) => return,
                Ok(Stream::Unknown) | Err(_) => {}
                Ok(Stream::None) => return,
            }
            opened.cancel();
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    /// Renews a session from within the task that follows it, which ends with the session; so another task does it.
    fn replace(self: &Arc<Self>, lost: u64) -> bool {
        let sessions = Arc::clone(self);
        base::task::spawn("new session", async move {
            let [mut pause, longest] = PAUSES;
            while let Err(error) = sessions.renew(lost).await {
                tracing::info!(%error, "no new session yet");
                tokio::select! {
                    () = sessions.stop.cancelled() => return,
                    () = tokio::time::sleep(pause) => pause = (pause * 2).min(longest),
                }
            }
        });
        true
    }

    async fn stream(&self, session: &Session) -> Result<Stream> {
        let mut headers = session.headers();
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/event-stream"));
        let answer = Endpoint::send(&self.endpoint, Verb::GET, &self.path, headers, String::new()).await?;
        match answer.status {
            StatusCode::OK if answer.is_events() => Ok(Stream::Events(Box::new(answer.events()))),
            StatusCode::NOT_FOUND => Ok(Stream::Unknown),
            status if status.is_success() || status.is_client_error() => Ok(Stream::None),
            status => {
                let message = format!("the hub answered with HTTP status {}", status.as_u16());
                Err(Error::new(Code::HubAnswer, message, "it is tried again"))
            }
        }
    }

    /// Tells the client that any list may be another: the hub was away, and nobody heard its news meanwhile.
    async fn news_were_missed(&self) {
        for method in [Method::ToolsChanged, Method::PromptsChanged, Method::ResourcesChanged] {
            self.tell(&write::notification(method.name(), None)).await;
        }
    }

    /// Ends the session at the hub.
    pub(super) async fn leave(&self) {
        self.stop.cancel();
        let Some(session) = self.lock().current.take() else { return };
        if session.id.is_some() {
            let left = Endpoint::send(&self.endpoint, Verb::DELETE, &self.path, session.headers(), String::new());
            let _ = tokio::time::timeout(LEAVING, left).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a GET answers with.
enum Stream {
    Events(Box<hubs::client::exchange::Events>),
    /// The hub does not know the session.
    Unknown,
    /// The hub has no such stream, or none for this client.
    None,
}

fn is_answer(message: &Message) -> bool {
    matches!(message.kind(), Kind::Result | Kind::Error)
}
