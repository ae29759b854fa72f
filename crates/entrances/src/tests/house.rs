//! A runner that works, with tools that do as they are told.

use crate::{Notice, Runs, Tools};
use base::ports::Wait;
use context::tokens::Family;
use journal::{Amount, Digest, MemoryJournal, RunId, Status};
use machine::{Fault, Price, Task, Work};
use memory::{Memory, WantedSummary};
use runner::{Answer, Calling, Done, Failed, JournalRunner, Options, Outside, Reads, Runner, Served};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use workflow::plan::PlannedStep;
use workflow::{Nothing, Plan, Source, read};

const NOW: u64 = 1_800_000_000_000;

/// Answers with what was called: `slow` takes a minute, `fails` fails, `vanishes` is never heard of again.
struct Echo;

impl Outside for Echo {
    fn call<'a>(&'a self, task: &'a Task, _: &'a Calling) -> Answer<'a> {
        Box::pin(async move {
            let Task::Tool(call) = task else {
                let fault = Fault { code: "T-0001".to_owned(), message: format!("{task:?}") };
                return Err(Failed::known(fault));
            };
            let fault = || Fault { code: "T-0205".to_owned(), message: "told to".to_owned() };
            match call.tool.as_str() {
                "fails" => return Err(Failed::known(fault())),
                "vanishes" => return Err(Failed::unknown(fault())),
                "slow" => tokio::time::sleep(Duration::from_secs(60)).await,
                _ => {}
            }
            let spent = Amount { money: 7, tokens: 5 };
            Ok(Done { value: json!({"did": call.tool, "with": call.arguments}), spent })
        })
    }

    fn summarise<'a>(&'a self, _: &'a WantedSummary, _: &'a Calling) -> Answer<'a> {
        Box::pin(async { Ok(Done::free(json!("short"))) })
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
        Price::default()
    }
}

/// What carries the runs out.
struct Carried(JournalRunner, Mutex<Arc<Vec<Notice>>>);

impl Runs for Carried {
    fn runner(&self) -> &dyn Runner {
        &self.0
    }

    fn roles(&self, principal: &str) -> Vec<String> {
        [principal].iter().filter(|name| **name == "bert").map(|_| "editors".to_owned()).collect()
    }

    fn notices(&self) -> Arc<Vec<Notice>> {
        Arc::clone(&self.1.lock().unwrap())
    }

    fn ready(&self) -> Wait<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

pub(crate) struct House {
    pub(crate) runner: JournalRunner,
    carried: Arc<Carried>,
    store: Arc<MemoryJournal>,
    work: JoinHandle<()>,
    began: Instant,
}

pub(crate) fn served(text: &str) -> Served {
    let workflow = read("w.yaml", text).unwrap_or_else(|errors| panic!("{errors:#?}\n{text}")).remove(0);
    let plan = Plan::of(&workflow, &Source::new("w.yaml", text), &Nothing);
    Served { plan: Arc::new(plan.unwrap_or_else(|errors| panic!("{errors:#?}\n{text}"))), source: text.into() }
}

impl House {
    pub(crate) async fn of(workflows: &[&str]) -> Self {
        Self::with(workflows, Arc::default(), Instant::now()).await
    }

    async fn with(workflows: &[&str], store: Arc<MemoryJournal>, began: Instant) -> Self {
        let memory = Memory::open(store::Db::memory().await.unwrap()).await.unwrap();
        let (journal, clock) = (Arc::clone(&store) as Arc<_>, Self::clock(began));
        let runner = JournalRunner::with_clock(journal, Arc::new(Echo), memory, Options::of("worker"), clock);
        runner.serve(workflows.iter().map(|text| served(text)).collect());
        let working = runner.clone();
        let work = base::task::spawn("work", async move { working.work(CancellationToken::new()).await.unwrap() });
        Self { carried: Arc::new(Carried(runner.clone(), Mutex::default())), runner, store, work, began }
    }

    /// A runner of runs that lie in `db`, which carries none of them out, and what the entrances are given of it.
    pub(crate) async fn stored(db: store::Db, workflows: &[&str]) -> (JournalRunner, Arc<dyn Runs>) {
        let memory = Memory::open(store::Db::memory().await.unwrap()).await.unwrap();
        let journal = Arc::new(journal::StoredJournal::open(db).await.unwrap());
        let clock = Self::clock(Instant::now());
        let runner = JournalRunner::with_clock(journal, Arc::new(Echo), memory, Options::of("worker"), clock);
        runner.serve(workflows.iter().map(|text| served(text)).collect());
        (runner.clone(), Arc::new(Carried(runner, Mutex::default())))
    }

    fn clock(began: Instant) -> runner::Clock {
        Arc::new(move || NOW + u64::try_from(began.elapsed().as_millis()).unwrap())
    }

    /// What the entrances are given.
    pub(crate) fn carried(&self) -> Arc<dyn Runs> {
        Arc::clone(&self.carried) as Arc<dyn Runs>
    }

    /// These are told of gates.
    pub(crate) fn tells(&self, notices: Vec<Notice>) {
        *self.carried.1.lock().unwrap() = Arc::new(notices);
    }

    /// The workflows as tools.
    pub(crate) fn tools(&self) -> Arc<Tools> {
        let tools = Tools::default();
        tools.serve(&self.carried());
        Arc::new(tools)
    }

    /// The hub ends, and another begins with the same store.
    pub(crate) async fn again(self, workflows: &[&str]) -> Self {
        self.work.abort();
        Self::with(workflows, self.store, self.began).await
    }

    pub(crate) async fn stands(&self, run: RunId, status: Status) {
        while self.runner.run(run).await.unwrap().status != status {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn runs(&self) -> Vec<journal::Run> {
        self.runner.list(journal::Filter::default(), None, 100).await.unwrap().runs
    }
}
