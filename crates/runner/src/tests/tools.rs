//! What the tests share.

use crate::{Answer, Calling, Done, Failed, JournalRunner, Options, Outside, Reads, Served, Start};
use base::ports::Principal;
use context::tokens::Family;
use journal::{Amount, Digest, MemoryJournal, RunId, Status};
use machine::{Fault, Price, Task, Work};
use memory::{Memory, WantedSummary};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use workflow::plan::PlannedStep;
use workflow::{Catalogue, Nothing, Plan, Source, read};

pub(super) const NOW: u64 = 1_800_000_000_000;

/// What a tool does when it is called.
#[derive(Clone)]
pub(super) enum Does {
    /// Fails with this code, so that it is known.
    Fails(&'static str),
    /// Fails with this code and message.
    Says(&'static str, String),
    /// Is never heard of again.
    Vanishes,
    /// Gives this.
    Gives(Value),
    /// Takes so many milliseconds.
    Takes(u64),
    /// Ends without an answer.
    Panics,
    /// Fails after so many milliseconds, and takes nothing.
    Refuses(u64),
    /// Never ends, and tells that it may have taken so many tokens by now; in two parts.
    Counts(u64),
}

/// Does as it is told; what it is not told, it tells what was called.
#[derive(Default)]
pub(crate) struct Told {
    /// What the attempts of a step do, one after the other.
    pub(super) does: BTreeMap<String, Vec<Does>>,
    /// All calls, in their order.
    pub(super) calls: Mutex<Vec<String>>,
    /// The prompts that models were given.
    pub(super) prompts: Mutex<Vec<String>>,
    /// How often a step was called.
    pub(super) counts: Mutex<BTreeMap<String, usize>>,
    pub(super) price: Amount,
    /// What a call takes at most, where that is more.
    pub(super) most: Option<Amount>,
    /// What was set aside for each call.
    pub(super) asides: Mutex<Vec<Option<u64>>>,
}

impl Told {
    pub(super) fn does(steps: &[(&str, &[Does])]) -> Self {
        let does = steps.iter().map(|(step, does)| ((*step).to_owned(), does.to_vec())).collect();
        Self { does, ..Self::default() }
    }

    pub(super) fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    async fn answer(&self, task: &Task, calling: &Calling) -> Result<Done, Failed> {
        let path = calling.path.to_string();
        self.calls.lock().unwrap().push(format!("{path}:{}", calling.attempt));
        self.asides.lock().unwrap().push(calling.reserved.map(|amount| amount.tokens));
        let count = {
            let mut counts = self.counts.lock().unwrap();
            let count = counts.entry(path.clone()).or_default();
            *count += 1;
            *count
        };
        match self.does.get(&path).and_then(|does| does.get(count - 1)) {
            None => {}
            Some(Does::Fails(code)) => {
                return Err(Failed::known(Fault { code: (*code).to_owned(), message: "told to".to_owned() }));
            }
            Some(Does::Says(code, message)) => {
                return Err(Failed::known(Fault { code: (*code).to_owned(), message: message.clone() }));
            }
            Some(Does::Vanishes) => {
                return Err(Failed::unknown(Fault { code: "T-0205".to_owned(), message: "gone".to_owned() }));
            }
            Some(Does::Gives(value)) => return Ok(Done { value: value.clone(), spent: self.price }),
            Some(Does::Takes(time)) => tokio::time::sleep(Duration::from_millis(*time)).await,
            Some(Does::Panics) => panic!("told to"),
            Some(Does::Refuses(time)) => {
                tokio::time::sleep(Duration::from_millis(*time)).await;
                return Err(Failed::known(Fault { code: "T-0304".to_owned(), message: "told to".to_owned() }));
            }
            Some(Does::Counts(tokens)) => {
                let tokens = *tokens;
                calling.so_far.counted(|| Amount { money: 0, tokens: 1 });
                calling.so_far.counted(move || Amount { money: 0, tokens: tokens - 1 });
                std::future::pending::<()>().await;
            }
        }
        let value = match task {
            Task::Tool(call) => json!({"did": call.tool, "with": call.arguments}),
            Task::Model(inputs) => {
                let prompt = inputs["prompt"].as_str().unwrap_or_default().to_owned();
                let said = Value::from(format!("read {} letters", prompt.len()));
                self.prompts.lock().unwrap().push(prompt);
                said
            }
            other => json!(format!("{other:?}")),
        };
        Ok(Done { value, spent: self.price })
    }
}

impl Outside for Told {
    fn call<'a>(&'a self, task: &'a Task, calling: &'a Calling) -> Answer<'a> {
        Box::pin(self.answer(task, calling))
    }

    fn summarise<'a>(&'a self, wanted: &'a WantedSummary, calling: &'a Calling) -> Answer<'a> {
        Box::pin(async move {
            let path = format!("{}~summary", calling.path);
            let count = {
                let mut calls = self.calls.lock().unwrap();
                calls.push(path.clone());
                calls.iter().filter(|call| **call == path).count()
            };
            match self.does.get(&path).and_then(|does| does.get(count - 1)) {
                Some(Does::Takes(time)) => tokio::time::sleep(Duration::from_millis(*time)).await,
                Some(Does::Fails(code)) => {
                    let fault = Fault { code: (*code).to_owned(), message: "told to".to_owned() };
                    return Err(Failed { spent: Some(self.price), ..Failed::known(fault) });
                }
                _ => {}
            }
            Ok(Done { value: json!(format!("{} letters in short", wanted.text.len())), spent: self.price })
        })
    }

    fn most_of_summary(&self, _: &WantedSummary, _: &Calling) -> Amount {
        self.price
    }

    fn summary_prompt(&self) -> Digest {
        Digest::of(b"shorter")
    }

    fn reads(&self, _: &Plan, _: &PlannedStep) -> Reads {
        Reads { family: Family::Any, window: None }
    }

    fn price(&self, _: &Plan, _: &PlannedStep, _: &Work) -> Price {
        Price { least: self.price, most: self.most.unwrap_or(self.price) }
    }
}

/// A runner that works, and what it works with.
pub(crate) struct House {
    pub(crate) runner: JournalRunner,
    pub(super) store: Arc<MemoryJournal>,
    pub(super) outside: Arc<Told>,
    pub(super) shutdown: CancellationToken,
    pub(super) work: JoinHandle<()>,
    memory: Memory,
    began: Instant,
}

pub(crate) fn served(text: &str) -> Served {
    Served { plan: Arc::new(plan(text, &Nothing)), source: text.into() }
}

pub(crate) fn plan(text: &str, catalogue: &dyn Catalogue) -> Plan {
    let workflow = read("w.yaml", text).unwrap_or_else(|errors| panic!("{errors:#?}\n{text}")).remove(0);
    let plan = Plan::of(&workflow, &Source::new("w.yaml", text), catalogue);
    plan.unwrap_or_else(|errors| panic!("{errors:#?}\n{text}"))
}

/// A run of `definition` as it is created for a worker.
pub(crate) fn new_run(id: RunId, definition: journal::Digest) -> journal::NewRun {
    journal::NewRun {
        id,
        at: 1,
        definition,
        tenant: "default".to_owned(),
        principal: "local".to_owned(),
        tag: "another".to_owned(),
        priority: 0,
        parent: None,
        input: journal::Payload::new("{}").unwrap(),
        trigger: None,
        past: Vec::new(),
        deduplication: None,
        lease: Some(crate::places::Place::lease(&Options::of("first"))),
        first: Vec::new(),
    }
}

impl House {
    pub(crate) async fn of(workflows: &[&str], told: Told) -> Self {
        let memory = Memory::open(store::Db::memory().await.unwrap()).await.unwrap();
        Self::with(workflows, Arc::default(), memory, Arc::new(told), Instant::now(), Options::of("first"))
    }

    /// As [`House::of`], with one call at once.
    pub(super) async fn narrow(workflows: &[&str], told: Told) -> Self {
        Self::like(workflows, told, Options { calls: 1, ..Options::of("first") }).await
    }

    /// As [`House::of`], with a worker of these options.
    pub(super) async fn like(workflows: &[&str], told: Told, options: Options) -> Self {
        let memory = Memory::open(store::Db::memory().await.unwrap()).await.unwrap();
        Self::with(workflows, Arc::default(), memory, Arc::new(told), Instant::now(), options)
    }

    fn with(
        workflows: &[&str],
        store: Arc<MemoryJournal>,
        memory: Memory,
        outside: Arc<Told>,
        began: Instant,
        options: Options,
    ) -> Self {
        let clock = move || NOW + u64::try_from(began.elapsed().as_millis()).unwrap();
        let (journal, calls) = (Arc::clone(&store) as Arc<_>, Arc::clone(&outside) as Arc<_>);
        let runner = JournalRunner::with_clock(journal, calls, memory.clone(), options, Arc::new(clock));
        runner.serve(workflows.iter().map(|text| served(text)).collect());
        let shutdown = CancellationToken::new();
        let (working, stop) = (runner.clone(), shutdown.clone());
        let work = base::task::spawn("work", async move { working.work(stop).await.unwrap() });
        Self { runner, store, outside, shutdown, work, memory, began }
    }

    /// As [`House::crash`], with a memory that knows nothing of what was done.
    pub(super) async fn crash_forgetful(mut self, workflows: &[&str], told: Told) -> Self {
        self.memory = Memory::open(store::Db::memory().await.unwrap()).await.unwrap();
        self.crash(workflows, told)
    }

    /// Waits until the worker has ended, which was told to.
    pub(super) async fn end_work(mut self) -> Self {
        let nothing = base::task::spawn("nothing", std::future::ready(()));
        std::mem::replace(&mut self.work, nothing).await.unwrap();
        self
    }

    /// The process dies, and another takes its place.
    pub(super) fn crash(self, workflows: &[&str], told: Told) -> Self {
        self.work.abort();
        let mut calls = self.outside.calls();
        let next = Self::with(workflows, self.store, self.memory, Arc::new(told), self.began, Options::of("second"));
        next.outside.calls.lock().unwrap().append(&mut calls);
        next
    }

    pub(crate) async fn start(&self, workflow: &str, params: Value) -> RunId {
        let params: Map<String, Value> = serde_json::from_value(params).unwrap();
        let start = Start { principal: Principal::local(), ..Start::of(workflow, params) };
        self.runner.start(start).await.unwrap().run
    }

    /// Waits for the end of a run.
    pub(super) async fn end(&self, run: RunId) -> (Status, Value) {
        let (run, value) = self.runner.ended(run).await.unwrap();
        (run.status, value)
    }

    /// Waits until the run stands so.
    pub(crate) async fn stands(&self, run: RunId, status: Status) {
        while self.runner.run(run).await.unwrap().status != status {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(super) async fn words(&self, run: RunId) -> Vec<String> {
        let mut following = self.runner.follow(run, 1).await.unwrap();
        let last = self.runner.run(run).await.unwrap().last;
        let mut words = Vec::new();
        while let Some(event) = following.next().await.unwrap() {
            let entry: Value = serde_json::from_str(&event.json).unwrap();
            words.push(entry["kind"].as_str().unwrap().to_owned());
            if event.sequence == last {
                break;
            }
        }
        words
    }
}
