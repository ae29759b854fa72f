//! One client on a connection of its own: standard input and output, a WebSocket, a Unix socket, or a stream of events
//! with messages beside it. What carries the messages hands over those that arrive and sends those that come out of
//! [`Out`]'s channel; the conversation itself is here, once.

use super::client::Client;
use super::dialogue::{self, Reply};
use super::operation::Operation;
use super::pending::{Next, Pending};
use super::rounds;
use super::session::Session;
use super::{lifecycle, modern};
use crate::Shared;
use crate::body::KEEP_ALIVE;
use crate::keys::Visitor;
use base::{Code, Error, Result};
use mcp::message::Kind;
use mcp::parameter::Headers;
use mcp::version::LATEST_MODERN;
use mcp::{Era, Message, Method, write};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use telemetry::session::{Carrier, Lasting};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How many messages wait for a client that does not read.
const WAITING: usize = 256;

/// The way to a client.
#[derive(Clone)]
pub(crate) struct Out {
    messages: mpsc::Sender<String>,
    /// Cancelled when the client is gone. Whoever works for it stops.
    pub(crate) gone: CancellationToken,
    /// Whether a client that does not read is given up.
    patient: bool,
}

impl Out {
    /// A way, and the end of it where messages come out. With `patient` a client may read as slowly as it likes: then it
    /// is its own pipe that it fills.
    pub(crate) fn new(patient: bool) -> (Self, mpsc::Receiver<String>) {
        let (messages, receiver) = mpsc::channel(WAITING);
        (Self { messages, gone: CancellationToken::new(), patient }, receiver)
    }

    /// Waits until nobody takes messages any more.
    pub(crate) async fn closed(&self) {
        tokio::select! {
            () = self.messages.closed() => {}
            () = self.gone.cancelled() => {}
        }
    }

    /// Sends a message, as soon as there is room. A client that makes none for long is gone.
    pub(crate) async fn send(&self, text: String) {
        let sending = self.messages.send(text);
        if self.patient {
            drop(sending.await);
        } else if !matches!(tokio::time::timeout(KEEP_ALIVE * 2, sending).await, Ok(Ok(()))) {
            self.gone.cancel();
        }
    }
}

/// One client.
pub(crate) struct Peer {
    shared: Arc<Shared>,
    visitor: Arc<Visitor>,
    view: String,
    /// Holds the requests under way, of either era.
    session: Arc<Session>,
    /// What it goes over.
    carrier: Carrier,
    /// For the numbers, once it is known how the client speaks.
    lasting: Option<Lasting>,
    /// Whether the client has sent `initialize`.
    greeted: bool,
    /// Whether the modern era is spoken here.
    modern: bool,
    out: Out,
    /// Answers that are under way.
    tasks: TaskTracker,
}

impl Peer {
    /// A client that sees `view`, and speaks the modern era only where that is allowed.
    pub(crate) fn new(
        shared: Arc<Shared>,
        visitor: Arc<Visitor>,
        view: &str,
        modern: bool,
        (out, carrier): (Out, Carrier),
    ) -> Result<Self> {
        let session = shared.sessions.unlisted(&visitor.principal, view, mcp::version::LATEST_LEGACY, "{}")?;
        let (session, view, tasks) = (Arc::new(session), view.to_owned(), TaskTracker::new());
        Ok(Self { shared, visitor, view, session, carrier, lasting: None, greeted: false, modern, out, tasks })
    }

    /// The way to the client.
    pub(crate) fn out(&self) -> &Out {
        &self.out
    }

    /// Takes a message as it came.
    pub(crate) async fn take(&mut self, bytes: Vec<u8>) {
        match Message::from_bytes(bytes) {
            Ok(message) => self.take_message(message).await,
            Err(malformed) => self.out.send(write::error("null", &malformed.to_error())).await,
        }
    }

    /// Tells that a message was above the limit.
    pub(crate) async fn too_large(&self, length: Option<usize>) {
        let limit = self.shared.limits.body;
        let length = length.map_or_else(|| "too many".to_owned(), |length| length.to_string());
        let message = format!("a message has {length} bytes; the limit is {limit}");
        let error = Error::new(Code::BodyTooLarge, message, "send less at once");
        self.out.send(write::error("null", &error)).await;
    }

    /// Takes a message.
    pub(crate) async fn take_message(&mut self, message: Message) {
        let id = message.id().unwrap_or("null").to_owned();
        let flight = match self.admit(&message) {
            Ok(flight) => flight,
            Err(error) => return self.out.send(write::error(&id, &error)).await,
        };
        let mut operation = Operation::begin(&self.shared, &message, None);
        match self.client(&message) {
            Ok(Ok(client)) => {
                client.introduce(&mut operation);
                let reply = dialogue::answer(&self.shared, &client, &message);
                let answer = Answer { id, era: client.era, message, operation, flight };
                self.reply(reply, answer).await;
            }
            Ok(Err(text)) => {
                operation.answered(text.len());
                self.out.send(text).await;
            }
            Err(error) => {
                operation.refused(&error);
                self.out.send(write::error(&id, &error)).await;
            }
        }
    }

    /// Counts a request in, if there is room and the client may send one more. Others come free.
    fn admit(&self, message: &Message) -> Result<Option<Flight>> {
        if !matches!(message.kind(), Kind::Request(_)) {
            return Ok(None);
        }
        let rate = self.shared.rates.take(&self.visitor, || Some(self.session.number));
        if let Some(taken) = rate.filter(|taken| !taken.passes()) {
            return Err(taken.error());
        }
        let count = self.shared.in_flight.fetch_add(1, Ordering::Relaxed);
        let flight = Flight(Arc::clone(&self.shared));
        if count >= self.shared.limits.requests {
            let message = format!("the hub has {count} requests in flight, as many as it takes");
            return Err(Error::new(Code::TooBusy, message, "try again shortly"));
        }
        Ok(Some(flight))
    }

    /// Finds out how the client speaks; `initialize` is answered here.
    fn client(&mut self, message: &Message) -> Result<Result<Client, String>> {
        let id = message.id().unwrap_or("null");
        let telemetry = self.shared.hub.telemetry();
        let view = self.shared.hub.view(&self.view);
        let view = view.ok_or_else(|| {
            Error::new(
                Code::UnknownView,
                format!("the view `{}` was removed", self.view),
                "start again with another view",
            )
        })?;
        let session = Some(Arc::clone(&self.session));
        let (visitor, headers) = (Arc::clone(&self.visitor), Headers::default());
        if let Some(asked) = modern::version_in_body(message).filter(|_| !self.modern) {
            return Ok(Err(lifecycle::unsupported(id, &asked)));
        }
        if modern::version_in_body(message).is_some() {
            if matches!(message.kind(), Kind::Request(_))
                && let Some(asked) = modern::check_meta(message)?
            {
                return Ok(Err(lifecycle::unsupported(id, &asked)));
            }
            let carrier = self.carrier;
            self.lasting.get_or_insert_with(|| telemetry.client_session(carrier, LATEST_MODERN));
            return Ok(Ok(Client { era: Era::Modern, view, session, visitor, headers }));
        }
        match message.kind() {
            Kind::Request(Method::Initialize) => {
                let params = message.body().unwrap_or("{}");
                let version = lifecycle::agreed(params)?;
                let capabilities = lifecycle::asked_of(params);
                self.forget();
                let principal = &self.visitor.principal;
                let session = self.shared.sessions.unlisted(principal, &self.view, version, &capabilities)?;
                self.session = Arc::new(session);
                self.greeted = true;
                // What was counted for an earlier `initialize` is over with this one.
                self.lasting = Some(telemetry.client_session(self.carrier, version));
                self.forward(self.shared.subscribers.add_legacy(&self.session), None);
                Ok(Err(write::result(id, &lifecycle::initialized(&view, version))))
            }
            Kind::Request(Method::Discover) => Ok(Err(lifecycle::unsupported(id, ""))),
            Kind::Request(_) if !self.greeted => {
                let next = "send initialize first, or speak version 2026-07-28";
                Err(Error::new(Code::SessionMissing, "the client has not said how it speaks", next))
            }
            _ => Ok(Ok(Client { era: Era::Legacy, view, session, visitor, headers })),
        }
    }

    async fn reply(&self, reply: Reply, answer: Answer) {
        let Answer { id, era, message, operation, flight } = answer;
        match reply {
            Reply::Nothing => operation.answered(0),
            Reply::Now(text) => {
                operation.answered(text.len());
                self.out.send(text).await;
            }
            Reply::Refused(error) => {
                operation.refused(&error);
                self.out.send(write::error_in(&id, &error, era)).await;
            }
            Reply::Soon(text) => {
                operation.answered(0);
                let out = self.out.clone();
                self.spawn("answer", async move {
                    out.send(text.await).await;
                    drop(flight);
                });
            }
            Reply::Stream(messages) => {
                operation.answered(0);
                self.forward(messages, flight);
            }
            Reply::Later(mut pending) => {
                pending.observe(operation);
                let (out, shared) = (self.out.clone(), Arc::clone(&self.shared));
                let holder = rounds::holder(&self.visitor.principal, &self.view);
                self.spawn("answer", async move {
                    answer_later(&shared, &out, (&holder, &message), *pending).await;
                    drop(flight);
                });
            }
        }
    }

    /// Passes messages on as long as they come.
    fn forward(&self, mut messages: mpsc::Receiver<String>, flight: Option<Flight>) {
        let out = self.out.clone();
        self.spawn("messages", async move {
            while let Some(message) = messages.recv().await {
                out.send(message).await;
            }
            drop(flight);
        });
    }

    /// Works for the client until it is gone.
    fn spawn(&self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        let gone = self.out.gone.clone();
        base::task::spawn(
            name,
            self.tasks.track_future(async move {
                tokio::select! {
                    () = work => {}
                    () = gone.cancelled() => {}
                }
            }),
        );
    }

    /// Waits until all that is under way is answered.
    pub(crate) async fn settle(&self) {
        self.forget();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Lets go of the way to the client, once all is said.
    pub(crate) fn finish(&mut self) {
        let (nobody, _) = Out::new(false);
        self.out = nobody;
    }

    /// What upstreams tell is for nobody here any more.
    fn forget(&self) {
        self.shared.hub.forget_client(self.session.number);
        self.shared.subscribers.end_session(&self.session.id);
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.out.gone.cancel();
        self.forget();
    }
}

/// What is known of a request while it is answered.
struct Answer {
    id: String,
    era: Era,
    message: Message,
    operation: Operation,
    flight: Option<Flight>,
}

/// A request among those that the hub has in flight.
struct Flight(Arc<Shared>);

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn answer_later(shared: &Shared, out: &Out, (holder, message): (&str, &Message), mut pending: Pending) {
    loop {
        match pending.next().await {
            Next::Note(text) | Next::Ask { text, .. } => out.send(text).await,
            Next::Input(input) => {
                let text = rounds::ask(&shared.rounds, holder, message, pending, input);
                return out.send(text).await;
            }
            Next::Last(text) => return out.send(text).await,
            Next::Cancelled => return,
        }
    }
}
