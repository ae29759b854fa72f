//! Newline-delimited messages over the pipes of a child process.

mod call;

pub use call::Call;

use super::outbox::{Outbox, Refused};
use super::tail::{Source, Tail};
use super::{Request, child};
use crate::line::{Line, Splitter};
use crate::{Message, Method, message::Kind, raw, write};
use base::{Code, Error, Result, task};
use rustix::process::Signal;
use std::collections::HashMap;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;
use tokio::sync::{mpsc, oneshot, watch};

/// A running child process.
pub struct Link {
    name: String,
    pid: u32,
    outbox: Outbox,
    pending: Mutex<Pending>,
    next_id: AtomicU64,
    tail: Arc<Tail>,
    started_at: u64,
    notices: mpsc::Sender<Message>,
    /// Whether a call was ever given up on this connection.
    gave_up: AtomicBool,
    /// Lines on standard output that were no message.
    pub noise: AtomicU64,
    /// Answers that nobody waited for: a wrong id, a second answer, one after a cancellation.
    pub unmatched: AtomicU64,
    ended: watch::Sender<Option<Error>>,
}

#[derive(Default)]
struct Pending {
    calls: HashMap<u64, Waiting>,
    closed: Option<Error>,
}

struct Waiting {
    answer: oneshot::Sender<Result<Message>>,
    notes: Option<mpsc::Sender<Message>>,
}

/// The most notifications of one call that wait for its client; a client that does not read loses the rest.
const NOTES: usize = 256;

impl Link {
    /// Starts the process. `notices` gets the notifications that belong to no call; `tail` gets what it says.
    pub fn start(options: &child::Options, tail: Arc<Tail>, notices: mpsc::Sender<Message>) -> Result<Arc<Self>> {
        let (mut process, pipes) = child::start(options)?;
        let link = Arc::new(Self {
            name: options.name.clone(),
            pid: process.id().unwrap_or_default(),
            outbox: Outbox::new(pipes.input),
            pending: Mutex::default(),
            next_id: AtomicU64::new(1),
            started_at: tail.last_number(),
            tail,
            notices,
            gave_up: AtomicBool::new(false),
            noise: AtomicU64::new(0),
            unmatched: AtomicU64::new(0),
            ended: watch::Sender::new(None),
        });
        let drain = Arc::clone(&link);
        task::spawn("upstream input", async move { drain.outbox.drain().await });
        let (reading, limit) = (Arc::clone(&link), options.message_limit);
        let reader = task::spawn("upstream output", async move {
            read_lines(pipes.output, limit, |line| reading.take_line(line, limit)).await;
            // A server that closed its output can answer nothing any more, whatever else it still does.
            reading.terminate();
        });
        let errors = task::spawn("upstream errors", read_errors(Arc::clone(&link.tail), pipes.errors));
        let watched = Arc::clone(&link);
        task::spawn("upstream process", async move {
            let status = process.wait().await;
            // What the process said before it ended is still in the pipes. A descendant may hold them open for ever.
            let rest = async { (reader.await, errors.await) };
            let _ = tokio::time::timeout(Duration::from_millis(500), rest).await;
            watched.close(watched.ended_with(status.ok()));
        });
        Ok(link)
    }

    /// The name of the server.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the child process, or of its supervisor.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// A number for the next request.
    pub fn next_id(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// How many requests wait for an answer.
    pub fn in_flight(&self) -> usize {
        self.lock().calls.len()
    }

    /// Waits until the process has ended and says how.
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
            pending.calls.insert(request.id, Waiting { answer, notes: sender });
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

    /// Ends the process and all that it started: its input is closed, then SIGTERM, then SIGKILL, each after `grace`.
    pub async fn stop(&self, grace: Duration) {
        self.outbox.close();
        if tokio::time::timeout(grace, self.ended()).await.is_ok() {
            return;
        }
        child::signal(self.pid, Signal::TERM);
        // The supervisor waits as long itself before it kills; it must not die before its work is done.
        if tokio::time::timeout(grace * 2 + Duration::from_secs(2), self.ended()).await.is_err() {
            child::signal(self.pid, Signal::KILL);
            self.ended().await;
        }
    }

    /// Like [`Link::stop`], but without the polite part: for a process that is not wanted any more at all.
    pub fn terminate(&self) {
        self.outbox.close();
        child::signal(self.pid, Signal::TERM);
    }

    fn send(&self, message: &str) -> Result<()> {
        self.outbox.send(message).map_err(|refused| match refused {
            Refused::Closed => self.lock().closed.clone().unwrap_or_else(|| self.gone()),
            Refused::Full => Error::new(
                Code::UpstreamBusy,
                format!("`{}` does not read what it is sent", self.name),
                format!("see `tutti server logs {0}`, or restart it with `tutti server restart {0}`", self.name),
            )
            .of_upstream(&self.name),
        })
    }

    pub(super) fn gone(&self) -> Error {
        self.process_error("has ended")
    }

    fn ended_with(&self, status: Option<ExitStatus>) -> Error {
        match status.and_then(|status| status.code()) {
            Some(code) if code > 128 => self.process_error(&format!("was ended by signal {}", code - 128)),
            Some(code) => self.process_error(&format!("ended with exit code {code}")),
            None => self.process_error("was ended by a signal"),
        }
    }

    /// Says how the process ended, with its last words.
    fn process_error(&self, how: &str) -> Error {
        let name = &self.name;
        let next = format!(
            "it is started again when it is needed; `tutti server logs {name}` shows what it said before it ended"
        );
        let error = Error::new(Code::UpstreamExited, format!("the process of `{name}` {how}"), next);
        let error = error.of_upstream(name);
        match self.tail.words(self.started_at, 10) {
            Some(words) => error.with_detail(words),
            None => error,
        }
    }

    fn close(&self, error: Error) {
        self.tail.push(Source::Hub, error.message().as_bytes());
        let calls = {
            let mut pending = self.lock();
            pending.closed = Some(error.clone());
            std::mem::take(&mut pending.calls)
        };
        for waiting in calls.into_values() {
            let _ = waiting.answer.send(Err(error.clone()));
        }
        self.outbox.close();
        self.ended.send_replace(Some(error));
    }

    fn take(&self, message: Message) {
        match message.kind() {
            Kind::Result | Kind::Error => self.take_answer(message),
            Kind::Notification(method) => {
                let call = match method {
                    Method::Progress => progress_token(&message),
                    Method::LogMessage => self.only_call(),
                    _ => None,
                };
                self.take_note(call, message);
            }
            Kind::Request(method) => {
                let id = message.id().unwrap_or("null");
                let answer = answer_to_server(id, method);
                let _ = self.outbox.send(&answer);
            }
        }
    }

    fn take_answer(&self, message: Message) {
        // An error without an id says "I could not read that". With one call under way it is clear which, unless one was
        // given up before: then the error may be late and that one's.
        let nameless = message.kind() == &Kind::Error && matches!(message.id(), None | Some("null"));
        let certain = nameless && !self.gave_up.load(Ordering::Relaxed);
        let id = if certain { self.only_call() } else { message.number_id() };
        let waiting = id.and_then(|id| self.lock().calls.remove(&id));
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

    fn take_line(&self, line: Line, limit: usize) {
        match line {
            Line::Whole(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => {}
            Line::Whole(bytes) => match std::str::from_utf8(&bytes).map(str::to_owned).map(Message::parse) {
                Ok(Ok(message)) => self.take(message),
                _ => {
                    self.noise.fetch_add(1, Ordering::Relaxed);
                    self.tail.push(Source::Noise, &bytes);
                }
            },
            Line::TooLong { length, head, tail } => self.take_too_long(length, limit, &head, &tail),
        }
    }

    /// Fails the call whose answer is too large, where either end of the line tells which that was.
    fn take_too_long(&self, length: usize, limit: usize, head: &[u8], tail: &[u8]) {
        let name = &self.name;
        let message = format!("`{name}` sent a message of {length} bytes; the limit is {limit}");
        self.tail.push(Source::Hub, message.as_bytes());
        let next = format!("ask for less at once, or raise `limits: {{ message: 64MiB }}` of `{name}`");
        let error = Error::new(Code::UpstreamAnswerTooLarge, message, next).of_upstream(name);
        let waiting = {
            let mut pending = self.lock();
            let found = id_in_head(head).into_iter().chain(id_in_tail(tail)).find(|id| pending.calls.contains_key(id));
            found.and_then(|id| pending.calls.remove(&id))
        };
        match waiting {
            Some(waiting) => drop(waiting.answer.send(Err(error))),
            None => drop(self.unmatched.fetch_add(1, Ordering::Relaxed)),
        }
    }

    /// Forgets a request; whether it was still waiting.
    fn forget(&self, id: u64) -> bool {
        let waited = self.lock().calls.remove(&id).is_some();
        self.gave_up.fetch_or(waited, Ordering::Relaxed);
        waited
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the hub answers to a request from a server. It said in the handshake that it takes none, so only the ping that
/// every peer must answer gets a result.
pub(super) fn answer_to_server(id: &str, method: &Method) -> String {
    match method {
        Method::Ping => write::result(id, "{}"),
        other => {
            let message = format!("this client did not offer {}", other.name());
            write::raw_error(id, &format!(r#"{{"code":-32601,"message":{}}}"#, raw::quote(&message)))
        }
    }
}

/// The call that a progress notification names: its token is the id of the request.
pub(super) fn progress_token(message: &Message) -> Option<u64> {
    raw::get(message.body()?, "progressToken")?.parse().ok()
}

/// The id that stands before the large part of a message, at the level of the envelope.
fn id_in_head(head: &[u8]) -> Option<u64> {
    raw::get(&String::from_utf8_lossy(head), "id")?.parse().ok()
}

/// The id that stands behind the large part: nothing may follow it but plain members and the end of the envelope.
fn id_in_tail(tail: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(tail);
    let behind = text.rfind("\"id\"").map(|at| text[at + 4..].trim_start())?;
    let digits = behind.strip_prefix(':')?.trim_start();
    let end = digits.find(|character: char| !character.is_ascii_digit())?;
    let rest = digits[end..].trim_end().strip_suffix('}')?;
    let plain = !rest.contains(['{', '}', '[', ']']);
    if plain { digits[..end].parse().ok() } else { None }
}

async fn read_errors(tail: Arc<Tail>, pipe: pipe::Receiver) {
    read_lines(pipe, 64 << 10, |line| match line {
        Line::Whole(bytes) => tail.push(Source::Error, &bytes),
        Line::TooLong { head, .. } => tail.push(Source::Error, &head),
    })
    .await;
}

async fn read_lines(mut pipe: pipe::Receiver, limit: usize, mut take: impl FnMut(Line)) {
    let mut splitter = Splitter::new(limit);
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count) = pipe.read(&mut buffer).await {
        if count == 0 {
            break;
        }
        splitter.feed(&buffer[..count]);
        while let Some(line) = splitter.next_line() {
            take(line);
        }
    }
}
