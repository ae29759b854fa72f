//! Runs as tasks (specification 2025-11-25, tasks).

use crate::owner::run_of;
use crate::standing::stuck;
use base::ports::Principal;
use base::{Code, Error, Result, clock};
use journal::{Filter, Run, RunId, Status};
use mcp::raw;
use runner::{By, Runner};
use serde_json::{Value, json};
use std::time::Duration;

/// After how many milliseconds a client best looks again.
const POLL: u64 = 1_000;

/// The most tasks of a page.
const PAGE: usize = 100;

/// How long is waited for what a cancelled run still has to undo, before the client is told.
const UNDOING: Duration = Duration::from_secs(5);

/// How a task is.
pub(super) async fn show(runner: &dyn Runner, run: RunId, name: &str) -> Result<Value> {
    let run = run_of(runner, run, name).await?;
    let stuck = stuck(runner, &run).await?;
    let at_gate = matches!(stuck, Some(crate::standing::Stuck::Gates(_)));
    let mut shown = task(&run);
    if at_gate {
        shown["status"] = "input_required".into();
    }
    if let Some(stuck) = stuck {
        let (message, next) = stuck.told(&run);
        shown["statusMessage"] = format!("{message}; {next}").into();
    }
    Ok(shown)
}

/// Cancels a task. What its run did and can be undone may still be undone when this returns.
///
/// # Errors
/// [`Code::RunFinished`]: it is at its end.
pub(super) async fn cancel(runner: &dyn Runner, run: RunId, name: &str) -> Result<Value> {
    run_of(runner, run, name).await?;
    runner.cancel(run, &By { actor: name.to_owned(), ..By::default() }).await?;
    let listed = match tokio::time::timeout(UNDOING, runner.ended(run)).await {
        Ok(ended) => ended?.0,
        Err(_) => runner.run(run).await?,
    };
    let mut shown = task(&listed);
    if !listed.status.is_final() {
        shown["status"] = "cancelled".into();
        shown["statusMessage"] = "what it did is being undone".into();
    }
    Ok(shown)
}

/// The tasks of `name`, the newest first.
///
/// # Errors
/// [`Code::InvalidParams`]: the cursor is none.
pub(super) async fn list(runner: &dyn Runner, params: &str, name: &str) -> Result<Value> {
    let after = match raw::get(params, "cursor").filter(|cursor| *cursor != "null").map(raw::text) {
        None => None,
        Some(cursor) => Some(cursor.and_then(|cursor| RunId::parse(&cursor)).ok_or_else(|| {
            Error::new(Code::InvalidParams, "`cursor` is none of this list", "begin the list again without it")
        })?),
    };
    let Principal { tenant, name: local, .. } = Principal::local();
    let filter =
        Filter { tenant: Some(tenant), principal: (name != local).then(|| name.to_owned()), ..Filter::default() };
    let page = runner.list(filter, after, PAGE).await?;
    let tasks: Vec<Value> = page.runs.iter().map(task).collect();
    let mut shown = json!({"tasks": tasks});
    if let Some(next) = page.next {
        shown["nextCursor"] = next.to_string().into();
    }
    Ok(shown)
}

/// A run as a task, apart from what it waits for.
fn task(run: &Run) -> Value {
    let status = match run.status {
        Status::Running | Status::Waiting | Status::InDoubt | Status::Paused => "working",
        Status::Succeeded => "completed",
        Status::Failed => "failed",
        Status::Cancelled => "cancelled",
    };
    let time = |at: u64| clock::rfc3339(Duration::from_millis(at));
    json!({
        "taskId": run.id.to_string(),
        "status": status,
        "statusMessage": format!("workflow `{}`", run.workflow),
        "createdAt": time(run.created_at),
        "lastUpdatedAt": time(run.finished_at.unwrap_or(run.created_at)),
        "ttl": null,
        "pollInterval": POLL,
    })
}
