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

use crate::Runs;
use crate::deduplication;
use crate::owner::{principal, run_of, together};
use attend::{Attend, Attended};
use base::{Code, Error, Result, random};
use journal::RunId;
use mcp::client::local::Line;
use mcp::{Method, raw};
pub(crate) use result::{failure, text};
use runner::Start;
use serde_json::{Map, Value, json};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;
use tools::builtin::{Answer, Asked, Local};

/// How long a call that is no task is waited for: less than what the hub gives calls as a whole unless it is told otherwise.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// The member of `_meta` by which a client has a call that it sends twice begin one run.
const KEY: &str = mcp::version::meta::IDEMPOTENCY;

/// The workflows that are served at the moment. There are none before it is known what carries runs out.
#[derive(Default)]
pub struct Tools {
    runs: OnceLock<Weak<dyn Runs>>,
}

impl Tools {
    /// The workflows of `runs` are served from now on, as long as that is there. Only the first count.
    pub fn serve(&self, runs: &Arc<dyn Runs>) {
        let _already = self.runs.set(Arc::downgrade(runs));
    }

    /// Changes whenever what is listed does.
    pub fn digest(&self) -> String {
        random::to_hex(&random::sha256(Value::from(self.definitions()).to_string().as_bytes()))
    }

    fn definitions(&self) -> Vec<Value> {
        let workflows = self.runs().map(|runs| runs.runner().workflows());
        workflows.map(|all| all.values().map(|served| define::tool(&served.plan)).collect()).unwrap_or_default()
    }

    fn runs(&self) -> Option<Arc<dyn Runs>> {
        self.runs.get()?.upgrade()
    }

    async fn answer(&self, asked: Asked, line: Line) -> Result<String> {
        let runs = self.runs().ok_or_else(|| {
            let next = "start the hub with `tutti up`, and call it there";
            Error::new(Code::UpstreamDisabled, "no runs are carried out here", next)
        })?;
        let runner = runs.runner();
        match asked.method {
            Method::ToolsCall => begin(&*runs, &asked, line).await,
            Method::TasksGet => Ok(task::show(runner, named(&asked)?, &asked.principal).await?.to_string()),
            Method::TasksCancel => Ok(task::cancel(runner, named(&asked)?, &asked.principal).await?.to_string()),
            Method::TasksList => Ok(task::list(runner, &asked.params, &asked.principal).await?.to_string()),
            Method::TasksResult => wait(&*runs, &asked, line).await,
            other => {
                let message = format!("the built-in upstream has no {}", other.name());
                Err(Error::new(Code::MethodNotFound, message, "call its tools"))
            }
        }
    }
}

/// Begins a run, and waits for its end unless it is a task.
async fn begin(runs: &dyn Runs, asked: &Asked, line: Line) -> Result<String> {
    let runner = runs.runner();
    // What servers say of their tools says what may be done twice.
    runs.ready().await?;
    let (workflow, params) = asked.call()?;
    if !runner.workflows().contains_key(&workflow) {
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
    let run = match runner.start(start).await {
        Ok(started) => started.run,
        // What a model gives as arguments it can correct (specification 2025-11-25, error handling).
        Err(errors) => return Ok(result::refused(&together(&errors)).to_string()),
    };
    if raw::get(&asked.params, "task").is_some_and(raw::is_object) {
        let task = task::show(runner, run, &asked.principal).await?;
        return Ok(json!({"task": task}).to_string());
    }
    let attend = Attend::new(runs, run, asked, line).at_most(PATIENCE);
    Ok(match attend.carry_on().await? {
        Attended::Ended(run, value) => result::ended(&run, value).to_string(),
        Attended::Waits(run, error) => result::waiting(&run, &error).to_string(),
    })
}

/// Waits for the result of a task, however long that takes.
async fn wait(runs: &dyn Runs, asked: &Asked, line: Line) -> Result<String> {
    let run = named(asked)?;
    run_of(runs.runner(), run, &asked.principal).await?;
    match Attend::new(runs, run, asked, line).carry_on().await? {
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
fn named(asked: &Asked) -> Result<RunId> {
    let named = raw::get(&asked.params, "taskId").and_then(raw::text);
    named
        .and_then(|text| RunId::parse(&text))
        .ok_or_else(|| Error::new(Code::UnknownTask, "there is no such task", "use the id that came with the task"))
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
        self.definitions()
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
