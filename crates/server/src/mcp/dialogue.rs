//! What the hub answers to one message, whatever carried it here.

use super::lifecycle;
use super::lists;
use super::operation::Operation;
use super::session::{Cancellable, Session};
use crate::Shared;
use base::{Code, Error, Result};
use mcp::message::Kind;
use mcp::version::meta::LOG_LEVEL;
use mcp::{Era, Message, Method, level, raw, write};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use tools::{Forward, Step, View};

/// Who asks.
pub(crate) struct Client {
    /// How it speaks.
    pub(crate) era: Era,
    /// What it sees.
    pub(crate) view: Arc<View>,
    /// Its session, if it is legacy.
    pub(crate) session: Option<Arc<Session>>,
}

/// What is answered.
pub(crate) enum Reply {
    /// Nothing: it was a notification, or an answer to something that was never asked.
    Nothing,
    /// A whole message.
    Now(String),
    /// An answer that an upstream gives.
    Later(Box<Pending>),
    /// Messages without an end.
    Stream(mpsc::Receiver<String>),
    /// An error.
    Refused(Error),
}

/// An answer that an upstream gives.
pub(crate) struct Pending {
    id: String,
    forward: Forward,
    cancel: Option<Cancellable>,
    level: Option<usize>,
    operation: Option<Operation>,
}

/// The next message of a pending answer.
pub(crate) enum Next {
    /// A notification; the answer follows.
    Note(String),
    /// The answer.
    Last(String),
    /// The client does not want the answer any more.
    Cancelled,
}

/// Answers a message.
pub(crate) fn answer(shared: &Shared, client: &Client, message: &Message) -> Reply {
    match message.kind() {
        Kind::Request(method) => request(shared, client, message, method).unwrap_or_else(Reply::Refused),
        Kind::Notification(method) => {
            if method == &Method::Cancelled
                && let (Some(session), Some(body)) = (&client.session, message.body())
                && let Some(id) = raw::get(body, "requestId")
            {
                session.cancel(id);
            }
            Reply::Nothing
        }
        // The hub asks clients nothing, so no answer of theirs is one.
        Kind::Result | Kind::Error => Reply::Nothing,
    }
}

fn request(shared: &Shared, client: &Client, message: &Message, method: &Method) -> Result<Reply> {
    let id = message.id().unwrap_or("null");
    let params = message.body().unwrap_or("{}");
    let now = |result: &str| Ok(Reply::Now(write::result(id, result)));
    match (method, client.era) {
        (Method::ToolsCall | Method::PromptsGet | Method::ResourcesRead | Method::Complete, era) => {
            let forward = shared.hub.forward(&client.view, method, params, era)?;
            let cancel = client.session.as_ref().map(|session| session.begin(id)).transpose()?;
            let level = wanted_level(client, params);
            let forward = forward.with_level(level);
            Ok(Reply::Later(Box::new(Pending { id: id.to_owned(), forward, cancel, level, operation: None })))
        }
        (Method::ToolsList | Method::PromptsList | Method::ResourcesList | Method::TemplatesList, era) => {
            now(&lists::page(&shared.hub, &client.view, method, params, era)?)
        }
        (Method::Ping, Era::Legacy) => now("{}"),
        (Method::SetLevel, Era::Legacy) => {
            set_level(shared, client, params)?;
            now("{}")
        }
        (Method::Discover, Era::Modern) => now(&lifecycle::discovered(&client.view)),
        (Method::Listen, Era::Modern) => {
            let wanted = raw::get(params, "notifications").unwrap_or("{}");
            let wants = |name| raw::get(wanted, name) == Some("true");
            let lists = [wants("toolsListChanged"), wants("promptsListChanged"), wants("resourcesListChanged")];
            Ok(Reply::Stream(shared.subscribers.add_modern(&client.view.name, id, lists)))
        }
        (other, era) => {
            let name: String = other.name().chars().filter(|character| !character.is_control()).take(100).collect();
            let message = format!("the method `{name}` is not known in the {} era", era.word());
            Err(Error::new(Code::MethodNotFound, message, "see the capabilities that the hub announced"))
        }
    }
}

/// The lowest level of log messages that a client wants during a request. A modern client that names none wants none
/// (specification 2026-07-28, logging); a legacy client that names none takes what comes.
fn wanted_level(client: &Client, params: &str) -> Option<usize> {
    if client.era == Era::Modern {
        let named = raw::at(params, &["_meta", LOG_LEVEL]).and_then(raw::text);
        return Some(named.and_then(|name| level::place(&name)).unwrap_or(usize::MAX));
    }
    let level = client.session.as_ref().map(|session| session.level.load(Ordering::Relaxed));
    level.filter(|level| *level != usize::MAX)
}

fn set_level(shared: &Shared, client: &Client, params: &str) -> Result<()> {
    let level = raw::get(params, "level").and_then(raw::text).unwrap_or_default();
    let Some(level) = level::place(&level) else {
        let next = format!("use one of {}", level::LEVELS.join(", "));
        return Err(Error::new(Code::InvalidParams, "`level` is no level of log messages", next));
    };
    if let Some(session) = &client.session {
        session.level.store(level, Ordering::Relaxed);
        shared.hub.set_log_level(session.number, Some(level));
    }
    Ok(())
}

impl Pending {
    /// Has the way of this answer measured.
    pub(crate) fn observe(&mut self, operation: Operation) {
        self.operation = Some(operation);
    }

    /// The next message.
    pub(crate) async fn next(&mut self) -> Next {
        let next = self.step().await;
        match &next {
            Next::Note(text) => self.operation.iter().for_each(|operation| operation.wrote(text.len())),
            Next::Last(text) => {
                if let Some(operation) = self.operation.take() {
                    operation.forwarded(self.forward.outcome(), text.len());
                }
            }
            Next::Cancelled => {}
        }
        next
    }

    async fn step(&mut self) -> Next {
        loop {
            let step = match &self.cancel {
                None => self.forward.next().await,
                Some(cancel) => tokio::select! {
                    biased;
                    step = self.forward.next() => step,
                    () = cancel.token.cancelled() => return Next::Cancelled,
                },
            };
            // Before the last message goes out: whoever has it may use the id again.
            if matches!(step, Step::Result(_) | Step::Error(_)) {
                self.cancel = None;
            }
            match step {
                Step::Result(result) => return Next::Last(write::result(&self.id, &result)),
                Step::Error(error) => return Next::Last(write::raw_error(&self.id, &error)),
                Step::Note(note) if self.is_wanted(&note) => return Next::Note(note),
                Step::Note(_) => {}
            }
        }
    }

    /// The next message, or nothing when none came within `limit`.
    pub(crate) async fn next_within(&mut self, limit: Duration) -> Option<Next> {
        tokio::time::timeout(limit, self.next()).await.ok()
    }

    /// Log messages below the level that the client asked for are not.
    fn is_wanted(&self, note: &str) -> bool {
        let Some(lowest) = self.level else { return true };
        let is_log = raw::get(note, "method") == Some("\"notifications/message\"");
        !is_log || level::of_message(raw::get(note, "params").unwrap_or("{}")) >= lowest
    }
}
