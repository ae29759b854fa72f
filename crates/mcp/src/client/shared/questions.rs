//! Requests of a server on a connection that many calls share.

use super::{Link, Waiting};
use crate::client::questions::{Way, task_of, unclear};
use crate::client::tail::Source;
use crate::{Message, Method, message::Kind};

impl Link {
    /// Takes a request of the server: for the client whose call it belongs to, or answered here.
    pub(super) fn take_question(&self, message: Message) {
        let Kind::Request(method) = message.kind() else { return };
        let (id, method) = (message.id().unwrap_or("null").to_owned(), method.clone());
        let way = if method == Method::Ping { Way::Nobody } else { self.way(&id, &message) };
        match way {
            Way::Call(call) => {
                let notes = self.lock().calls.get(&call).and_then(|waiting| waiting.notes.clone());
                if notes.is_some_and(|notes| notes.try_send(message).is_ok()) {
                    return;
                }
                self.answered(&id);
            }
            Way::Unclear => self.tail.push(Source::Hub, unclear(&method).as_bytes()),
            Way::Nobody | Way::TooMany => {}
        }
        let _ = self.outlet.send(&way.refusal(&id, &method));
    }

    fn way(&self, id: &str, message: &Message) -> Way {
        let task = task_of(message);
        let pending = &mut *self.lock();
        let waits = |waiting: &Waiting| {
            task.is_some() && waiting.client.is_some() && waiting.task.as_deref() == task.as_deref()
        };
        // What names a task is for whoever waits for that task, whatever else is under way.
        let named = pending.calls.values().any(waits);
        let meant = pending.calls.iter().filter(|(_, waiting)| !named || waits(waiting));
        let owned = meant.filter_map(|(call, waiting)| Some((*call, waiting.client?)));
        pending.questions.place(id, owned)
    }

    /// The call that was asked what the server withdraws with this cancellation.
    pub(super) fn withdrawn(&self, message: &Message) -> Option<u64> {
        self.lock().questions.withdrawn(message)
    }

    /// Forgets a request of the server that has been answered.
    pub(super) fn answered(&self, id: &str) {
        self.lock().questions.answered(id);
    }
}
