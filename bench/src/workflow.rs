//! What a durable step of a workflow costs: whole runs, carried out by the runner over a journal on the disk, whose calls
//! return at once.

pub mod many;

use crate::append::{Measured, body, nanoseconds};
use anyhow::{Context, Result, anyhow, ensure};
use context::tokens::Family;
use journal::{Amount, Digest, RunId, Status, StoredJournal};
use machine::{Price, Task, Work};
use memory::{Memory, WantedSummary};
use runner::{Answer, Calling, Clock, Done, JournalRunner, Options, Outside, Reads, Served, Start};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use store::Db;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use workflow::plan::PlannedStep;
use workflow::{Nothing, Plan, Source, read};

/// Steps of a run whose steps are measured.
const STEPS: usize = 20;

/// A chain of steps, each of which needs the one before.
fn chain(effect: &str) -> String {
    let step = |number: usize| {
        let after = if number == 0 { String::new() } else { format!(", after: s{}", number - 1) };
        format!("- {{ name: s{number}, tool: mcp://s/t, effect: {effect}{after} }}\n")
    };
    format!("name: chain\nsteps:\n{}output: done\n", (0..STEPS).map(step).collect::<String>())
}

/// Answers every call at once with the same text.
pub struct Instantly {
    answer: Value,
    calls: AtomicUsize,
    /// Between two calls of a run lies one durable step. While somebody measures.
    since: Option<Mutex<Steps>>,
}

#[derive(Default)]
struct Steps {
    last: HashMap<RunId, Instant>,
    latencies: Vec<u64>,
}

impl Instantly {
    fn of(measures: bool) -> Self {
        let answer = Value::from(body().trim_matches('"'));
        Self { answer, calls: AtomicUsize::new(0), since: measures.then(Mutex::default) }
    }

    fn called(&self, run: RunId) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let Some(since) = &self.since else { return };
        let mut steps = since.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = steps.last.insert(run, Instant::now()) {
            steps.latencies.push(nanoseconds(last));
        }
    }
}

impl Outside for Instantly {
    fn call<'a>(&'a self, _: &'a Task, calling: &'a Calling) -> Answer<'a> {
        self.called(calling.run);
        Box::pin(std::future::ready(Ok(Done::free(self.answer.clone()))))
    }

    fn summarise<'a>(&'a self, _: &'a WantedSummary, _: &'a Calling) -> Answer<'a> {
        Box::pin(std::future::ready(Ok(Done::free(Value::from("short")))))
    }

    fn most_of_summary(&self, _: &WantedSummary, _: &Calling) -> Amount {
        Amount::default()
    }

    fn summary_prompt(&self) -> Digest {
        Digest::of(b"shorter")
    }

    fn reads(&self, _: &Plan, _: &PlannedStep) -> Reads {
        Reads { family: Family::Any, window: None }
    }

    fn price(&self, _: &Plan, _: &PlannedStep, _: &Work) -> Price {
        Price::fixed(Amount::default())
    }
}

/// A runner on a journal of its own, and its worker while there is one.
pub struct House {
    runner: JournalRunner,
    outside: Arc<Instantly>,
    db: Db,
    /// How many milliseconds the clock of the runner is ahead.
    ahead: Arc<AtomicU64>,
    worker: Option<(CancellationToken, JoinHandle<base::Result<()>>)>,
}

impl House {
    /// Opens the journal at `path`.
    ///
    /// # Errors
    /// Those of the store, and of the workflow.
    pub async fn open(path: &Path, text: &str, measures: bool) -> Result<Self> {
        let db = Db::open(path).await?;
        let store = Arc::new(StoredJournal::open(db.clone()).await?);
        let memory = Memory::open(Db::memory().await?).await?;
        let (outside, ahead) = (Arc::new(Instantly::of(measures)), Arc::new(AtomicU64::new(0)));
        let shifted = Arc::clone(&ahead);
        let clock: Clock = Arc::new(move || now() + shifted.load(Ordering::Relaxed));
        let runner =
            JournalRunner::with_clock(store, Arc::clone(&outside) as Arc<_>, memory, Options::of("bench"), clock);
        runner.serve(vec![served(text)?]);
        Ok(Self { runner, outside, db, ahead, worker: None })
    }

    /// Begins to carry out runs.
    pub fn work(&mut self) {
        let (runner, stop) = (self.runner.clone(), CancellationToken::new());
        let told = stop.clone();
        self.worker = Some((stop, tokio::spawn(async move { runner.work(told).await })));
    }

    /// Ends the worker and closes the journal.
    ///
    /// # Errors
    /// Those of the worker.
    pub async fn close(self) -> Result<()> {
        if let Some((stop, worker)) = self.worker {
            stop.cancel();
            worker.await??;
        }
        drop(self.runner);
        self.db.close().await;
        Ok(())
    }

    async fn start(&self, params: Map<String, Value>) -> Result<RunId> {
        let name = self.runner.workflows().keys().next().cloned().context("there is no workflow")?;
        let started = self.runner.start(Start::of(name, params)).await;
        Ok(started.map_err(|errors| anyhow!("a run is not started: {errors:?}"))?.run)
    }
}

/// Carries out runs of a chain of steps for about `time`, `clients` at once, each the next when its one is at its end.
///
/// # Errors
/// A run does not end well.
pub async fn steps(path: &Path, effect: &str, clients: usize, time: Duration) -> Result<Measured> {
    let mut house = House::open(path, &chain(effect), true).await?;
    house.work();
    let (house, begin) = (Arc::new(house), Instant::now());
    let client = |house: Arc<House>| async move {
        while begin.elapsed() < time {
            let run = house.start(Map::new()).await?;
            let (run, output) = house.runner.ended(run).await?;
            ensure!(run.status == Status::Succeeded, "a run is {}: {output}", run.status.word());
        }
        anyhow::Ok(())
    };
    let clients: Vec<_> = (0..clients).map(|_| tokio::spawn(client(Arc::clone(&house)))).collect();
    for client in clients {
        client.await??;
    }
    let took = begin.elapsed();
    let house = Arc::into_inner(house).context("a client is still there")?;
    let calls = house.outside.calls.load(Ordering::Relaxed);
    let latencies = match &house.outside.since {
        Some(since) => std::mem::take(&mut since.lock().unwrap_or_else(PoisonError::into_inner).latencies),
        None => Vec::new(),
    };
    house.close().await?;
    ensure!(calls.is_multiple_of(STEPS), "{calls} calls of chains of {STEPS}");
    // Steps are more than the spaces between them: the start and the end of each run count into the time too.
    Ok(Measured { count: calls, ..Measured::of(latencies, took) })
}

/// A workflow of this text.
///
/// # Errors
/// What is wrong with it.
pub fn served(text: &str) -> Result<Served> {
    let wrong = |errors: Vec<base::Error>| anyhow!("the workflow is wrong: {errors:?}");
    let workflow = read("w.yaml", text).map_err(wrong)?.into_iter().next().context("there is no workflow")?;
    let plan = Plan::of(&workflow, &Source::new("w.yaml", text), &Nothing).map_err(wrong)?;
    Ok(Served { plan: Arc::new(plan), source: text.into() })
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
