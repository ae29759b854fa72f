//! Workflows as tools: the built-in upstream `workflows`.
//!
//! A call begins a run and waits for its end. As a task (specification 2025-11-25, tasks) it is answered at once, and the id
//! of the task is the run: so it is there for whoever may see the run, after a restart too. A call that nobody waits for any
//! more leaves its run going; a task is cancelled by `tasks/cancel`.

mod attend;
mod define;
mod question;
mod result;
mod task;

use crate::deduplication;
use crate::owner::{principal, run_of, together};
use attend::{Attend, Attended};
use base::{Code, Error, Result, random};
use journal::RunId;
use mcp::client::local::Line;
use mcp::{Method, raw};
pub(crate) use result::{failure, text};
use runner::{Runner, Start};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use tools::builtin::{Answer, Asked, Local};

/// How long a call that is no task is waited for: less than what the hub gives calls as a whole unless it is told otherwise.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// The member of `_meta` by which a client has a call that it sends twice begin one run.
const KEY: &str = "tutti/idempotency-key";

/// The workflows, as they were when the list was made; what is started is always what is served by then.
pub struct Tools {
    runner: Runner,
    definitions: Vec<Value>,
}

impl Tools {
    /// The workflows that `runner` serves now.
    pub fn of(runner: &Runner) -> Self {
        let definitions = runner.workflows().values().map(|served| define::tool(&served.plan)).collect();
        Self { runner: runner.clone(), definitions }
    }

    /// Changes whenever what is listed does.
    pub fn digest(&self) -> String {
        random::to_hex(&random::sha256(Value::from(self.definitions.clone()).to_string().as_bytes()))
    }

    async fn answer(&self, asked: Asked, line: Line) -> Result<String> {
        match asked.method {
            Method::ToolsCall => self.begin(&asked, line).await,
            Method::TasksGet => Ok(task::show(&self.runner, self.named(&asked)?, &asked.principal).await?.to_string()),
            Method::TasksCancel => {
                Ok(task::cancel(&self.runner, self.named(&asked)?, &asked.principal).await?.to_string())
            }
            Method::TasksList => Ok(task::list(&self.runner, &asked.params, &asked.principal).await?.to_string()),
            Method::TasksResult => self.wait(&asked, line).await,
            other => {
                let message = format!("the built-in upstream has no {}", other.name());
                Err(Error::new(Code::MethodNotFound, message, "call its tools"))
            }
        }
    }

    /// Begins a run, and waits for its end unless it is a task.
    async fn begin(&self, asked: &Asked, line: Line) -> Result<String> {
        let (workflow, params) = asked.call()?;
        if !self.runner.workflows().contains_key(&workflow) {
            let shown = base::visible::escaped(&workflow.chars().take(100).collect::<String>());
            let message = format!("there is no workflow `{shown}`");
            return Err(Error::new(Code::UnknownTool, message, "list the tools for the workflows that there are"));
        }
        let key = raw::at(&asked.params, &["_meta", KEY]).and_then(raw::text);
        let start = Start {
            principal: principal(&asked.principal),
            deduplication: key.map(|key| deduplication::key(&["call", &asked.principal, &workflow, &key])),
            ..Start::of(workflow, params)
        };
        let run = match self.runner.start(start).await {
            Ok(started) => started.run,
            // What a model gives as arguments it can correct (specification 2025-11-25, error handling).
            Err(errors) => return Ok(result::refused(&together(&errors)).to_string()),
        };
        if raw::get(&asked.params, "task").is_some_and(raw::is_object) {
            let task = task::show(&self.runner, run, &asked.principal).await?;
            return Ok(json!({"task": task}).to_string());
        }
        let attend = Attend::new(&self.runner, run, asked, line).at_most(PATIENCE);
        Ok(match attend.carry_on().await? {
            Attended::Ended(run, value) => result::ended(&run, value).to_string(),
            Attended::Waits(run, error) => result::waiting(&run, &error).to_string(),
        })
    }

    /// Waits for the result of a task, however long that takes.
    async fn wait(&self, asked: &Asked, line: Line) -> Result<String> {
        let run = self.named(asked)?;
        run_of(&self.runner, run, &asked.principal).await?;
        match Attend::new(&self.runner, run, asked, line).carry_on().await? {
            Attended::Ended(run, _) if run.status == journal::Status::Cancelled => {
                let next = "call the tool again if its result is still wanted";
                Err(Error::new(Code::TaskCancelled, "the task was cancelled, so it has no result", next))
            }
            Attended::Ended(run, value) => {
                let id = raw::quote(&run.id.to_string());
                Ok(mcp::task::related(&result::ended(&run, value).to_string(), &id))
            }
            Attended::Waits(_, error) => Err(error),
        }
    }

    /// The run that a request about a task names.
    fn named(&self, asked: &Asked) -> Result<RunId> {
        let named = raw::get(&asked.params, "taskId").and_then(raw::text);
        named
            .and_then(|text| RunId::parse(&text))
            .ok_or_else(|| Error::new(Code::UnknownTask, "there is no such task", "use the id that came with the task"))
    }
}

impl Local for Tools {
    fn describe(&self) -> Value {
        json!({
            "serverInfo": {"name": "workflows", "title": "Workflows", "version": env!("CARGO_PKG_VERSION")},
            "capabilities": {
                "tools": {"listChanged": true},
                "tasks": {"list": {}, "cancel": {}, "requests": {"tools": {"call": {}}}},
            },
        })
    }

    fn tools(&self) -> Vec<Value> {
        self.definitions.clone()
    }

    fn call(self: Arc<Self>, tool: String, arguments: Map<String, Value>) -> Answer {
        // Nobody hears what is said meanwhile, nor answers.
        let (_, line, _) = mcp::client::local::line();
        let params = json!({"name": tool, "arguments": arguments}).to_string();
        let principal = principal_of_hub();
        self.respond(Asked { method: Method::ToolsCall, params, principal }, line)
    }

    fn respond(self: Arc<Self>, asked: Asked, line: Line) -> Answer {
        Box::pin(async move { self.answer(asked, line).await })
    }
}

fn principal_of_hub() -> Arc<str> {
    base::ports::Principal::local().name.into()
}
