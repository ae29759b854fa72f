//! Streams to legacy clients that go on when the connection breaks: a client that comes back with the id of the last
//! event that it has gets the rest (specification 2025-11-25, transports, resumability and redelivery).
//!
//! The id of an event is the sealed name of its stream and a number. The seal is bound to the session, so nobody else can
//! read on, and it holds the id of the request, so that a client whose answer is lost for good can be told.

use super::outlet::Numbered;
use super::pending::{Next, Pending};
use super::replay::{Log, Reader, Sent};
use super::session::Session;
use crate::Shared;
use crate::body::Events;
use base::seal::Sealer;
use base::{Code, Error, Result};
use bytes::Bytes;
use mcp::{Era, version, write};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long a call goes on for a client that is away. A broken connection is no cancellation.
const GRACE: Duration = Duration::from_secs(60);

/// How long an answer is kept after it was sent: its end may have been lost with the connection.
const KEPT: Duration = Duration::from_secs(60);

/// The longest request id, as raw JSON, that is remembered in a name.
const ID: usize = 256;

/// What all streams share.
pub(crate) struct Resumable {
    sealer: Sealer,
    bytes: Arc<AtomicUsize>,
}

impl Resumable {
    pub(crate) fn new(sealer: Sealer) -> Self {
        Self { sealer, bytes: Arc::default() }
    }
}

/// Whether clients of this session know that a stream can be taken up again.
pub(crate) fn is_resumable(session: &Session) -> bool {
    session.version != version::LEGACY[0]
}

/// Whether clients of this session take an event without data, which makes a stream resumable from its beginning. Older
/// ones take it for a broken message.
pub(crate) fn is_primed(session: &Session) -> bool {
    session.version == version::LATEST_LEGACY
}

/// Begins the stream of an answer, with this message if there is one already. `hangup` closes the connection.
pub(crate) fn begin(
    shared: &Shared,
    session: &Arc<Session>,
    pending: Pending,
    first: Option<Next>,
    hangup: &CancellationToken,
) -> Result<Events<Sent>> {
    let id = Some(pending.id()).filter(|id| id.len() <= ID).unwrap_or("null");
    let name = shared.resumable.sealer.seal(id.as_bytes(), session.id.as_bytes())?;
    let arriving = session.streams.add(&name);
    let (reader, events) = Reader::new(0, hangup);
    let log = Log::new(name, Arc::clone(&shared.resumable.bytes));
    let mut stream = Stream { log, reader: None, left_at: Instant::now() };
    let (primed, session) = (is_primed(session), Arc::downgrade(session));
    base::task::spawn("resumable answer", async move {
        if primed {
            reader.send(stream.log.priming()).await;
        }
        stream.attach(reader).await;
        match first {
            Some(Next::Note(text)) => drop(stream.push(&text, true).await),
            Some(Next::Ask { text, .. }) => drop(stream.push(&text, false).await),
            _ => {}
        }
        stream.run(Box::new(pending), arriving, session).await;
    });
    Ok(events)
}

/// The last event that a client has.
pub(crate) struct Last<'a> {
    /// The name of its stream.
    name: &'a str,
    number: u64,
    /// The id of the request that the stream answers, as raw JSON; empty for the stream that belongs to no request.
    id: Vec<u8>,
}

impl<'a> Last<'a> {
    /// Reads `Last-Event-ID`, which must name an event of this session.
    pub(crate) fn read(shared: &Shared, session: &Session, last: &'a str) -> Result<Self> {
        Self::open(&shared.resumable.sealer, last, &session.id).ok_or_else(|| {
            let next = "GET without Last-Event-ID, or send the request again";
            Error::new(Code::StreamUnknown, "Last-Event-ID names no event of this session", next)
        })
    }

    /// What an event id of the session with this id says; nothing where it is none.
    pub(crate) fn open(sealer: &Sealer, last: &'a str, session: &str) -> Option<Self> {
        let (name, number) = last.rsplit_once('.')?;
        let id = sealer.open(name, session.as_bytes())?;
        Some(Self { name, number: number.parse().ok()?, id })
    }

    /// Whether the event came on the answer to a request.
    pub(crate) fn is_of_answer(&self) -> bool {
        !self.id.is_empty()
    }
}

/// The stream of what no request asked for: from its beginning, or from behind the last event that the client has.
pub(crate) fn listen(shared: &Shared, session: &Arc<Session>, last: Option<Last<'_>>) -> Result<Events<Bytes>> {
    shared.subscribers.listen(session, last.map(|last| (last.name, last.number)), || {
        let name = shared.resumable.sealer.seal(b"", session.id.as_bytes())?;
        Ok(Numbered::new(Log::small(name, Arc::clone(&shared.resumable.bytes)), is_primed(session)))
    })
}

/// The rest of the answer of which `last` is the last event that the client has.
pub(crate) async fn resume(
    session: &Session,
    Last { name, number, id }: Last<'_>,
    hangup: &CancellationToken,
) -> Result<Events<Sent>> {
    let (reader, events) = Reader::new(number, hangup);
    if let Err(reader) = session.streams.give(name, reader) {
        let message = "the answer is lost: its stream was taken up too late or at another replica, or the hub was restarted since";
        let error =
            Error::new(Code::StreamUnknown, message, "the call may have had its effect; send it again if it may");
        let text = write::error_in(&String::from_utf8_lossy(&id), &error, Era::Legacy);
        reader.send(mcp::sse::encode(&text).into()).await;
    }
    Ok(events)
}

/// One stream.
struct Stream {
    log: Log,
    /// Where it goes out; nothing while the client is away.
    reader: Option<Reader>,
    /// When the client has gone away, if it has.
    left_at: Instant,
}

impl Stream {
    async fn run(mut self, mut pending: Box<Pending>, mut arriving: mpsc::Receiver<Reader>, session: Weak<Session>) {
        let kept = self.carry(&mut pending, &mut arriving).await;
        drop(pending);
        // What is on its way is sent still, and then the body ends.
        self.reader = None;
        let until = Instant::now() + KEPT;
        while kept && let Ok(Some(reader)) = tokio::time::timeout_at(until, arriving.recv()).await {
            self.attach(reader).await;
            self.reader = None;
        }
        if let Some(session) = session.upgrade() {
            session.streams.forget(self.log.name());
        }
    }

    /// Carries messages until the answer; whether that is kept.
    async fn carry(&mut self, pending: &mut Pending, arriving: &mut mpsc::Receiver<Reader>) -> bool {
        let mut open = true;
        loop {
            tokio::select! {
                next = pending.next() => match next {
                    Next::Note(text) => drop(self.push(&text, true).await),
                    Next::Ask { text, .. } => drop(self.push(&text, false).await),
                    Next::Last(text) => return self.push(&text, false).await,
                    Next::Input(_) | Next::Cancelled => return false,
                },
                reader = arriving.recv(), if open => match reader {
                    Some(reader) => self.attach(reader).await,
                    None => open = false,
                },
                () = self.gone(open) => {
                    if self.reader.take().is_none() {
                        return false;
                    }
                    self.left_at = Instant::now();
                }
            }
        }
    }

    /// Waits until the reader is gone, or has been away for too long. With nobody who could come back, that is at once.
    async fn gone(&self, open: bool) {
        match &self.reader {
            Some(reader) => reader.closed().await,
            None if open => tokio::time::sleep_until(self.left_at + GRACE).await,
            None => {}
        }
    }

    /// Sends a message and keeps it; whether it could be kept.
    async fn push(&mut self, text: &str, passing: bool) -> bool {
        let (event, kept) = self.log.push(text, passing);
        if let Some(reader) = &self.reader
            && !reader.send(event).await
        {
            self.reader = None;
            self.left_at = Instant::now();
        }
        kept
    }

    /// Goes on with another reader: a message goes to one only.
    async fn attach(&mut self, reader: Reader) {
        // The earlier one ends now, and not when all is replayed.
        self.reader = None;
        let mut whole = true;
        for event in self.log.after(reader.after) {
            whole = whole && reader.send(event.clone()).await;
        }
        self.reader = Some(reader).filter(|_| whole);
        self.left_at = Instant::now();
    }
}
