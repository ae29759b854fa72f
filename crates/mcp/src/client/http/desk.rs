//! What a legacy server says on the stream that belongs to no request and means for a call.
//!
//! Servers that do not name the request that they ask for ask there (specification 2025-11-25, transports, listening for
//! messages from the server); those made with the TypeScript SDK do unless their author takes care.

use super::Link;
use crate::client::questions::{Questions, Way, unclear};
use crate::client::tail::Source;
use crate::{Message, Method, message::Kind};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// The most messages that wait for the client of one call.
const WAITING: usize = 32;

/// What is for a call and comes on another stream than its own.
pub(super) type Inbox = mpsc::Receiver<Message>;

/// The calls under way whose clients can be asked.
#[derive(Default)]
pub(super) struct Desk(Mutex<Open>);

#[derive(Default)]
struct Open {
    calls: HashMap<u64, Seat>,
    questions: Questions,
}

struct Seat {
    client: u64,
    inbox: mpsc::Sender<Message>,
}

impl Desk {
    /// A call of `client` begins.
    pub(super) fn enter(&self, call: u64, client: u64) -> Inbox {
        let (inbox, receiver) = mpsc::channel(WAITING);
        self.lock().calls.insert(call, Seat { client, inbox });
        receiver
    }

    /// A call is over, and what was asked on its behalf with it.
    pub(super) fn leave(&self, call: u64) {
        let mut open = self.lock();
        open.calls.remove(&call);
        open.questions.forget(call);
    }

    /// A request of the server, by its raw JSON id, has been answered.
    pub(super) fn answered(&self, id: &str) {
        self.lock().questions.answered(id);
    }

    /// Hands a request of the server over; gives it back with the reason when it goes to no client.
    fn hand_over(&self, id: &str, message: Message) -> Result<(), Way> {
        let open = &mut *self.lock();
        let way = open.questions.place(id, open.calls.iter().map(|(call, seat)| (*call, seat.client)));
        let Way::Call(call) = way else { return Err(way) };
        if open.calls.get(&call).is_some_and(|seat| seat.inbox.try_send(message).is_ok()) {
            return Ok(());
        }
        open.questions.answered(id);
        Err(Way::TooMany)
    }

    /// Takes the withdrawal of something that was asked of the client of a call; gives back what is none.
    fn withdraw(&self, message: Message) -> Option<Message> {
        let open = &mut *self.lock();
        let call = open.questions.withdrawn(&message);
        match call.and_then(|call| open.calls.get(&call)) {
            // With no room for it the client answers, and the server passes that over.
            Some(seat) => drop(seat.inbox.try_send(message)),
            None => return Some(message),
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Link {
    /// Takes a request of the server that names no call: for the client that it can only be meant for, or answered here.
    pub(super) fn take_question(self: &Arc<Self>, message: Message) {
        let Kind::Request(method) = message.kind() else { return };
        let (id, method) = (message.id().unwrap_or("null").to_owned(), method.clone());
        let refused = if method == Method::Ping { Err(Way::Nobody) } else { self.desk.hand_over(&id, message) };
        if let Err(way) = refused {
            if way == Way::Unclear {
                self.tail.push(Source::Hub, unclear(&method).as_bytes());
            }
            self.send(way.refusal(&id, &method));
        }
    }

    /// Takes a notification that names no call; gives back what is for nobody in particular.
    pub(super) fn take_note(&self, message: Message) -> Option<Message> {
        match message.kind() {
            Kind::Notification(Method::Cancelled) => self.desk.withdraw(message),
            _ => Some(message),
        }
    }
}
