//! Tasks: calls that a client looks at later.

mod list;
mod watch;

pub(crate) use list::list;
pub(crate) use watch::{Watch, watch};

use super::client::Client;
use super::ids::Ids;
use super::input;
use super::outlet::Weight;
use super::pending::Pending;
use super::questions::Inputs;
use crate::Shared;
use base::{Code, Error, Result};
use identity::tasks::Task;
use mcp::extension;
use mcp::version::meta;
use mcp::{Era, Message, Method, raw};
use std::sync::Arc;
use tools::view::Route;
use tools::{Caller, Work};

/// Begins a request about a task: tasks/get, tasks/result, tasks/cancel, tasks/update.
pub(crate) fn call(
    shared: &Shared,
    client: &Client,
    id: &str,
    (method, params): (&Method, &str),
    caller: Caller,
) -> Result<Pending> {
    check_takes(client, method, params)?;
    let (raw_id, task) = named(shared, client, method, params)?;
    let session = client.session.as_ref().map(|session| session.id.clone());
    shared.tasks.own(task.clone(), &client.visitor.principal, session);
    let mut splice = raw::Splice::new(params);
    splice.replace(raw_id, raw::quote(&task.id));
    let params = splice.finish();
    let level = caller.level;
    let looks = client.era == Era::Modern && method == &Method::TasksGet;
    let inputs = looks.then(|| Inputs {
        questions: Arc::clone(&shared.questions),
        hub: shared.hub.clone(),
        shutdown: shared.shutdown.clone(),
        view: Arc::clone(&client.view),
        ids: Some(Ids::new(&shared.tasks, client, &task.upstream, &Method::TasksResult, &params)),
        task: task.clone(),
        principal: Arc::clone(&client.visitor.principal),
        params: params.clone().into_owned(),
        caller: caller.clone(),
        kept: None,
    });
    let route = Route { upstream: task.upstream, original: task.id, mirrors: None };
    let work = Work::about_task(&shared.hub, &client.view, route, (method, &params), caller)?;
    Ok(Pending::new(id, work, client.era, level).with_inputs(inputs))
}

/// Takes what a modern client answers to a legacy task for which the hub waits in its place; whether it waits.
pub(crate) fn answered(shared: &Shared, client: &Client, params: &str) -> Result<bool> {
    check_takes(client, &Method::TasksUpdate, params)?;
    let (_, task) = named(shared, client, &Method::TasksUpdate, params)?;
    let Some(asking) = shared.questions.of(&(task, Arc::clone(&client.visitor.principal))) else { return Ok(false) };
    input::check_responses(params)?;
    asking.take(raw::get(params, "inputResponses").unwrap_or("{}"));
    Ok(true)
}

/// Refuses a modern client that takes no tasks.
fn check_takes(client: &Client, method: &Method, params: &str) -> Result<()> {
    let declared = raw::at(params, &["_meta", meta::CLIENT_CAPABILITIES]).unwrap_or("{}");
    if client.era == Era::Modern && !extension::takes_tasks(declared) {
        return Err(extension::tasks_needed(format!("{} is about tasks, and the client takes none", method.name())));
    }
    Ok(())
}

/// The task that a request names, and the raw JSON that names it.
fn named<'a>(shared: &Shared, client: &Client, method: &Method, params: &'a str) -> Result<(&'a str, Task)> {
    let named = raw::get(params, "taskId");
    let Some((raw_id, sealed)) = named.and_then(|raw_id| Some((raw_id, raw::text(raw_id)?))) else {
        let message = format!("{} needs `taskId`, a string", method.name());
        return Err(Error::new(Code::InvalidParams, message, "send the id that came with the task"));
    };
    let task = shared.tasks.open(&sealed, &client.visitor.principal);
    let task = task.filter(|task| client.view.upstreams.contains(&task.upstream)).ok_or_else(unknown)?;
    Ok((raw_id, task))
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
        shared.subscribers.tell_session(&session, splice.finish().into_owned(), Weight::Passing);
    }
}

fn unknown() -> Error {
    Error::new(Code::UnknownTask, "there is no such task", "use the id that came with the task, where it was begun")
}
