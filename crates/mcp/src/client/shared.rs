//! A connection that many calls share: messages of all of them go out and come in on one stream.
//!
//! What carries the messages (pipes of a child process, a socket) only hands over what arrived ([`Link::take_line`]) and
//! says how it ended ([`Link::close`]). The rest is here, once: which call an answer or a notification belongs to, what
//! is no message, what nobody waits for, and what happens to the calls when the connection ends.

mod call;
mod oversize;
mod questions;

pub use call::Call;

use super::Request;
use super::outbox::{Outlet, Refused};
use super::questions::Questions;
use super::tail::{Source, Tail};
use crate::line::Line;
use crate::{Message, Method, message::Kind, raw, write};
use base::{Code, Error, Result, task};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};

/// A connection in use.
pub struct Link {
    name: String,
    holder: Arc<dyn Holder>,
    outlet: Arc<dyn Outlet>,
    pending: Mutex<Pending>,
    next_id: AtomicU64,
    limit: usize,
    tail: Arc<Tail>,
    started_at: u64,
    notices: mpsc::Sender<Message>,
    /// Whether a call was ever given up on this connection.
    gave_up: AtomicBool,
    /// What arrived and was no message.
    pub noise: AtomicU64,
    /// Answers that nobody waited for: a wrong id, a second answer, one after a cancellation.
    pub unmatched: AtomicU64,
    ended: watch::Sender<Option<Error>>,
}

/// What a connection is made of.
pub(super) struct Parts {
    /// The name of the server.
    pub(super) name: String,
    /// What is at the other end.
    pub(super) holder: Arc<dyn Holder>,
    /// Where messages go out.
    pub(super) outlet: Arc<dyn Outlet>,
    /// The most bytes of one message.
    pub(super) limit: usize,
    /// Gets what is worth showing to a person.
    pub(super) tail: Arc<Tail>,
    /// Gets the notifications that belong to no call.
    pub(super) notices: mpsc::Sender<Message>,
}

/// What is at the other end, and how it is ended.
pub(super) trait Holder: Send + Sync {
    /// The process, if there is one of our own.
    fn pid(&self) -> Option<u32>;

    /// How an error names it: `the process of`, `the connection to`.
    fn noun(&self) -> &'static str;

    /// What happens to it when it is needed again: `started`, `opened`.
    fn again(&self) -> &'static str;

    /// Ends it at once, but not by force.
    fn terminate(&self);

    /// Ends it by force.
    fn kill(&self);
}

#[derive(Default)]
struct Pending {
    calls: HashMap<u64, Waiting>,
    /// What the server asked and was not answered yet.
    questions: Questions,
    closed: Option<Error>,
}

struct Waiting {
    answer: oneshot::Sender<Result<Message>>,
    notes: Option<mpsc::Sender<Message>>,
    client: Option<u64>,
    /// The task whose result it waits for.
    task: Option<Box<str>>,
}

impl Pending {
    /// Takes a call out, with what the server asked on its behalf.
    fn remove(&mut self, id: u64) -> Option<Waiting> {
        self.questions.forget(id);
        self.calls.remove(&id)
    }
}

/// The most notifications of one call that wait for its client; a client that does not read loses the rest.
const NOTES: usize = 256;

impl Link {
    pub(super) fn new(parts: Parts) -> Arc<Self> {
        let Parts { name, holder, outlet, limit, tail, notices } = parts;
        Arc::new(Self {
            name,
            holder,
            outlet,
            pending: Mutex::default(),
            next_id: AtomicU64::new(1),
            limit,
            started_at: tail.last_number(),
            tail,
            notices,
            gave_up: AtomicBool::new(false),
            noise: AtomicU64::new(0),
            unmatched: AtomicU64::new(0),
            ended: watch::Sender::new(None),
        })
    }

    /// The name of the server.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the child process, or of its supervisor.
    pub fn pid(&self) -> Option<u32> {
        self.holder.pid()
    }

    /// A number for the next request.
    pub fn next_id(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// How many requests wait for an answer.
    pub fn in_flight(&self) -> usize {
        self.lock().calls.len()
    }

    /// Waits until the connection has ended and says how.
    pub async fn ended(&self) -> Error {
        let mut ended = self.ended.subscribe();
        match ended.wait_for(Option::is_some).await {
            Ok(error) => error.clone().unwrap_or_else(|| self.gone()),
            Err(_) => self.gone(),
        }
    }

    /// Sends a request.
    pub fn call(link: &Arc<Self>, request: &Request<'_>) -> Result<Call> {
        let (answer, receiver) = oneshot::channel();
        let (sender, notes) = if request.notes {
            let (sender, notes) = mpsc::channel(NOTES);
            (Some(sender), Some(notes))
        } else {
            (None, None)
        };
        {
            let mut pending = link.lock();
            if let Some(error) = &pending.closed {
                return Err(error.clone());
            }
            let task = request.name.filter(|_| request.method == Method::TasksResult.name()).map(Box::from);
            pending.calls.insert(request.id, Waiting { answer, notes: sender, client: request.client, task });
        }
        // The specification forbids to cancel this one.
        let cancellable = request.method != Method::Initialize.name();
        let call = Call::new(Arc::clone(link), request.id, cancellable, receiver, notes);
        link.send(&write::request(request.id, request.method, request.params))?;
        Ok(call)
    }

    /// Sends a notification.
    pub fn notify(&self, method: &str, params: Option<&str>) -> Result<()> {
        self.send(&write::notification(method, params))
    }

    /// Ends the connection and what is at its other end: nothing more is sent, then it is told to end, then it is forced
    /// to, each after `grace`.
    pub async fn stop(&self, grace: Duration) {
        self.outlet.close();
        if tokio::time::timeout(grace, self.ended()).await.is_ok() {
            return;
        }
        self.holder.terminate();
        // A supervisor waits as long itself before it kills; it must not die before its work is done.
        if tokio::time::timeout(grace * 2 + Duration::from_secs(2), self.ended()).await.is_err() {
            self.holder.kill();
            self.ended().await;
        }
    }

    /// Like [`Link::stop`], but without the polite part: for a connection that is not wanted any more at all.
    pub fn terminate(&self) {
        self.outlet.close();
        self.holder.terminate();
    }

    fn send(&self, message: &str) -> Result<()> {
        self.outlet.send(message).map_err(|refused| match refused {
            Refused::Closed => self.lock().closed.clone().unwrap_or_else(|| self.gone()),
            Refused::Full => Error::new(
                Code::UpstreamBusy,
                format!("`{}` does not read what it is sent", self.name),
                format!("see `tutti server logs {0}`, or restart it with `tutti server restart {0}`", self.name),
            )
            .of_upstream(&self.name),
        })
    }

    fn gone(&self) -> Error {
        self.fault("has ended")
    }

    /// The error for a connection that does not work any more; `how` completes a sentence that begins with what it was.
    /// It has the last words of the other end.
    pub(super) fn fault(&self, how: &str) -> Error {
        let (name, noun, again) = (&self.name, self.holder.noun(), self.holder.again());
        let next = format!(
            "it is {again} again when it is needed; `tutti server logs {name}` shows what it said before it ended"
        );
        let error = Error::new(Code::UpstreamExited, format!("{noun} `{name}` {how}"), next);
        let error = error.of_upstream(name);
        match self.tail.words(self.started_at, 10) {
            Some(words) => error.with_detail(words),
            None => error,
        }
    }

    /// Takes note of the end, the first time: every call that waits gets this error.
    pub(super) fn close(&self, error: Error) {
        let calls = {
            let mut pending = self.lock();
            if pending.closed.is_some() {
                return;
            }
            pending.closed = Some(error.clone());
            std::mem::take(&mut pending.calls)
        };
        self.tail.push(Source::Hub, error.message().as_bytes());
        for waiting in calls.into_values() {
            let _ = waiting.answer.send(Err(error.clone()));
        }
        self.outlet.close();
        self.ended.send_replace(Some(error));
    }

    fn take(&self, message: Message) {
        match message.kind() {
            Kind::Result | Kind::Error => self.take_answer(message),
            Kind::Notification(method) => {
                let call = match method {
                    Method::Progress => progress_token(&message),
                    Method::LogMessage => self.only_call(),
                    Method::Cancelled => self.withdrawn(&message),
                    _ => None,
                };
                self.take_note(call, message);
            }
            Kind::Request(_) => self.take_question(message),
        }
    }

    fn take_answer(&self, message: Message) {
        // An error without an id says "I could not read that". With one call under way it is clear which, unless one was
        // given up before: then the error may be late and that one's.
        let nameless = message.kind() == &Kind::Error && matches!(message.id(), None | Some("null"));
        let certain = nameless && !self.gave_up.load(Ordering::Relaxed);
        let id = if certain { self.only_call() } else { message.number_id() };
        let waiting = id.and_then(|id| self.lock().remove(id));
        match waiting {
            Some(waiting) => {
                let _ = waiting.answer.send(Ok(message));
            }
            None => {
                self.unmatched.fetch_add(1, Ordering::Relaxed);
                let said: String = message.source().chars().take(200).collect();
                self.tail.push(Source::Hub, format!("dropped an answer that nobody waits for: {said}").as_bytes());
            }
        }
    }

    fn take_note(&self, call: Option<u64>, message: Message) {
        let notes = call.and_then(|id| self.lock().calls.get(&id).and_then(|waiting| waiting.notes.clone()));
        match notes {
            Some(notes) => drop(notes.try_send(message)),
            None => self.tell(message),
        }
    }

    /// Passes a notification on. News of lists must arrive, however many log messages stand in the way.
    fn tell(&self, message: Message) {
        if let Err(mpsc::error::TrySendError::Full(message)) = self.notices.try_send(message)
            && matches!(
                message.method(),
                Some(Method::ToolsChanged | Method::PromptsChanged | Method::ResourcesChanged)
            )
        {
            let notices = self.notices.clone();
            task::spawn("late news", async move { drop(notices.send(message).await) });
        }
    }

    /// The call that a message without a reference belongs to: certain only when there is just one.
    fn only_call(&self) -> Option<u64> {
        let pending = self.lock();
        let mut ids = pending.calls.iter().filter(|(_, waiting)| waiting.notes.is_some()).map(|(id, _)| *id);
        let first = ids.next();
        if ids.next().is_none() { first } else { None }
    }

    /// Takes what arrived: a message, or what is none.
    pub(super) fn take_line(&self, line: Line) {
        match line {
            Line::Whole(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => {}
            Line::Whole(bytes) => match String::from_utf8(bytes) {
                Ok(text) => self.take_text(&text),
                Err(error) => self.take_noise(error.as_bytes()),
            },
            Line::TooLong { length, head, tail } => self.take_too_long(length, &head, &tail),
        }
    }

    /// Takes a text that arrived whole.
    pub(super) fn take_text(&self, text: &str) {
        match Message::parse(text.to_owned()) {
            Ok(message) => self.take(message),
            Err(_) => self.take_noise(text.as_bytes()),
        }
    }

    fn take_noise(&self, bytes: &[u8]) {
        self.noise.fetch_add(1, Ordering::Relaxed);
        self.tail.push(Source::Noise, bytes);
    }

    /// Fails one call, if it still waits.
    pub(super) fn fail(&self, id: u64, error: Error) {
        let waiting = self.lock().remove(id);
        if let Some(waiting) = waiting {
            let _ = waiting.answer.send(Err(error));
        }
    }

    /// Forgets a request; whether it was still waiting.
    fn forget(&self, id: u64) -> bool {
        let waited = self.lock().remove(id).is_some();
        self.gave_up.fetch_or(waited, Ordering::Relaxed);
        waited
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The call that a progress notification names: its token is the id of the request.
pub(super) fn progress_token(message: &Message) -> Option<u64> {
    raw::get(message.body()?, "progressToken")?.parse().ok()
}
