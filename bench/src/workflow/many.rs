//! Very many runs, and runs of very many steps.

use super::House;
use anyhow::{Result, anyhow, ensure};
use journal::{Filter, Status};
use runner::Start;
use serde_json::{Map, Value};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// A step, a wait of an hour, a step.
const WAITS: &str = "name: waits\nsteps:\n\
    - { name: first, tool: mcp://s/t, effect: read }\n\
    - { name: pause, wait: 1h, after: first }\n\
    - { name: last, tool: mcp://s/t, effect: read, after: pause }\n\
    output: done\n";
/// One step.
const ONE: &str = "name: one\nsteps:\n- { name: only, tool: mcp://s/t, effect: read }\noutput: done\n";
/// A step for each of a list.
const EACH: &str = "name: each\nparams: { items: { type: array } }\nsteps:\n\
    - { name: each, for_each: { items: params.items, concurrency: 64, max: 10000 }, tool: mcp://s/t, effect: read }\n\
    output: done\n";
const HOUR: u64 = 3_600_000;
/// How many runs are started at once.
const STARTED: usize = 256;
/// How long is waited for anything at most.
const PATIENCE: Duration = Duration::from_secs(600);

/// How long it took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Took {
    /// From the start of the worker until the last run had gone on.
    pub went_on: Duration,
    /// Until all were at their end.
    pub ended: Duration,
}

/// Runs that wait for a time which is over when a worker starts.
///
/// # Errors
/// Those of the store; not all go on in time.
pub async fn resume(path: &Path, runs: usize) -> Result<Took> {
    let mut house = House::open(path, WAITS, false).await?;
    house.work();
    start(&house, runs).await?;
    until(|| none(&house, Status::Running)).await?;
    house.close().await?;
    let mut house = House::open(path, WAITS, false).await?;
    house.ahead.store(2 * HOUR, Ordering::Relaxed);
    let begin = Instant::now();
    house.work();
    until(|| async { Ok(house.outside.calls.load(Ordering::Relaxed) >= runs) }).await?;
    let went_on = begin.elapsed();
    until(|| all_ended(&house)).await?;
    let took = Took { went_on, ended: begin.elapsed() };
    ensure!(house.outside.calls.load(Ordering::Relaxed) == runs, "a run went on twice");
    house.close().await?;
    Ok(took)
}

/// So many runs of one step each, all of which are there when the worker starts.
///
/// # Errors
/// As [`resume`].
pub async fn runs(path: &Path, runs: usize) -> Result<Duration> {
    let mut house = House::open(path, ONE, false).await?;
    start(&house, runs).await?;
    let begin = Instant::now();
    house.work();
    until(|| async { Ok(house.outside.calls.load(Ordering::Relaxed) >= runs) }).await?;
    until(|| all_ended(&house)).await?;
    let took = begin.elapsed();
    house.close().await?;
    Ok(took)
}

/// One run with a step for each of so many items.
///
/// # Errors
/// The run does not end well.
pub async fn items(path: &Path, items: usize) -> Result<Duration> {
    let mut house = House::open(path, EACH, false).await?;
    house.work();
    let begin = Instant::now();
    let params = Map::from_iter([("items".to_owned(), (0..items).collect::<Value>())]);
    let run = house.start(params).await?;
    let (run, output) = house.runner.ended(run).await?;
    let took = begin.elapsed();
    ensure!(run.status == Status::Succeeded, "the run is {}: {output}", run.status.word());
    house.close().await?;
    Ok(took)
}

async fn start(house: &House, runs: usize) -> Result<()> {
    for first in (0..runs).step_by(STARTED) {
        let mut starting = JoinSet::new();
        for _ in first..runs.min(first + STARTED) {
            let runner = house.runner.clone();
            let name = runner.workflows().keys().next().cloned().unwrap_or_default();
            starting.spawn(async move { runner.start(Start::of(name, Map::new())).await });
        }
        for started in starting.join_all().await {
            started.map_err(|errors| anyhow!("a run is not started: {errors:?}"))?;
        }
    }
    Ok(())
}

/// Whether no run stands so.
async fn none(house: &House, status: Status) -> Result<bool> {
    let filter = Filter { status: Some(status), ..Filter::default() };
    Ok(house.runner.list(filter, None, 1).await?.runs.is_empty())
}

/// Whether all runs are at their end, and well.
async fn all_ended(house: &House) -> Result<bool> {
    for status in [Status::Running, Status::Waiting] {
        if !none(house, status).await? {
            return Ok(false);
        }
    }
    ensure!(none(house, Status::Failed).await?, "a run failed");
    Ok(true)
}

/// Looks until it is so: seldom, so that looking costs little.
async fn until<F: Future<Output = Result<bool>>>(mut is_so: impl FnMut() -> F) -> Result<()> {
    let begin = Instant::now();
    while !is_so().await? {
        ensure!(begin.elapsed() < PATIENCE, "it is not so after {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
