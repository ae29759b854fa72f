//! Properties over random graphs: whatever takes how long, whoever dies and whoever else adds to the journal, a run gives what
//! the simulation of it gives.

use super::between::{Between, Hook};
use super::tools::{NOW, served};
use crate::{
    Answer, Approval, By, Calling, Clock, Done, Failed, JournalRunner, Options, Outside, Reads, Served, Start,
};
use context::tokens::Family;
use journal::{
    Amount, Append, Author, Digest, JournalStore, MemoryJournal, Payload, Resolution, Rest, RunId, Signal, Status, Wait,
};
use machine::simulate::graphs::{self, Shape, text};
use machine::simulate::{self, Script, Simulation};
use machine::{Command, Free, Price, Task, Work};
use memory::{Memory, WantedSummary};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use workflow::Plan;
use workflow::plan::PlannedStep;

/// The oracle's answers.
struct Made;

impl Script for Made {
    fn answer(&mut self, command: &Command) -> simulate::Answer {
        let Command::Run { path, attempt, work: Work::Ready(Task::Tool(call)), .. } = command else {
            panic!("{command:?}")
        };
        graphs::answer(path, *attempt, call)
    }

    fn resolve(&mut self, _: &journal::StepPath) -> Option<(Resolution, Value)> {
        Some((Resolution::Retry, Value::Null))
    }
}

/// Gives the same answers, each after a while.
struct Slow {
    /// How many milliseconds the calls take, one after the other.
    delays: Vec<u8>,
    calls: AtomicUsize,
}

impl Slow {
    async fn answer(&self, task: &Task, calling: &Calling) -> Result<Done, Failed> {
        let Task::Tool(call) = task else { panic!("{task:?}") };
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let delay = self.delays[number % self.delays.len()];
        tokio::time::sleep(Duration::from_millis(u64::from(delay) * 10)).await;
        match graphs::answer(&calling.path, calling.attempt, call) {
            simulate::Answer::Value(value) => Ok(Done::free(value)),
            simulate::Answer::Fault(fault) => Err(Failed::known(fault)),
            simulate::Answer::Doubt => panic!("no graph has doubts"),
        }
    }
}

impl Outside for Slow {
    fn call<'a>(&'a self, task: &'a Task, calling: &'a Calling) -> Answer<'a> {
        Box::pin(self.answer(task, calling))
    }

    fn summarise<'a>(&'a self, _: &'a WantedSummary, _: &'a Calling) -> Answer<'a> {
        Box::pin(async { Ok(Done::free(Value::Null)) })
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

/// Adds an event to a run just before its worker appends something, so that the worker comes too late.
struct Meddler {
    /// Before which appends.
    when: Vec<bool>,
    appends: AtomicUsize,
}

impl Hook for Meddler {
    fn before<'a>(&'a self, store: &'a dyn JournalStore, append: Option<&'a Append>) -> Wait<'a, ()> {
        Box::pin(async move {
            let Some(append) = append.filter(|append| matches!(append.author, Author::Lease(_))) else { return Ok(()) };
            let number = self.appends.fetch_add(1, Ordering::Relaxed);
            if self.when.get(number) == Some(&true) {
                let (name, deduplication) = ("noise".to_owned(), number.to_string());
                let body = Payload::new("null")?;
                // A run that is at its end hears nothing.
                let _late = store.signal(Signal { run: append.run, at: NOW, name, deduplication, body }).await;
            }
            Ok(())
        })
    }

    fn after(&self, _: Option<Rest>) {}
}

/// How a run goes.
#[derive(Debug, Clone)]
struct Course {
    delays: Vec<u8>,
    meddles: Vec<bool>,
    /// After how many milliseconds each worker dies, the last never.
    deaths: Vec<u16>,
}

fn courses() -> impl Strategy<Value = Course> {
    let delays = prop::collection::vec(any::<u8>(), 1..20);
    let meddles = prop::collection::vec(any::<bool>(), 0..20);
    let deaths = prop::collection::vec(0_u16..20_000, 0..4);
    (delays, meddles, deaths).prop_map(|(delays, meddles, deaths)| Course { delays, meddles, deaths })
}

/// Carries a run of the workflow out.
async fn carried(served: &Served, params: &Map<String, Value>, course: &Course) -> (Status, Value) {
    let hook = Meddler { when: course.meddles.clone(), appends: AtomicUsize::new(0) };
    let store: Arc<dyn JournalStore> = Arc::new(Between { store: MemoryJournal::default(), hook });
    let memory = Memory::open(store::Db::memory().await.unwrap()).await.unwrap();
    let outside = Arc::new(Slow { delays: course.delays.clone(), calls: AtomicUsize::new(0) });
    let began = Instant::now();
    let clock: Clock = Arc::new(move || NOW + u64::try_from(began.elapsed().as_millis()).unwrap());
    let mut run = None;
    for (life, death) in course.deaths.iter().map(Some).chain([None]).enumerate() {
        let (journal, calls, options) = (Arc::clone(&store), Arc::clone(&outside), Options::of(life.to_string()));
        let runner = JournalRunner::with_clock(journal, calls, memory.clone(), options, Arc::clone(&clock));
        runner.serve(vec![served.clone()]);
        let working = runner.clone();
        let work = base::task::spawn("work", async move { working.work(CancellationToken::new()).await.unwrap() });
        let run = match run {
            Some(run) => run,
            None => *run.insert(runner.start(Start::of("w", params.clone())).await.unwrap().run),
        };
        let end = until_end(&runner, run, life > 0);
        let ended = match death {
            Some(death) => tokio::time::timeout(Duration::from_millis(u64::from(*death)), end).await.ok(),
            None => Some(end.await),
        };
        work.abort();
        if let Some(ended) = ended {
            return ended;
        }
    }
    panic!("the last worker dies never")
}

/// Says yes at every gate, and to send again what is in doubt: only a death makes doubts.
async fn until_end(runner: &JournalRunner, run: RunId, has_died: bool) -> (Status, Value) {
    let by = By { actor: "somebody".to_owned(), everywhere: true, ..By::default() };
    loop {
        let listed = runner.run(run).await.unwrap();
        if listed.status.is_final() {
            return (listed.status, runner.ended(run).await.unwrap().1);
        }
        let shown = runner.inspect(run).await.unwrap();
        for gate in shown.gates {
            let approval = Approval { step: Some(gate.path), ..Approval::default() };
            // Another may have been faster: then it is looked again.
            let _decided = runner.approve(run, &approval, &by).await;
        }
        assert!(has_died || shown.doubts.is_empty(), "in doubt, and nobody died: {:?}", shown.doubts);
        for step in shown.doubts {
            let _resolved = runner.resolve(run, Some(&step), Resolution::Retry, &Value::Null, &by).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn shapes() -> impl Strategy<Value = Shape> {
    prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u16>(), 0..3)), 1..7)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_gives_what_its_simulation_gives(shape in shapes(), p in 0_u8..4, course in courses()) {
        let text = format!("name: w\nparams: {{ p: {{ required: false }} }}\n{}", text(&shape));
        let served = served(&text);
        let params = Map::from_iter([("p".to_owned(), json!(p))]);
        let id = RunId::new(NOW, [7; 10]);
        let mut oracle = Simulation::start(Arc::clone(&served.plan), id, &Value::Object(params.clone()), NOW).unwrap();
        oracle.go_on(&mut Made, &Free).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let (status, output) = runtime.block_on(carried(&served, &params, &course));
        prop_assert_eq!(status, Status::Succeeded, "{}\n{}", output, text);
        prop_assert_eq!(Some(output), oracle.result(), "{}", text);
    }
}
