//! Tasks: what is sent in place of what the client asked for, and what is made of the answer, where client and upstream
//! are of different eras.

use super::{Forward, Stage, Step};
use crate::rewrite::{self, Eras};
use base::{Code, Error, Result, clock};
use mcp::extension;
use mcp::task::{self, Status};
use mcp::version::meta;
use mcp::{Era, Method, number, raw, write};
use std::borrow::Cow;
use std::collections::HashSet;
use std::time::Duration;

/// Where a request about a task stands that takes the upstream more than one.
#[derive(Default)]
pub(super) struct Tasks {
    turn: Turn,
    /// The legacy task whose result is being fetched, raw JSON.
    kept: String,
    /// What the client has been asked already.
    asked: HashSet<String>,
}

#[derive(Default, PartialEq, Eq)]
enum Turn {
    #[default]
    First,
    Second,
    /// The answers of the client go out, in these params.
    Update(String),
}

/// The result of a modern request that has none.
pub const COMPLETE: &str = r#"{"resultType":"complete"}"#;

/// How often a modern task is looked at: as it says, within these bounds, or this.
const POLL: (Duration, Duration, Duration) =
    (Duration::from_millis(50), Duration::from_secs(1), Duration::from_secs(60));

impl Forward {
    /// What goes to an upstream of this era.
    pub(super) fn outgoing(&self, upstream: Era) -> Result<(Method, Cow<'_, str>)> {
        let params = self.params.as_str();
        let second = self.tasks.turn == Turn::Second;
        Ok(match (self.caller.era, upstream, &self.method) {
            (Era::Legacy, Era::Modern, Method::ToolsCall) => {
                (Method::ToolsCall, raw::without(params, |member| member.is("task")))
            }
            (Era::Legacy, Era::Modern, Method::TasksResult) => match &self.tasks.turn {
                Turn::Update(params) => (Method::TasksUpdate, Cow::Borrowed(params.as_str())),
                _ => (Method::TasksGet, Cow::Borrowed(params)),
            },
            (Era::Legacy, Era::Modern, Method::TasksCancel) if second => (Method::TasksGet, Cow::Borrowed(params)),
            (Era::Modern, Era::Legacy, Method::ToolsCall) if self.must_be_task() => {
                self.check_takes_tasks()?;
                let mut splice = raw::Splice::new(params);
                splice.insert(params, "task", "{}");
                (Method::ToolsCall, splice.finish())
            }
            (Era::Modern, Era::Legacy, Method::TasksGet) if second => (Method::TasksResult, Cow::Borrowed(params)),
            // Nobody waits for the answers: whether there is such a task is all that can be said.
            (Era::Modern, Era::Legacy, Method::TasksUpdate) => {
                (Method::TasksGet, raw::without(params, |member| member.is("inputResponses")))
            }
            (_, _, method) => (method.clone(), Cow::Borrowed(params)),
        })
    }

    /// What the upstream may ask of the client, and whether it may make tasks of calls.
    pub(super) fn declared(&self, upstream: Era) -> Cow<'_, str> {
        let capabilities = self.capabilities();
        if self.caller.era == Era::Modern || upstream == Era::Legacy {
            return capabilities;
        }
        match self.method {
            Method::ToolsCall if !self.wants_task() => capabilities,
            Method::ToolsCall | Method::TasksGet | Method::TasksResult | Method::TasksCancel => {
                Cow::Owned(extension::with_tasks(&capabilities, true))
            }
            _ => capabilities,
        }
    }

    /// Whether a legacy client wants its call to be a task.
    pub(super) fn wants_task(&self) -> bool {
        raw::get(&self.params, "task").is_some_and(raw::is_object)
    }

    /// Whether a modern client's call is sent to a legacy upstream as a task. That is the server's choice in the modern era: the
    /// tools that run as tasks only are, and those of the hub itself that may be, for clients that take tasks.
    fn must_be_task(&self) -> bool {
        let catalogue = self.upstream.catalogue();
        let chosen =
            || self.upstream.settings.is_within() && self.takes_tasks() && catalogue.may_be_task(&self.original);
        catalogue.task_tools.contains(&self.original) || chosen()
    }

    fn takes_tasks(&self) -> bool {
        let declared = raw::at(&self.params, &["_meta", meta::CLIENT_CAPABILITIES]).unwrap_or("{}");
        extension::takes_tasks(declared)
    }

    fn check_takes_tasks(&self) -> Result<()> {
        if self.takes_tasks() {
            return Ok(());
        }
        let name = self.upstream();
        let message = format!("the tool `{}` of `{name}` runs as a task only", self.original);
        Err(extension::tasks_needed(message).of_upstream(name))
    }

    /// Takes the answers to what the upstream asked: the request is sent with them.
    pub(super) fn resume(&mut self, params: String) {
        match self.method {
            Method::TasksResult => self.tasks.turn = Turn::Update(params),
            _ => self.params = params,
        }
        self.stage = Stage::Fresh;
    }

    /// Makes of an upstream's result what the client gets; nothing when the request goes on. `name` is the name that
    /// addresses get.
    pub(super) fn finished(&mut self, body: &str, name: Option<&str>, eras: Eras) -> Result<Option<Step>> {
        let plain = |method: &Method| Ok(Some(Step::Result(rewrite::result(body, method, name, eras).into_owned())));
        let second = self.tasks.turn == Turn::Second;
        match (eras.client, eras.upstream, &self.method) {
            (Era::Legacy, Era::Modern, Method::ToolsCall) if task::is_task(body) => {
                if self.wants_task() {
                    done(task::legacy_created(body))
                } else {
                    Err(self.no_task("made a task unasked"))
                }
            }
            (Era::Legacy, Era::Modern, Method::TasksGet) => done(task::legacy(body)),
            (Era::Legacy, Era::Modern, Method::TasksCancel) if second => done(task::legacy(body)),
            (Era::Legacy, Era::Modern, Method::TasksCancel) => self.go_on(Turn::Second),
            (Era::Legacy, Era::Modern, Method::TasksResult) => self.polled(body, name, eras),
            (Era::Modern, Era::Legacy, Method::ToolsCall) if self.must_be_task() => match task::modern_created(body) {
                Some(created) => done(created),
                None => Err(self.no_task("made no task of a call that must be one")),
            },
            (Era::Modern, Era::Legacy, Method::TasksGet) if second => {
                let result = rewrite::result(body, &Method::ToolsCall, name, eras);
                done(task::modern(&self.tasks.kept, "complete", Some(("result", &result))))
            }
            (Era::Modern, Era::Legacy, Method::TasksGet) => match task::status(body) {
                Status::Completed | Status::Failed => {
                    body.clone_into(&mut self.tasks.kept);
                    self.go_on(Turn::Second)
                }
                Status::InputRequired => done(task::modern(body, "complete", Some(("inputRequests", "{}")))),
                Status::Working | Status::Cancelled => done(task::modern(body, "complete", None)),
            },
            (Era::Modern, Era::Legacy, Method::TasksCancel | Method::TasksUpdate) => done(COMPLETE.to_owned()),
            (Era::Modern, Era::Modern, Method::TasksGet) => {
                let mut splice = raw::Splice::new(body);
                if let Some(result) = raw::get(body, "result") {
                    splice.replace(result, rewrite::result(result, &Method::ToolsCall, name, eras));
                }
                done(splice.finish().into_owned())
            }
            (_, _, Method::TasksResult) => plain(&Method::ToolsCall),
            (_, _, method) => plain(method),
        }
    }

    /// The result that an error of the upstream is, where it is one: the error of a legacy task is part of the modern.
    pub(super) fn failed_task(&self, error: &str, upstream: Era) -> Option<String> {
        let inner = self.caller.era == Era::Modern
            && upstream == Era::Legacy
            && self.method == Method::TasksGet
            && self.tasks.turn == Turn::Second;
        inner.then(|| {
            let error = number::for_client(error, &Method::ToolsCall, upstream, self.caller.version);
            task::modern(&self.tasks.kept, "complete", Some(("error", &error)))
        })
    }

    /// Looks at a modern task on behalf of a legacy client that waits for its result.
    fn polled(&mut self, body: &str, name: Option<&str>, eras: Eras) -> Result<Option<Step>> {
        if matches!(self.tasks.turn, Turn::Update(_)) {
            return self.go_on(Turn::First);
        }
        match task::status(body) {
            Status::Completed => {
                let result = rewrite::result(raw::get(body, "result").unwrap_or("{}"), &Method::ToolsCall, name, eras);
                done(task::related(&result, raw::get(body, "taskId").unwrap_or("\"\"")))
            }
            Status::Failed => {
                let internal = || write::error_object_in(&self.no_task("says not why a task failed"), Era::Legacy);
                let error = raw::get(body, "error").map_or_else(internal, str::to_owned);
                let error = number::for_client(&error, &Method::ToolsCall, eras.upstream, self.caller.version);
                Ok(Some(Step::Error(error.into_owned())))
            }
            Status::Cancelled => {
                let next = "call the tool again if its result is still wanted";
                Err(Error::new(Code::TaskCancelled, "the task was cancelled, so it has no result", next))
            }
            Status::InputRequired => {
                let requests = raw::get(body, "inputRequests").unwrap_or("{}");
                let fresh = raw::without(requests, |member| self.tasks.asked.contains(member.key));
                if raw::members(&fresh).next().is_none() {
                    return self.rest(body);
                }
                let fresh = fresh.into_owned();
                self.tasks.asked.extend(raw::members(&fresh).map(|member| member.key.to_owned()));
                self.questioned(&format!("{{\"inputRequests\":{fresh}}}"))
            }
            Status::Working => self.rest(body),
        }
    }

    /// Looks at a task again after the time that it says.
    fn rest(&mut self, body: &str) -> Result<Option<Step>> {
        let now = clock::now();
        if now >= self.deadline {
            return Err(super::endless(&self.upstream, &self.method));
        }
        let (least, usual, most) = POLL;
        let said = raw::get(body, "pollIntervalMs").and_then(|text| text.parse().ok()).map(Duration::from_millis);
        self.stage = Stage::Resting(now + said.unwrap_or(usual).clamp(least, most));
        Ok(None)
    }

    fn go_on(&mut self, turn: Turn) -> Result<Option<Step>> {
        self.tasks.turn = turn;
        self.stage = Stage::Fresh;
        Ok(None)
    }

    fn no_task(&self, why: &str) -> Error {
        let name = self.upstream();
        let next = format!("the fault is in `{name}`; see `tutti server logs {name}`");
        Error::new(Code::UpstreamProtocol, format!("`{name}` {why}"), next).of_upstream(name)
    }
}

fn done(result: String) -> Result<Option<Step>> {
    Ok(Some(Step::Result(result)))
}
