//! One life of a run: it goes on with what is on the disk, until its end, a time that it must wait for, or a point that kills it.

use super::super::between::Between;
use super::super::tools::served;
use super::points::Points;
use super::{CASES, judge};
use crate::{Answer, Approval, By, Calling, Done, Failed, JournalRunner, Options, Outside, Reads, Start};
use base::Code;
use context::tokens::Family;
use journal::{Amount, Digest, JournalStore, Resolution, RunId, StoredJournal, Wanted};
use machine::{Fault, Price, Task, Work};
use memory::{Memory, WantedSummary};
use serde_json::{Map, Value, json};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::Db;
use tokio_util::sync::CancellationToken;
use workflow::Plan;
use workflow::plan::PlannedStep;

/// Set in the process: what it is to do.
pub(super) const LIFE: &str = "TUTTI_TEST_RUNNER_LIFE";
/// What a model takes at most, and always.
pub(super) const PRICE: Amount = Amount { money: 0, tokens: 10 };
/// How much later each life is: what waited for a time, or for a lease to end, goes on.
const LATER: u64 = 7_200_000;
/// A life that takes longer does not go on: the test says so, and does not wait for ever.
const STUCK: Duration = Duration::from_secs(120);
const NOW: u64 = 1_800_000_000_000;

/// What a process is to do.
pub(super) struct Life {
    pub(super) folder: PathBuf,
    /// Which of the workflows.
    pub(super) case: usize,
    /// How many lives the run had before.
    pub(super) number: u32,
    /// At which point the process is killed; 0 for none.
    pub(super) kill: u64,
}

impl Life {
    pub(super) fn text(&self) -> String {
        json!([self.folder, self.case, self.number, self.kill]).to_string()
    }

    pub(super) fn parse(text: &str) -> Self {
        let (folder, case, number, kill) = serde_json::from_str(text).unwrap();
        Self { folder, case, number, kill }
    }
}

/// Whether the run was seen at its end.
pub(super) fn is_over(folder: &Path) -> bool {
    folder.join("over").exists()
}

pub(super) fn live(life: &Life) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let points = Points::of(life.kill);
        let over = tokio::time::timeout(STUCK, go_on(life, &points)).await.expect("a life that goes on");
        if over {
            File::create(life.folder.join("over")).unwrap();
        }
        let mut told = OpenOptions::new().create(true).append(true).open(life.folder.join("points")).unwrap();
        writeln!(told, "{}", points.passed()).unwrap();
    });
}

/// Carries the run out. Gives whether it is at its end; otherwise it waits for a time.
async fn go_on(life: &Life, points: &Arc<Points>) -> bool {
    let db = Db::open(&life.folder.join("runs.db")).await.unwrap();
    let store = StoredJournal::open(db.clone()).await.unwrap();
    let store: Arc<dyn JournalStore> = Arc::new(Between { store, hook: Arc::clone(points) });
    let memory = Memory::open(Db::memory().await.unwrap()).await.unwrap();
    let world = Arc::new(World { folder: life.folder.clone(), points: Arc::clone(points) });
    let begin = base::clock::now();
    let later = NOW + LATER * u64::from(life.number);
    let clock = move || later + u64::try_from(begin.elapsed().as_millis()).unwrap();
    let options = Options::of(format!("life {}", life.number));
    let runner = JournalRunner::with_clock(Arc::clone(&store), world, memory, options, Arc::new(clock));
    runner.serve(vec![served(CASES[life.case].text)]);
    let start = Start { deduplication: Some("once".to_owned()), ..Start::of(CASES[life.case].name, Map::new()) };
    // Before the worker begins: what comes then is news.
    let mut watch = store.watch(Wanted::All);
    let run = runner.start(start).await.unwrap().run;
    let (working, stop) = (runner.clone(), CancellationToken::new());
    let work = base::task::spawn("work", async move { working.work(stop).await.unwrap() });
    let over = loop {
        let shown = runner.run(run).await.unwrap();
        if shown.status.is_final() {
            break true;
        }
        // Nobody may ever have it again before somebody decides: also the life before may have left it so.
        let decides = shown.worker.is_none() && decided(&runner, run, &life.folder).await;
        if !decides && points.rests_behind(shown.last) {
            break false;
        }
        watch.next().await;
    };
    work.abort();
    let _ended = work.await;
    over
}

/// Does what a person would who is asked. Gives whether one is.
async fn decided(runner: &JournalRunner, run: RunId, folder: &Path) -> bool {
    let by = By { actor: "somebody".to_owned(), everywhere: true, ..By::default() };
    let shown = runner.inspect(run).await.unwrap();
    if let Some(gate) = shown.gates.first() {
        let approval = Approval { step: Some(gate.path.clone()), ..Approval::default() };
        runner.approve(run, &approval, &by).await.unwrap();
        return true;
    }
    if let Some(step) = shown.doubts.first() {
        let happened = judge::effects(folder).iter().any(|effect| effect.path == *step);
        let resolution = if happened { Resolution::Happened } else { Resolution::Retry };
        runner.resolve(run, Some(step), resolution, &result(step), &by).await.unwrap();
        return true;
    }
    false
}

/// What every call gives: the same whenever it is made.
fn result(path: &str) -> Value {
    json!({"of": path})
}

/// What runs call: it remembers every effect, whoever dies.
struct World {
    folder: PathBuf,
    points: Arc<Points>,
}

impl World {
    fn answer(&self, task: &Task, calling: &Calling) -> Result<Done, Failed> {
        let path = calling.path.to_string();
        if let Task::Tool(call) = task
            && call.tool == "find"
        {
            let happened = judge::effects(&self.folder).iter().any(|effect| effect.path == path);
            return Ok(Done::free(json!({"happened": happened, "result": result(&path)})));
        }
        self.points.pass();
        let is_model = matches!(task, Task::Model(_));
        judge::happen(&self.folder, &path, calling, is_model);
        self.points.pass();
        if matches!(task, Task::Tool(call) if call.tool == "fail") {
            return Err(Failed::known(Fault::new(Code::InvalidParams, "there is no flight")));
        }
        Ok(match is_model {
            true => Done { value: Value::from(format!("said for {path}")), spent: PRICE },
            false => Done::free(result(&path)),
        })
    }
}

impl Outside for World {
    fn call<'a>(&'a self, task: &'a Task, calling: &'a Calling) -> Answer<'a> {
        Box::pin(async move { self.answer(task, calling) })
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

    fn price(&self, _: &Plan, _: &PlannedStep, work: &Work) -> Price {
        Price::fixed(if matches!(work, Work::Ready(Task::Model(_))) { PRICE } else { Amount::default() })
    }
}
