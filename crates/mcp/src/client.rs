//! The client role: connections to servers of both eras.
//!
//! A [`Link`] is a connection over which any number of requests run at once. A [`Call`] is one of them: it is polled by
//! whoever wants the answer, in that task, so that a call over HTTP wakes nobody else. Dropping a call before its answer
//! cancels it at the server.

mod address;
pub mod bounds;
pub mod child;
mod connection;
pub mod handshake;
pub mod http;
mod lines;
pub mod local;
mod outbox;
mod questions;
mod queue;
pub mod shared;
pub mod socket;
pub mod sse;
pub mod stdio;
pub mod supervise;
pub mod tail;
pub mod websocket;
pub mod wire;

use crate::{Era, Message, message::Kind, parameter::Headers, raw};
use base::{Code, Error, Result};
use std::sync::Arc;
use std::time::Duration;

/// A connection to a server.
#[derive(Clone)]
pub enum Link {
    /// One that all calls share: a child process, a Unix socket, a WebSocket, an old stream of events.
    Shared(Arc<shared::Link>),
    /// A server at an address.
    Http(Arc<http::Link>),
}

/// What arrives during a call.
#[derive(Debug)]
pub enum Inbound {
    /// A notification that belongs to the call.
    Note(Message),
    /// A request of the server, to be answered with [`Call::reply`].
    Ask(Message),
    /// The result or the error. Nothing follows.
    Answer(Message),
}

/// One request under way.
pub enum Call {
    /// On a connection that all calls share.
    Shared(shared::Call),
    /// At an address.
    Http(Box<http::Call>),
    /// In this process.
    Local(local::Call),
}

/// A request to be sent.
pub struct Request<'a> {
    /// From [`Link::next_id`]; also the progress token that `params` may carry.
    pub id: u64,
    /// The method.
    pub method: &'a str,
    /// Raw JSON.
    pub params: &'a str,
    /// What the `Mcp-Name` header says, for methods that have one.
    pub name: Option<&'a str>,
    /// More headers for a modern server at an address; others get none.
    pub headers: Headers,
    /// The era of the server.
    pub era: Era,
    /// Whether notifications that belong to the call are wanted.
    pub notes: bool,
    /// The client on whose behalf the request is sent, who can answer what the server asks meanwhile; nothing when
    /// nobody can. Over a connection that many share, a question reaches a client only when all calls that could have
    /// led to it are that client's.
    pub client: Option<u64>,
}

impl Call {
    /// How long the server wants to be left alone after the end of its stream, if it has said so.
    pub fn rest(&self) -> Option<Duration> {
        match self {
            Call::Http(call) => call.rest(),
            Call::Shared(_) | Call::Local(_) => None,
        }
    }
}

impl Request<'_> {
    /// The id, as raw JSON, of the one request that a call within this process carries.
    pub const LOCAL_ID: &'static str = "1";
}

impl Link {
    /// A number that no other request over this link has.
    pub fn next_id(&self) -> u64 {
        match self {
            Link::Shared(link) => link.next_id(),
            Link::Http(link) => link.next_id(),
        }
    }

    /// Sends a request.
    pub fn call(&self, request: &Request<'_>) -> Result<Call> {
        match self {
            Link::Shared(link) => shared::Link::call(link, request).map(Call::Shared),
            Link::Http(link) => http::Link::call(link, request).map(|call| Call::Http(Box::new(call))),
        }
    }

    /// Sends a notification. `params` is raw JSON.
    pub async fn notify(&self, method: &str, params: Option<&str>, era: Era) -> Result<()> {
        match self {
            Link::Shared(link) => match link.notify(method, params) {
                Err(error) => Err(self.whole(error).await),
                sent => sent,
            },
            Link::Http(link) => http::Link::notify(link, method, params, era).await,
        }
    }

    /// Sends a request and waits at most `limit` for its answer, passing over notifications.
    pub async fn ask(&self, method: &str, params: &str, era: Era, limit: Duration) -> Result<Message> {
        let id = self.next_id();
        let headers = Headers::default();
        let request = Request { id, method, params, name: None, headers, era, notes: false, client: None };
        let answer = async {
            let mut call = match self.call(&request) {
                Ok(call) => call,
                Err(error) => return Err(self.whole(error).await),
            };
            loop {
                if let Inbound::Answer(message) = call.next().await? {
                    return Ok(message);
                }
            }
        };
        tokio::time::timeout(limit, answer).await.map_err(|_| self.late(method, limit))?
    }

    /// The whole of an error that says that the connection has ended. Writing may find that out before it is known how it
    /// came about and what was said last, which is what a person needs.
    async fn whole(&self, error: Error) -> Error {
        match self {
            Link::Shared(link) if error.code() == Code::UpstreamExited => link.ended().await,
            _ => error,
        }
    }

    /// The name of the server, for errors.
    pub fn name(&self) -> &str {
        match self {
            Link::Shared(link) => link.name(),
            Link::Http(link) => link.name(),
        }
    }

    /// The error for an answer that did not come within `limit`.
    pub fn late(&self, method: &str, limit: Duration) -> Error {
        let name = self.name();
        Error::new(
            Code::UpstreamCallTimeout,
            format!("`{name}` did not answer {method} within {limit:?}"),
            format!("see `tutti server logs {name}`; a slow server can be given more with `timeouts: {{ call: 5m }}`"),
        )
        .of_upstream(name)
    }
}

impl Call {
    /// The next thing that arrives. After an answer or an error there is nothing more.
    pub async fn next(&mut self) -> Result<Inbound> {
        match self {
            Call::Shared(call) => call.next().await,
            Call::Http(call) => call.next().await,
            Call::Local(call) => call.next().await,
        }
    }

    /// Sends the server the answer to an [`Inbound::Ask`] of this call. `id` is its raw JSON id, `answer` a whole
    /// message. Does not wait.
    pub fn reply(&self, id: &str, answer: String) {
        match self {
            Call::Shared(call) => call.reply(id, &answer),
            Call::Http(call) => call.reply(id, answer),
            Call::Local(call) => call.reply(answer),
        }
    }

    /// Sends the server a notification about an [`Inbound::Ask`] of this call: a whole message. Does not wait.
    pub fn tell(&self, note: String) {
        match self {
            Call::Shared(call) => call.tell(&note),
            Call::Http(call) => call.send(note),
            Call::Local(_) => {}
        }
    }
}

/// What comes on the way of a call besides its answer.
fn inbound(message: Message) -> Inbound {
    match message.kind() {
        Kind::Request(_) => Inbound::Ask(message),
        _ => Inbound::Note(message),
    }
}

/// Where on its own server an address leads that the server names, if it leads there: the way of the fuzzer to what reads
/// the events of the old HTTP transport.
#[doc(hidden)]
pub fn on_own_server(options: &http::Options, named: &str) -> Option<::http::Uri> {
    address::Address::parse(options, address::WEB).ok()?.same_origin(named)
}

/// The result in `answer`, as raw JSON, or the error in it as one of ours that says what the server said.
pub fn result_of<'a>(answer: &'a Message, name: &str, method: &str) -> Result<&'a str> {
    let body = answer.body().unwrap_or("{}");
    match answer.kind() {
        Kind::Result => Ok(body),
        _ => {
            let said = raw::get(body, "message").and_then(raw::text).unwrap_or_default();
            let code = raw::get(body, "code").unwrap_or("?");
            Err(Error::new(
                Code::UpstreamProtocol,
                format!("`{name}` answered {method} with the error {code}: {said}"),
                format!("see `tutti server logs {name}`"),
            )
            .of_upstream(name))
        }
    }
}

#[cfg(test)]
mod tests;
