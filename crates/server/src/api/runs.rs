//! Workflows and their runs: what there is, how they stand, and what people decide.

mod body;
mod events;
mod rights;

pub(crate) use events::events;

use super::input::{Asked, Whose};
use super::operation::{Parameter, Shape};
use crate::Shared;
use crate::answer::{Refusal, plain_json};
use crate::keys::Visitor;
use crate::runs::Runs;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use base::ports::Principal;
use base::{Code, Error};
use body::Body;
use journal::{Filter, Resolution, RunId, Status};
use rights::Rights;
use runner::{Approval, Runner, Start, Started};
use serde_json::{Value, json};
use std::sync::Arc;

/// The most runs of one answer.
const PAGE: u64 = 500;

/// What carries runs out, where this hub does.
pub(crate) type Carried = Extension<Option<Arc<dyn Runs>>>;

/// How runs stand that are listed.
pub(crate) const STATUS: Parameter = Parameter {
    name: "status",
    about: "Only runs that stand so.",
    shape: Shape::Pattern("^(running|waiting|in_doubt|paused|succeeded|failed|cancelled)$"),
};

/// Of which workflow runs are listed.
pub(crate) const WORKFLOW: Parameter =
    Parameter { name: "workflow", about: "Only runs of this workflow.", shape: Shape::Text };

/// Behind which run a list begins.
pub(crate) const AFTER: Parameter =
    Parameter { name: "after", about: "The id of the last run of the page before.", shape: Shape::Text };

/// How many runs are listed.
pub(crate) const LIMIT: Parameter =
    Parameter { name: "limit", about: "The most runs of the answer; 100 unless said.", shape: Shape::Whole(PAGE) };

/// From which entry on events are told.
pub(crate) const FROM: Parameter = Parameter {
    name: "from",
    about: "The first entry that is told, from 1. The header `Last-Event-ID` counts more.",
    shape: Shape::Whole((1 << 53) - 1),
};

pub(crate) fn carried(runs: &Option<Arc<dyn Runs>>) -> Result<&Arc<dyn Runs>, Error> {
    runs.as_ref().ok_or_else(|| {
        Error::new(Code::PathNotFound, "this hub carries no runs out", "ask one that was started with `tutti up`")
    })
}

/// All workflows that can be started with the key.
pub(crate) async fn workflows(
    State(shared): State<Arc<Shared>>,
    Extension(runs): Carried,
    Whose(visitor): Whose,
) -> Result<Response, Refusal> {
    let served = carried(&runs)?.runner().workflows();
    let startable = rights::startable(&shared, &visitor);
    let shown = served.values().filter(|served| startable.as_ref().is_none_or(|all| all.contains(served.plan.name())));
    let workflows = shown.map(|served| {
        let plan = &served.plan;
        let params = plan.params().iter().map(|known| {
            json!({
                "name": known.name, "description": known.description, "required": known.required,
                "default": known.default, "schema": known.schema,
            })
        });
        json!({
            "name": plan.name(), "description": plan.description(), "definition": served.definition().ok().map(|digest| digest.to_string()),
            "effect": plan.effect(), "steps": plan.steps().len(), "params": params.collect::<Vec<_>>(),
        })
    });
    Ok(plain_json(json!({"workflows": workflows.collect::<Vec<_>>()}).to_string()))
}

/// Starts a run.
pub(crate) async fn start(
    State(shared): State<Arc<Shared>>,
    Extension(runs): Carried,
    Path(workflow): Path<String>,
    Whose(visitor): Whose,
    request: Request,
) -> Result<Response, Refusal> {
    let body = Body::read(&shared, request).await?;
    body.check(&["params", "key", "priority"])?;
    let runs = carried(&runs)?;
    let (rights, priority) = (Rights::of(&visitor, runs.runner()), body.priority()?);
    rights.start(&shared, &visitor, priority)?;
    runs.ready().await?;
    let (principal, deduplication) = (principal(&visitor), rights.key(body.text("key")?));
    // What was started is theirs, whatever they may start by now.
    if let Some(key) = &deduplication
        && let Some(started) = runs.runner().started(&principal, key).await?
    {
        return begun(Ok(started));
    }
    if rights::startable(&shared, &visitor).is_some_and(|all| !all.contains(&workflow)) {
        return Err(rights::missing(&workflow).into());
    }
    let start = Start { principal, deduplication, priority, ..Start::of(workflow, body.object("params")?) };
    begun(runs.runner().start(start).await)
}

/// Runs, the newest first.
pub(crate) async fn list(Extension(runs): Carried, Whose(visitor): Whose, asked: Asked) -> Result<Response, Refusal> {
    let status = asked.text(&STATUS)?.map(|word| Status::of_word(word).ok_or_else(|| unknown_status(word)));
    let filter = Filter {
        tenant: Some(Principal::local().tenant),
        principal: None,
        workflow: asked.text(&WORKFLOW)?.map(str::to_owned),
        status: status.transpose()?,
        parent: None,
    };
    let after = asked.text(&AFTER)?.map(id).transpose()?;
    let most = usize::try_from(asked.whole(&LIMIT)?.unwrap_or(100).max(1)).unwrap_or(100);
    let page = Rights::of(&visitor, carried(&runs)?.runner()).list(filter, after, most).await?;
    let shown: Vec<Value> = page.runs.iter().map(runner::about).collect();
    Ok(plain_json(json!({"runs": shown, "next": page.next.map(|run| run.to_string())}).to_string()))
}

/// A run and its steps.
pub(crate) async fn inspect(
    Extension(runs): Carried,
    Path(run): Path<String>,
    Whose(visitor): Whose,
) -> Result<Response, Refusal> {
    let shown = Rights::of(&visitor, carried(&runs)?.runner()).inspect(id(&run)?).await?;
    Ok(plain_json(shown.to_json().to_string()))
}

/// All that is kept of a run.
pub(crate) async fn export(Extension(runs): Carried, Path(run): Path<String>) -> Result<Response, Refusal> {
    Ok(plain_json(carried(&runs)?.runner().export(id(&run)?).await?.to_string()))
}

/// What a request asks of a run.
#[derive(Clone, Copy)]
enum Decision {
    Approve,
    Reject,
    Resolve,
    Cancel,
    Pause,
    Resume,
    Signal,
}

macro_rules! decisions {
    ($($(#[$attribute:meta])* $name:ident = $decision:ident;)*) => {
        $($(#[$attribute])* pub(crate) async fn $name(
            State(shared): State<Arc<Shared>>,
            Extension(runs): Carried,
            Path(run): Path<String>,
            Whose(visitor): Whose,
            request: Request,
        ) -> Result<Response, Refusal> {
            let body = Body::read(&shared, request).await?;
            let said = decide(carried(&runs)?.runner(), id(&run)?, &visitor, &body, Decision::$decision).await?;
            Ok(plain_json(said.to_string()))
        })*
    };
}

decisions! {
    /// Lets a gate go on.
    approve = Approve;
    /// Refuses at a gate.
    reject = Reject;
    /// Says what became of an effect of which nobody knows.
    resolve = Resolve;
    /// Cancels a run.
    cancel = Cancel;
    /// Lets nothing new begin.
    pause = Pause;
    /// Lets a paused run go on.
    resume = Resume;
    /// Tells a run of an event outside.
    signal = Signal;
}

async fn decide(
    runner: &dyn Runner,
    run: RunId,
    visitor: &Visitor,
    body: &Body,
    decision: Decision,
) -> Result<Value, Error> {
    body.check(match decision {
        Decision::Approve => &["step", "arguments", "edited", "reason"],
        Decision::Reject => &["step", "arguments", "reason"],
        Decision::Resolve => &["step", "resolution", "value", "reason"],
        Decision::Cancel | Decision::Pause | Decision::Resume => &["reason"],
        Decision::Signal => &["name", "key", "body"],
    })?;
    let rights = Rights::of(visitor, runner);
    match decision {
        Decision::Approve | Decision::Reject => rights.known(run).await?,
        _ => rights.own(run).await?,
    }
    let by = rights.by(body.text("reason")?);
    let step = match decision {
        Decision::Approve => Some(runner.approve(run, &body.approval()?, &by).await?),
        Decision::Reject => Some(runner.reject(run, &body.approval()?, &by).await?),
        Decision::Resolve => {
            let (step, resolution) = (body.text("step")?, body.resolution()?);
            Some(runner.resolve(run, step.as_deref(), resolution, &body.value("value"), &by).await?)
        }
        Decision::Cancel => runner.cancel(run, &by).await.map(|()| None)?,
        Decision::Pause => runner.pause(run, &by).await.map(|()| None)?,
        Decision::Resume => runner.resume(run, &by).await.map(|()| None)?,
        Decision::Signal => {
            let (name, key) = (body.required("name")?, body.text("key")?);
            let key = key.map_or_else(base::random::hex::<16>, Ok)?;
            let new = runner.signal(run, &name, &key, &body.value("body")).await?;
            return Ok(json!({"id": run.to_string(), "new": new}));
        }
    };
    Ok(json!({"id": run.to_string(), "step": step}))
}

/// Starts a run from the middle of another.
pub(crate) async fn fork(
    State(shared): State<Arc<Shared>>,
    Extension(runs): Carried,
    Path(run): Path<String>,
    Whose(visitor): Whose,
    request: Request,
) -> Result<Response, Refusal> {
    let body = Body::read(&shared, request).await?;
    body.check(&["from", "again"])?;
    let runs = carried(&runs)?;
    runs.ready().await?;
    let (run, from, again) = (id(&run)?, body.required("from")?, body.texts("again")?);
    begun(runs.runner().fork(run, &from, &again, principal(&visitor)).await)
}

pub(crate) fn principal(visitor: &Visitor) -> Principal {
    Principal { name: visitor.principal.to_string(), ..Principal::local() }
}

/// The answer to a request that starts a run.
fn begun(outcome: Result<Started, Vec<Error>>) -> Result<Response, Refusal> {
    let Started { run, new } = outcome.map_err(|errors| together(&errors))?;
    Ok(plain_json(json!({"id": run.to_string(), "new": new}).to_string()))
}

/// The run of a path.
pub(crate) fn id(text: &str) -> Result<RunId, Error> {
    RunId::parse(text).ok_or_else(|| {
        let shown: String = text.chars().filter(|one| !one.is_control()).take(64).collect();
        Error::new(Code::RunUnknown, format!("there is no run `{shown}`"), "`tutti run list` tells which there are")
    })
}

fn unknown_status(word: &str) -> Error {
    let shown: String = word.chars().filter(|one| !one.is_control()).take(64).collect();
    let known = Status::ALL.map(Status::word).join(", ");
    Error::new(Code::InvalidParams, format!("no run stands `{shown}`"), format!("write one of {known}"))
}

/// Several errors as one: an answer has one.
fn together(errors: &[Error]) -> Error {
    match errors {
        [] => Error::internal("a run was not started, and nobody says why"),
        [one] => one.clone(),
        [first, ..] => {
            let all: Vec<&str> = errors.iter().map(Error::message).collect();
            Error::new(first.code(), all.join("; "), first.next())
        }
    }
}

/// The resolution that a word is for.
fn resolution(word: &str) -> Option<Resolution> {
    [Resolution::Happened, Resolution::Retry, Resolution::Fail].into_iter().find(|known| known.word() == word)
}

impl Body {
    fn approval(&self) -> Result<Approval, Error> {
        let edited = Some(self.value("edited")).filter(|edited| !edited.is_null());
        Ok(Approval { step: self.text("step")?, arguments: self.text("arguments")?, edited })
    }

    fn resolution(&self) -> Result<Resolution, Error> {
        let word = self.required("resolution")?;
        resolution(&word).ok_or_else(|| {
            let next = "write `happened`, `retry` or `fail`";
            Error::new(Code::InvalidParams, "`resolution` is none", next)
        })
    }
}
