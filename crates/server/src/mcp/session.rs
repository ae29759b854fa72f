//! Sessions of legacy clients.

use super::asked::Asked;
use super::kept::{Change, Kept};
use super::memory::Memory;
use super::replay::Streams;
use super::ticket::Ticket;
use crate::{Limits, Shared};
use base::seal::Sealer;
use base::{Code, Error, Result, clock};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use telemetry::Telemetry;
use telemetry::session::Carrier;
use tokio_util::sync::CancellationToken;

/// One legacy client.
pub(crate) struct Session {
    /// What the client is told to send with each request: unguessable.
    pub(crate) id: String,
    /// What it is kept under over restarts; nothing for a connection of its own.
    pub(crate) name: Option<Arc<str>>,
    /// A number for the hub, unique while the process lives.
    pub(crate) number: u64,
    /// Whose it is.
    pub(crate) principal: Arc<str>,
    /// The view that it sees.
    pub(crate) view: Arc<str>,
    /// The protocol version that was agreed.
    pub(crate) version: &'static str,
    /// What servers may ask of it, as raw JSON.
    pub(crate) capabilities: Arc<str>,
    /// What it has been asked.
    pub(crate) asked: Asked,
    /// The resources that it is told of, by the addresses that it knows.
    pub(crate) watched: Mutex<BTreeSet<String>>,
    /// The lowest level of log messages that it wants, a place in [`mcp::level::LEVELS`]; none until it says.
    pub(crate) level: AtomicUsize,
    /// Answers that can be taken up again.
    pub(crate) streams: Streams,
    in_flight: Mutex<HashMap<Box<str>, CancellationToken>>,
    /// Held while something that the client has set is taken in and kept.
    pub(crate) keeping: tokio::sync::Mutex<()>,
    used_at: Mutex<Instant>,
    /// For the numbers, when it began; nothing for a connection of its own, which counts itself.
    opened_at: Option<Instant>,
}

/// All sessions.
pub(crate) struct Sessions {
    by_id: RwLock<HashMap<String, Arc<Session>>>,
    limit: usize,
    idle: Duration,
    count: AtomicU64,
    sealer: Sealer,
    /// Names this process in the ids of sessions that it opens.
    process: String,
    /// Names of sessions of other processes that are over.
    over: Mutex<HashSet<String>>,
    /// What outlives this process.
    pub(crate) memory: Memory,
    telemetry: Telemetry,
}

/// A request under way that its client may cancel.
pub(crate) struct Cancellable {
    session: Arc<Session>,
    id: Box<str>,
    pub(crate) token: CancellationToken,
}

/// The most names of ended sessions that are kept. One more may be taken up again after a restart, without harm.
const OVER: usize = 100_000;

impl Session {
    /// Registers a request. An id that is in use already would make two answers one.
    pub(crate) fn begin(self: &Arc<Self>, id: &str) -> Result<Cancellable> {
        let token = CancellationToken::new();
        let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        if in_flight.contains_key(id) {
            let message = format!("a request with the id {id} is still in flight");
            return Err(Error::new(Code::DuplicateRequestId, message, "give each request of a session its own id"));
        }
        in_flight.insert(id.into(), token.clone());
        Ok(Cancellable { session: Arc::clone(self), id: id.into(), token })
    }

    /// Cancels a request of this session. One that is not there has been answered already.
    pub(crate) fn cancel(&self, id: &str) {
        if let Some(token) = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).get(id) {
            token.cancel();
        }
    }

    /// What the client has set.
    pub(crate) fn kept(&self) -> Kept {
        let level = Some(self.level.load(Ordering::Relaxed)).filter(|level| *level != usize::MAX);
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
        Kept { level, watched }
    }

    /// Takes in what the client has set.
    fn apply(&self, change: &Change) {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        match change {
            Change::Level(level) => self.level.store(*level, Ordering::Relaxed),
            Change::Watched(uri) => drop(watched.insert(uri.clone())),
            Change::Unwatched(uri) => drop(watched.remove(uri)),
        }
    }

    /// Notes that the client is there.
    pub(crate) fn touch(&self) {
        *self.used_at.lock().unwrap_or_else(PoisonError::into_inner) = clock::now();
    }

    fn idle(&self, now: Instant) -> Duration {
        let busy = !self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
        let used_at = *self.used_at.lock().unwrap_or_else(PoisonError::into_inner);
        if busy { Duration::ZERO } else { now.saturating_duration_since(used_at) }
    }

    /// Counts a session that is over. One whose client went away without a word was over with its last request.
    fn count(&self, telemetry: &Telemetry, told: bool) {
        let Some(opened_at) = self.opened_at else { return };
        let lasting = telemetry.client_session(Carrier::HTTP, self.version).since(opened_at);
        if !told {
            lasting.over_at(*self.used_at.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

impl Drop for Cancellable {
    fn drop(&mut self) {
        self.session.in_flight.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl Sessions {
    /// No sessions yet. `over` are the names of those that were ended earlier.
    pub(crate) fn new(
        limits: &Limits,
        sealer: Sealer,
        (memory, over): (Memory, HashSet<String>),
        telemetry: Telemetry,
    ) -> Result<Self> {
        Ok(Self {
            by_id: RwLock::default(),
            limit: limits.sessions,
            idle: limits.session_idle,
            count: AtomicU64::new(1),
            sealer,
            process: base::random::hex::<8>()?,
            over: Mutex::new(over),
            memory,
            telemetry,
        })
    }

    /// A number that no other client has while the process lives.
    pub(crate) fn number(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    /// The number of this principal's session with this id, on any view.
    pub(crate) fn number_of(&self, id: &str, principal: &str) -> Option<u64> {
        let sessions = self.by_id.read().unwrap_or_else(PoisonError::into_inner);
        sessions.get(id).filter(|session| &*session.principal == principal).map(|session| session.number)
    }

    /// Opens a session of `principal`. `capabilities` is what servers may ask of the client, as raw JSON.
    pub(crate) fn open(
        &self,
        principal: &Arc<str>,
        view: &str,
        version: &'static str,
        capabilities: &str,
    ) -> Result<Arc<Session>> {
        let ticket = Ticket::new(view, version, capabilities, &self.process)?;
        let id = ticket.seal(&self.sealer, principal)?;
        let (name, opened_at) = (Some(ticket.name.into()), Some(clock::now()));
        let session = Session { id, name, opened_at, ..self.unlisted(principal, view, version, capabilities)? };
        self.list(session).map(|(session, _)| session)
    }

    /// Adds a session, unless it is there already; says whether it was added.
    fn list(&self, session: Session) -> Result<(Arc<Session>, bool)> {
        let session = Arc::new(session);
        let mut sessions = self.by_id.write().unwrap_or_else(PoisonError::into_inner);
        // Two requests may take a session over at once.
        if let Some(there) = sessions.get(&session.id) {
            return Ok((Arc::clone(there), false));
        }
        if sessions.len() >= self.limit {
            let message = format!("there are {} sessions, as many as the hub keeps", sessions.len());
            return Err(Error::new(Code::TooManySessions, message, "end sessions with DELETE, or try again later"));
        }
        sessions.insert(session.id.clone(), Arc::clone(&session));
        Ok((session, true))
    }

    /// A session that no id leads to: that of a client on a connection of its own.
    pub(crate) fn unlisted(
        &self,
        principal: &Arc<str>,
        view: &str,
        version: &'static str,
        capabilities: &str,
    ) -> Result<Session> {
        Ok(Session {
            id: base::random::hex::<16>()?,
            name: None,
            number: self.number(),
            principal: Arc::clone(principal),
            view: view.into(),
            version,
            capabilities: capabilities.into(),
            asked: Asked::default(),
            watched: Mutex::default(),
            level: AtomicUsize::new(usize::MAX),
            streams: Streams::default(),
            in_flight: Mutex::default(),
            keeping: tokio::sync::Mutex::default(),
            used_at: Mutex::new(clock::now()),
            opened_at: None,
        })
    }

    /// This principal's session with this id on this view, and what it has set if it was just taken over from another
    /// process.
    pub(crate) async fn get(&self, id: &str, view: &str, principal: &Arc<str>) -> Result<(Arc<Session>, Option<Kept>)> {
        let found = self.with_id(id).filter(|session| &*session.view == view && session.principal == *principal);
        let (session, taken) = match found {
            Some(session) => (session, None),
            None => Box::pin(self.take_over(id, view, principal)).await?,
        };
        session.touch();
        Ok((session, taken))
    }

    /// A session that another process has opened: this one before it was restarted, or another replica.
    async fn take_over(&self, id: &str, view: &str, principal: &Arc<str>) -> Result<(Arc<Session>, Option<Kept>)> {
        let unknown = || {
            let message = "the session is not known; it has ended or is too old";
            Error::new(Code::SessionUnknown, message, "initialize again")
        };
        let ticket = Ticket::open(id, &self.sealer, principal).filter(|ticket| ticket.view == view);
        // Of its own sessions a process that is alone knows which there are.
        let is_gone = |ticket: &Ticket| ticket.process == self.process && self.memory.replicas().is_none();
        let ticket = ticket.filter(|ticket| !is_gone(ticket) && !self.is_over(&ticket.name)).ok_or_else(unknown)?;
        let kept = self.memory.recall(&ticket.name).await.ok_or_else(unknown)?;
        let opened_at = clock::now().checked_sub(ticket.age());
        let Ticket { name, version, capabilities, .. } = ticket;
        let (id, name) = (id.to_owned(), Some(name.into()));
        let session = Session { id, name, opened_at, ..self.unlisted(principal, view, version, &capabilities)? };
        // Its first request must find what was set, though upstreams are told later.
        kept.changes().iter().for_each(|change| session.apply(change));
        let (session, added) = self.list(session)?;
        Ok((session, Some(kept).filter(|_| added)))
    }

    /// The session with this id, on any view.
    pub(crate) fn with_id(&self, id: &str) -> Option<Arc<Session>> {
        self.by_id.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// All sessions.
    pub(crate) fn all(&self) -> Vec<Arc<Session>> {
        self.by_id.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The names of sessions that are over.
    pub(crate) fn over(&self) -> Vec<String> {
        self.over.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn is_over(&self, name: &str) -> bool {
        self.over.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.by_id.read().unwrap_or_else(PoisonError::into_inner).len() as u64
    }

    /// Ends a session. `told` says that its client wanted that.
    pub(crate) async fn close(&self, id: &str, told: bool) -> Option<Arc<Session>> {
        let session = self.remove(id, told)?;
        if let Some(name) = &session.name {
            // One that is only quiet here may be in use at another replica, and come back.
            if told || self.memory.replicas().is_none() {
                self.note_over(name);
            }
            self.memory.forget((name, id), told).await;
        }
        Some(session)
    }

    /// Takes in that the client has ended a session at another replica; gives it, if it was in use here too.
    pub(crate) fn ended_elsewhere(&self, id: &str, name: &str) -> Option<Arc<Session>> {
        self.note_over(name);
        let (memory, noted) = (self.memory.clone(), name.to_owned());
        base::task::spawn("session ended", async move { memory.forget_here(&noted, true).await });
        self.remove(id, true)
    }

    fn remove(&self, id: &str, told: bool) -> Option<Arc<Session>> {
        let session = self.by_id.write().unwrap_or_else(PoisonError::into_inner).remove(id)?;
        session.streams.clear();
        session.count(&self.telemetry, told);
        Some(session)
    }

    fn note_over(&self, name: &str) {
        let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        if over.len() < OVER {
            over.insert(name.to_owned());
        }
    }

    /// Takes in and keeps what a client has set. Changes of one session are kept in their order.
    pub(crate) async fn keep(&self, session: &Session, change: Change) {
        let _turn = session.keeping.lock().await;
        session.apply(&change);
        let Some(name) = &session.name else { return };
        self.memory.keep((name, &session.id), &session.kept(), &change).await;
    }

    /// The ids of the sessions of these principals.
    pub(crate) fn of(&self, principals: &[Arc<str>]) -> Vec<String> {
        let sessions = self.by_id.read().unwrap_or_else(PoisonError::into_inner);
        let theirs = sessions.values().filter(|session| principals.contains(&session.principal));
        theirs.map(|session| session.id.clone()).collect()
    }

    fn expired(&self) -> Vec<String> {
        let now = clock::now();
        let sessions = self.by_id.read().unwrap_or_else(PoisonError::into_inner);
        sessions.values().filter(|session| session.idle(now) > self.idle).map(|session| session.id.clone()).collect()
    }
}

/// Ends a session for good: because its client wants that, or may not come in any more.
pub(crate) async fn end(shared: &Shared, id: &str) {
    if let Some(session) = shared.sessions.close(id, true).await {
        shared.subscribers.end_session(&session.id);
        shared.hub.forget_client(session.number);
    }
}

/// Forgets sessions whose clients went away without a word, which most do.
pub(crate) async fn sweep(shared: Arc<Shared>) {
    let often = (shared.sessions.idle / 2).clamp(Duration::from_secs(1), Duration::from_secs(60));
    loop {
        tokio::time::sleep(often).await;
        shared.rounds.sweep();
        shared.subscribers.sweep();
        for id in shared.sessions.expired() {
            // A client that listens is there, however quiet.
            let listens = shared.subscribers.has_session(&id);
            if !listens && let Some(session) = shared.sessions.close(&id, false).await {
                shared.hub.forget_client(session.number);
            }
        }
    }
}
