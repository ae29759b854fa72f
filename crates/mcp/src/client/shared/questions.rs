//! Requests of a server on a connection that many calls share: whom they are for.
//!
//! Such a request does not say which call led to it. It may go to a client only when every call that could have led to
//! it is that client's; in any other case the answer of one person could end up in the work of another.

use super::{Link, answer_to_server};
use crate::client::tail::Source;
use crate::{Message, Method, message::Kind, raw, write};
use tokio::sync::mpsc;

/// The most requests of a server that wait for answers on one connection.
const OPEN: usize = 256;

/// Where a request of the server goes.
enum Way {
    Call(mpsc::Sender<Message>),
    Nobody,
    Unclear,
    TooMany,
}

impl Link {
    /// Takes a request of the server: for the client whose call it belongs to, or answered here.
    pub(super) fn take_question(&self, message: Message) {
        let Kind::Request(method) = message.kind() else { return };
        let (id, method) = (message.id().unwrap_or("null").to_owned(), method.clone());
        let refusal = match if method == Method::Ping { Way::Nobody } else { self.way(&id) } {
            Way::Nobody => {
                let _ = self.outlet.send(&answer_to_server(&id, &method));
                return;
            }
            Way::Call(notes) if notes.try_send(message).is_ok() => return,
            Way::Call(_) | Way::TooMany => "too many requests wait for an answer",
            Way::Unclear => {
                let name = method.name();
                let text =
                    format!("refused {name}: calls of several clients are under way, and it does not say whose it is");
                self.tail.push(Source::Hub, text.as_bytes());
                "calls of several clients are under way, and the request does not say which it belongs to"
            }
        };
        self.answered(&id);
        let error = format!(r#"{{"code":-32603,"message":"{refusal}"}}"#);
        let _ = self.outlet.send(&write::raw_error(&id, &error));
    }

    fn way(&self, id: &str) -> Way {
        let mut pending = self.lock();
        let mut owned = pending.calls.iter().filter_map(|(call, waiting)| Some((*call, waiting.client?)));
        let Some((first, client)) = owned.next() else { return Way::Nobody };
        let mut newest = first;
        for (call, other) in owned {
            if other != client {
                return Way::Unclear;
            }
            newest = newest.max(call);
        }
        if pending.questions.len() >= OPEN || pending.questions.contains_key(id) {
            return Way::TooMany;
        }
        let notes = pending.calls.get(&newest).and_then(|waiting| waiting.notes.clone());
        let Some(notes) = notes else { return Way::Nobody };
        pending.questions.insert(id.into(), newest);
        Way::Call(notes)
    }

    /// The call that was asked what the server withdraws with this cancellation.
    pub(super) fn withdrawn(&self, message: &Message) -> Option<u64> {
        let id = raw::get(message.body()?, "requestId")?;
        self.lock().questions.remove(id)
    }

    /// Forgets a request of the server that has been answered.
    pub(super) fn answered(&self, id: &str) {
        self.lock().questions.remove(id);
    }
}
