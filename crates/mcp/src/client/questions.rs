//! Requests of a server that do not say which call led to them: whom they are for.
//!
//! They come on a connection that many calls share, and on the stream that a legacy server at an address keeps for what
//! belongs to no request. Such a request may go to a client only when every call that could have led to it is that
//! client's; in any other case the answer of one person could end up in the work of another.

use crate::version::meta;
use crate::{Message, Method, raw, write};
use std::borrow::Cow;
use std::collections::HashMap;

/// The most requests of a server that wait for answers on one connection.
const OPEN: usize = 256;

/// The requests of one server that wait for answers.
#[derive(Default)]
pub(super) struct Questions {
    /// Which call each went to, by its raw JSON id.
    calls: HashMap<Box<str>, u64>,
}

/// Where a request of the server goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// To the client of this call.
    Call(u64),
    /// No call is under way whose client could be asked.
    Nobody,
    /// Calls of several clients are under way.
    Unclear,
    /// Too many wait already, or one with this id.
    TooMany,
}

impl Questions {
    /// Decides about the request `id` (raw JSON). `calls` are the calls under way whose clients can answer: their numbers,
    /// which count up, and those of their clients.
    pub(super) fn place(&mut self, id: &str, mut calls: impl Iterator<Item = (u64, u64)>) -> Way {
        let Some((mut newest, client)) = calls.next() else { return Way::Nobody };
        for (call, other) in calls {
            if other != client {
                return Way::Unclear;
            }
            newest = newest.max(call);
        }
        if self.calls.len() >= OPEN || self.calls.contains_key(id) {
            return Way::TooMany;
        }
        self.calls.insert(id.into(), newest);
        Way::Call(newest)
    }

    /// The call that was asked what the server withdraws with this cancellation.
    pub(super) fn withdrawn(&mut self, cancellation: &Message) -> Option<u64> {
        self.calls.remove(raw::get(cancellation.body()?, "requestId")?)
    }

    /// Forgets a request that has been answered.
    pub(super) fn answered(&mut self, id: &str) {
        self.calls.remove(id);
    }

    /// Forgets what was asked on behalf of a call.
    pub(super) fn forget(&mut self, call: u64) {
        if !self.calls.is_empty() {
            self.calls.retain(|_, own| *own != call);
        }
    }
}

impl Way {
    /// What the hub answers to the request `id` for `method` that goes no other way: a whole message.
    pub(super) fn refusal(self, id: &str, method: &Method) -> String {
        let why = match self {
            Way::Nobody => return answer_to_server(id, method),
            Way::Unclear => "calls of several clients are under way, and the request does not say which it belongs to",
            Way::Call(_) | Way::TooMany => "too many requests wait for an answer",
        };
        write::raw_error(id, &format!(r#"{{"code":-32603,"message":"{why}"}}"#))
    }
}

/// The task that a request of the server says that it belongs to (specification 2025-11-25, tasks).
pub(super) fn task_of(message: &Message) -> Option<Cow<'_, str>> {
    raw::at(message.body()?, &["_meta", meta::RELATED_TASK, "taskId"]).and_then(raw::text)
}

/// What the log of a server says of a request that could be meant for several clients.
pub(super) fn unclear(method: &Method) -> String {
    let name = method.name();
    format!("refused {name}: calls of several clients are under way, and it does not say whose it is")
}

/// What the hub answers to a request from a server that belongs to no call: nobody is there who could be asked.
pub(super) fn answer_to_server(id: &str, method: &Method) -> String {
    match method {
        Method::Ping => write::result(id, "{}"),
        // Outside of a call nobody is meant, so no folders are the answer; that is what a client without any says.
        Method::RootsList => write::result(id, r#"{"roots":[]}"#),
        other => {
            let message = format!("there is nobody to ask for {}", other.name());
            write::raw_error(id, &format!(r#"{{"code":-32601,"message":{}}}"#, raw::quote(&message)))
        }
    }
}

#[cfg(test)]
mod tests;
