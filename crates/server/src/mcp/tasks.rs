//! Tasks: calls that a client looks at later.

mod list;

pub(crate) use list::list;

use super::client::Client;
use super::ids::Task;
use super::pending::Pending;
use crate::Shared;
use base::{Code, Error, Result};
use mcp::version::meta;
use mcp::{Era, Message, Method, raw};
use tools::view::Route;
use tools::{Caller, extension};

/// Begins a request about a task: tasks/get, tasks/result, tasks/cancel, tasks/update.
pub(crate) fn call(
    shared: &Shared,
    client: &Client,
    id: &str,
    (method, params): (&Method, &str),
    caller: Caller,
) -> Result<Pending> {
    let declared = raw::at(params, &["_meta", meta::CLIENT_CAPABILITIES]).unwrap_or("{}");
    if client.era == Era::Modern && !extension::takes_tasks(declared) {
        return Err(extension::tasks_needed(format!("{} is about tasks, and the client takes none", method.name())));
    }
    let named = raw::get(params, "taskId");
    let Some((raw_id, sealed)) = named.and_then(|raw_id| Some((raw_id, raw::text(raw_id)?))) else {
        let message = format!("{} needs `taskId`, a string", method.name());
        return Err(Error::new(Code::InvalidParams, message, "send the id that came with the task"));
    };
    let task = shared.tasks.open(&sealed, &client.principal);
    let task = task.filter(|task| client.view.upstreams.contains(&task.upstream)).ok_or_else(unknown)?;
    let session = client.session.as_ref().map(|session| session.id.clone());
    shared.tasks.own(task.clone(), &client.principal, session);
    let mut splice = raw::Splice::new(params);
    splice.replace(raw_id, raw::quote(&task.id));
    let route = Route { upstream: task.upstream, original: task.id, mirrors: None };
    let level = caller.level;
    let forward = shared.hub.forward_to(route, &client.view, method, &splice.finish(), caller)?;
    Ok(Pending::new(id, forward, client.era, level))
}

/// Passes news of a task on to the client whose it is, and to no other.
pub(crate) fn told(shared: &Shared, upstream: &str, message: &Message) {
    let Some(raw_id) = message.body().and_then(|body| raw::get(body, "taskId")) else { return };
    let Some(id) = raw::text(raw_id) else { return };
    let task = Task { upstream: upstream.to_owned(), id: id.into_owned() };
    let Some((principal, session)) = shared.tasks.listener(&task) else { return };
    if let Ok(sealed) = shared.tasks.seal(&task, &principal) {
        let mut splice = raw::Splice::new(message.source());
        splice.replace(raw_id, raw::quote(&sealed));
        shared.subscribers.tell_session(&session, splice.finish().into_owned());
    }
}

fn unknown() -> Error {
    Error::new(Code::UnknownTask, "there is no such task", "use the id that came with the task, where it was begun")
}
