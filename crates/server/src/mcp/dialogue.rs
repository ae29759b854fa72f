//! What the hub answers to one message, whatever carried it here.

use super::caller::caller;
use super::client::Client;
use super::ids::Ids;
use super::input;
use super::kept::Change;
use super::lifecycle;
use super::lists;
use super::models;
use super::operation::Operation;
use super::pending::Pending;
use super::rounds::{self, Opened};
use super::session::Session;
use super::tasks;
use super::watching;
use crate::Shared;
use base::{Code, Error, Result};
use mcp::message::Kind;
use mcp::{Era, Message, Method, level, raw, write};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::mpsc;

impl Client {
    /// Tells who asks.
    pub(crate) fn introduce(&self, operation: &mut Operation) {
        let legacy = self.session.as_deref().filter(|_| self.era == Era::Legacy);
        operation.by(&self.visitor.principal, &self.view.name, legacy);
    }
}

/// What is answered.
pub(crate) enum Reply {
    /// Nothing: it was a notification, or an answer to something that was never asked.
    Nothing,
    /// A whole message.
    Now(String),
    /// An answer that an upstream gives.
    Later(Box<Pending>),
    /// An answer that takes a moment, as a whole message.
    Soon(Pin<Box<dyn Future<Output = String> + Send>>),
    /// Messages without an end.
    Stream(mpsc::Receiver<String>),
    /// An error.
    Refused(Error),
}

/// Answers a message.
pub(crate) fn answer(shared: &Arc<Shared>, client: &Client, message: &Message) -> Reply {
    match message.kind() {
        Kind::Request(method) => request(shared, client, message, method).unwrap_or_else(Reply::Refused),
        Kind::Notification(method) => {
            if let (Some(session), Some(params)) = (&client.session, message.body()) {
                notified(session, method, params);
            }
            Reply::Nothing
        }
        Kind::Result | Kind::Error => {
            if let Some(session) = &client.session {
                session.asked.answered(message);
            }
            Reply::Nothing
        }
    }
}

fn notified(session: &Session, method: &Method, params: &str) {
    match method {
        Method::Cancelled => {
            if let Some(id) = raw::get(params, "requestId") {
                session.cancel(id);
            }
        }
        Method::Progress => session.asked.progressed(params),
        _ => {}
    }
}

fn request(shared: &Arc<Shared>, client: &Client, message: &Message, method: &Method) -> Result<Reply> {
    let id = message.id().unwrap_or("null");
    let params = message.body().unwrap_or("{}");
    let now = |result: &str| Ok(Reply::Now(write::result(id, result)));
    if let Some(read) = models::read(shared, client, method, params) {
        return now(&read?);
    }
    match (method, client.era) {
        (Method::ToolsCall | Method::PromptsGet | Method::ResourcesRead | Method::Complete, _) => {
            Ok(Reply::Later(Box::new(call(shared, client, id, method, params)?)))
        }
        (Method::ToolsList | Method::PromptsList | Method::ResourcesList | Method::TemplatesList, era) => {
            // What stands behind a key is not for those who have none.
            let for_all = !shared.guard.wants_key();
            let own = models::items(shared, client, method);
            now(&lists::page(&shared.hub, &client.view, (method, params), own, era, for_all)?)
        }
        (Method::TasksUpdate, Era::Modern) if tasks::answered(shared, client, params)? => now(tools::COMPLETE),
        (Method::TasksGet | Method::TasksCancel, _)
        | (Method::TasksResult, Era::Legacy)
        | (Method::TasksUpdate, Era::Modern) => Ok(Reply::Later(Box::new(call(shared, client, id, method, params)?))),
        (Method::TasksList, Era::Legacy) => {
            let caller = caller(shared, client, params);
            Ok(Reply::Soon(Box::pin(tasks::list(shared, client, id, params, &caller)?)))
        }
        (Method::Ping, Era::Legacy) => now("{}"),
        (Method::ResourcesSubscribe, Era::Legacy) => {
            Ok(Reply::Soon(Box::pin(watching::subscribe(shared, client, id, params)?)))
        }
        (Method::ResourcesUnsubscribe, Era::Legacy) => {
            let change = watching::unsubscribe(shared, client, params)?;
            Ok(Reply::Soon(Box::pin(watching::kept(shared, client, id, change))))
        }
        (Method::SetLevel, Era::Legacy) => {
            let change = set_level(shared, client, params)?;
            Ok(Reply::Soon(Box::pin(watching::kept(shared, client, id, change))))
        }
        (Method::Discover, Era::Modern) => now(&lifecycle::discovered(&client.view)),
        (Method::Listen, Era::Modern) => {
            let wanted = raw::get(params, "notifications").unwrap_or("{}");
            let tasks = tasks::watch(shared, client, params)?;
            Ok(Reply::Stream(watching::listen(shared, &client.view, id, wanted, tasks)))
        }
        (other, era) => {
            let name: String = other.name().chars().filter(|character| !character.is_control()).take(100).collect();
            let message = format!("the method `{name}` is not known in the {} era", era.word());
            Err(Error::new(Code::MethodNotFound, message, "see the capabilities that the hub announced"))
        }
    }
}

/// Begins a call, or takes one up again that waited for the client.
fn call(shared: &Shared, client: &Client, id: &str, method: &Method, params: &str) -> Result<Pending> {
    let caller = caller(shared, client, params);
    let level = caller.level;
    let begin = |params: &str| -> Result<Pending> {
        let pending =
            if matches!(method, Method::TasksGet | Method::TasksResult | Method::TasksCancel | Method::TasksUpdate) {
                tasks::call(shared, client, id, (method, params), caller.clone())?
            } else {
                let work = shared.hub.begin(&client.view, method, params, caller.clone())?;
                Pending::new(id, work, client.era, level)
            };
        let ids = Ids::new(&shared.tasks, client, pending.upstream(), method, params);
        let pending = pending.with_ids(ids);
        match &client.session {
            Some(session) => pending.in_session(session),
            None => Ok(pending),
        }
    };
    let state = match client.era {
        Era::Modern => raw::get(params, "requestState"),
        Era::Legacy => None,
    };
    if client.era == Era::Modern {
        input::check_responses(params)?;
    }
    let Some(raw_state) = state else { return begin(params) };
    let state = raw::text(raw_state).unwrap_or_default();
    let holder = rounds::holder(&client.visitor.principal, &client.view.name);
    match shared.rounds.open(&state, &rounds::digest(method, params), &holder)? {
        Opened::Upstreams(own) => {
            let mut splice = raw::Splice::new(params);
            splice.replace(raw_state, own);
            begin(&splice.finish())
        }
        Opened::Anew => begin(&raw::without(params, |member| member.is("requestState") || member.is("inputResponses"))),
        Opened::Parked(mut pending, asks) => {
            pending.resume(id)?;
            let responses = raw::get(params, "inputResponses").unwrap_or("{}");
            let missing = rounds::take_answers(&mut pending, asks, responses);
            pending.ask_again(missing);
            Ok(*pending)
        }
    }
}

fn set_level(shared: &Shared, client: &Client, params: &str) -> Result<Change> {
    let level = raw::get(params, "level").and_then(raw::text).unwrap_or_default();
    let Some(level) = level::place(&level) else {
        let next = format!("use one of {}", level::LEVELS.join(", "));
        return Err(Error::new(Code::InvalidParams, "`level` is no level of log messages", next));
    };
    if let Some(session) = &client.session {
        session.level.store(level, Ordering::Relaxed);
        shared.hub.set_log_level(session.number, Some(level));
    }
    Ok(Change::Level(level))
}
