//! What the hub has asked one client, and who waits for the answers.

use mcp::{Message, Method, message::Kind, raw, write};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;
use tools::{Ask, Reply};

/// The most requests that wait for one client. A person answers one at a time.
const OPEN: usize = 64;

/// What comes back from a client for one ask of a call.
#[derive(Debug)]
pub(crate) enum Response {
    /// The answer.
    Answer(Reply),
    /// The params of a progress notification, raw JSON.
    Progress(String),
}

/// The requests to one client that wait for an answer, by their ids.
#[derive(Default)]
pub(crate) struct Asked {
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    last: u64,
    slots: HashMap<u64, Slot>,
}

struct Slot {
    key: u64,
    to: mpsc::Sender<(u64, Response)>,
}

impl Asked {
    /// Registers an ask of a call; the answer goes to `to`. Gives the id and the request as a whole message; nothing when
    /// too much is open already.
    pub(crate) fn add(&self, ask: &Ask, to: mpsc::Sender<(u64, Response)>) -> Option<(u64, String)> {
        let mut open = self.lock();
        if open.slots.len() >= OPEN {
            return None;
        }
        open.last += 1;
        let id = open.last;
        open.slots.insert(id, Slot { key: ask.key, to });
        Some((id, write::request(id, ask.method.name(), &params(ask, id))))
    }

    /// Forgets a request.
    pub(crate) fn remove(&self, id: u64) {
        self.lock().slots.remove(&id);
    }

    /// Takes a result or an error from the client. One to nothing that was asked has no effect.
    pub(crate) fn answered(&self, message: &Message) {
        let Some(slot) = message.number_id().and_then(|id| self.lock().slots.remove(&id)) else { return };
        let body = message.body().unwrap_or("{}").to_owned();
        let reply = match message.kind() {
            Kind::Result if raw::is_object(&body) => Ok(body),
            Kind::Result => {
                Err(r#"{"code":-32603,"message":"the client answered with something that is no object"}"#.to_owned())
            }
            _ => Err(body),
        };
        let _ = slot.to.try_send((slot.key, Response::Answer(reply)));
    }

    /// Takes a progress notification about something that was asked.
    pub(crate) fn progressed(&self, params: &str) {
        let id: Option<u64> = raw::get(params, "progressToken").and_then(|token| token.parse().ok());
        let open = self.lock();
        if let Some(slot) = id.and_then(|id| open.slots.get(&id)) {
            let _ = slot.to.try_send((slot.key, Response::Progress(params.to_owned())));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The params of the request `id`: its progress token is the id, and an address has an id of its own, which legacy
/// clients want (specification 2025-11-25, client/elicitation) and modern upstreams do not give.
fn params(ask: &Ask, id: u64) -> String {
    let mut splice = raw::Splice::new(&ask.params);
    if let Some(token) = raw::at(&ask.params, &["_meta", "progressToken"]) {
        splice.replace(token, id.to_string());
    }
    let by_address = raw::get(&ask.params, "mode").and_then(raw::text).as_deref() == Some("url");
    if ask.method == Method::Elicit && by_address && raw::get(&ask.params, "elicitationId").is_none() {
        splice.insert(&ask.params, "elicitationId", &format!("\"tutti-{id}\""));
    }
    splice.finish().into_owned()
}

#[cfg(test)]
mod tests;
