//! Ids of tasks in messages: the client's on one side, the upstream's on the other.

use crate::mcp::client::Client;
use base::{Code, Error, Result};
use identity::tasks::{Task, Tasks};
use mcp::task::{self, RELATED};
use mcp::{Era, Method, capability, raw, write};
use std::sync::Arc;
use tools::{Ask, Reply, Step};

/// Replaces the ids of tasks in what belongs to one request.
pub(crate) struct Ids {
    tasks: Arc<Tasks>,
    upstream: String,
    principal: Arc<str>,
    session: Option<String>,
    era: Era,
    scope: Scope,
}

/// Where ids stand in the result.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// The answer to a call, of which a legacy client may have wanted a task.
    Call { wanted: bool },
    /// What is about a task.
    Task,
    /// Nowhere but in `_meta`.
    Other,
}

impl Ids {
    /// For the request `method` with `params` (raw JSON), which `upstream` answers.
    pub(crate) fn new(tasks: &Arc<Tasks>, client: &Client, upstream: &str, method: &Method, params: &str) -> Self {
        let scope = match method {
            Method::ToolsCall => Scope::Call { wanted: raw::get(params, "task").is_some() },
            Method::TasksGet | Method::TasksCancel | Method::TasksUpdate => Scope::Task,
            _ => Scope::Other,
        };
        Self {
            tasks: Arc::clone(tasks),
            upstream: upstream.to_owned(),
            principal: Arc::clone(&client.visitor.principal),
            session: client.session.as_ref().map(|session| session.id.clone()),
            era: client.era,
            scope,
        }
    }

    /// What the client gets of what the upstream said.
    pub(crate) fn outward(&self, step: Step) -> Step {
        // Hardly any message names a task, and a look for the word is all that the others pay.
        let related: [&[&str]; 2] = [&["_meta", RELATED, "taskId"], &["result", "_meta", RELATED, "taskId"]];
        let done = match step {
            Step::Result(result) if result.contains("askId") => self.result(&result, &related).map(Step::Result),
            Step::Note(note) if note.contains("askId") => {
                self.replaced(&note, &[&["params", "_meta", RELATED, "taskId"]]).map(Step::Note)
            }
            Step::Ask(ask) if ask.params.contains("askId") => {
                self.replaced(&ask.params, &related[..1]).map(|params| Step::Ask(Ask { params, ..ask }))
            }
            Step::Error(error) if error.contains("askId") => {
                self.replaced(&error, &[&["data", "_meta", RELATED, "taskId"]]).map(Step::Error)
            }
            other => return other,
        };
        done.unwrap_or_else(|error| Step::Error(write::error_object_in(&error, self.era)))
    }

    /// What the upstream gets of what the client answered.
    pub(crate) fn inward(&self, reply: Reply) -> Reply {
        reply.map(|result| {
            let path = ["_meta", RELATED, "taskId"];
            let found = raw::at(&result, &path).and_then(|raw_id| Some((raw_id, raw::text(raw_id)?)));
            let own = found.and_then(|(raw_id, sealed)| Some((raw_id, self.tasks.open(&sealed, &self.principal)?)));
            match own.filter(|(_, task)| task.upstream == self.upstream) {
                Some((raw_id, task)) => {
                    let mut splice = raw::Splice::new(&result);
                    splice.replace(raw_id, raw::quote(&task.id));
                    splice.finish().into_owned()
                }
                None => result,
            }
        })
    }

    fn result(&self, result: &str, related: &[&[&str]]) -> Result<String> {
        let mut paths = related.to_vec();
        match self.scope {
            Scope::Call { .. } if self.era == Era::Modern && task::is_task(result) => paths.push(&["taskId"]),
            Scope::Call { wanted: true } if self.era == Era::Legacy => paths.push(&["task", "taskId"]),
            Scope::Task => {
                self.check_requests(result)?;
                paths.push(&["taskId"]);
            }
            Scope::Call { .. } | Scope::Other => {}
        }
        let created = matches!(self.scope, Scope::Call { .. });
        if created
            && let Some(path) = paths.get(related.len())
            && let Some(id) = raw::at(result, path).and_then(raw::text)
        {
            let task = Task { upstream: self.upstream.clone(), id: id.into_owned() };
            self.tasks.own(task, &self.principal, self.session.clone());
        }
        self.replaced(result, &paths)
    }

    /// A task asks for things as a call does, so it is not believed more.
    fn check_requests(&self, task: &str) -> Result<()> {
        let requests = raw::get(task, "inputRequests").unwrap_or("{}");
        let safe = |request: raw::Member<'_>| capability::is_safe(raw::get(request.value, "params").unwrap_or("{}"));
        if raw::members(requests).all(safe) {
            return Ok(());
        }
        let name = &self.upstream;
        let message = format!("`{name}` wants to send the user to something that is no web address");
        Err(Error::new(Code::UpstreamProtocol, message, "the fault is in that server").of_upstream(name))
    }

    fn replaced(&self, text: &str, paths: &[&[&str]]) -> Result<String> {
        let mut splice = raw::Splice::new(text);
        for path in paths {
            if let Some(raw_id) = raw::at(text, path)
                && let Some(id) = raw::text(raw_id)
            {
                let task = Task { upstream: self.upstream.clone(), id: id.into_owned() };
                splice.replace(raw_id, raw::quote(&self.tasks.seal(&task, &self.principal)?));
            }
        }
        Ok(splice.finish().into_owned())
    }
}
