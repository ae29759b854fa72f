//! What a run left behind, and whether it is as it should be.

use super::CASES;
use super::victim::PRICE;
use crate::Calling;
use journal::{Effect, Filter, JournalStore, Kind, Status, StepPath, StoredJournal};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use store::Db;

/// A line of the ledger.
pub(super) struct Happened {
    pub(super) path: String,
    key: String,
    is_unsafe: bool,
    is_model: bool,
}

/// Writes an effect into the ledger. It is on the disk when this returns.
pub(super) fn happen(folder: &Path, path: &str, calling: &Calling, is_model: bool) {
    let mut ledger = OpenOptions::new().create(true).append(true).open(folder.join("ledger")).unwrap();
    let line = format!("{path} {} {} {is_model}\n", calling.key, calling.effect == Effect::Unsafe);
    ledger.write_all(line.as_bytes()).unwrap();
    ledger.sync_all().unwrap();
}

/// All effects, in their order.
pub(super) fn effects(folder: &Path) -> Vec<Happened> {
    let text = base::disk::read_text_if_exists(&folder.join("ledger"), 1 << 24).unwrap().unwrap_or_default();
    let effect = |line: &str| {
        let mut words = line.split(' ').map(str::to_owned);
        let (path, key) = (words.next().unwrap(), words.next().unwrap());
        let mut is = || words.next().unwrap() == "true";
        Happened { path, key, is_unsafe: is(), is_model: is() }
    };
    text.lines().map(effect).collect()
}

/// What a run left behind.
#[derive(Debug, PartialEq)]
pub(super) struct Outcome {
    /// How it ended, and with what; nothing where it did not.
    pub(super) ended: Option<(Status, Value)>,
    /// Runs beside the one that was started.
    others: usize,
    /// Results that the journal has beside the first of their step.
    doubled: usize,
    /// Unsafe effects beside the first of their key.
    unsafe_doubled: usize,
    /// Tokens that were spent beyond the budget, or booked beyond it.
    overspent: u64,
}

/// What happened, summed up.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) kills: usize,
    runs: usize,
    lost: usize,
    doubled: usize,
    unsafe_doubled: usize,
    different_output: usize,
    overspent: usize,
    orphans: usize,
    /// The first kills after which something was wrong.
    wrong: Vec<String>,
}

impl Tally {
    pub(super) fn add(&mut self, kills: usize, one: &Outcome, whole: &Outcome, may_run_out: bool, at: &[u64]) {
        let ran_out = may_run_out && matches!(&one.ended, Some((Status::Failed, error)) if error["code"] == "T-1214");
        let different = one.ended.is_some() && one.ended != whole.ended && !ran_out;
        self.kills += kills;
        self.runs += 1;
        self.lost += usize::from(one.ended.is_none());
        self.doubled += one.doubled + one.others;
        self.unsafe_doubled += one.unsafe_doubled;
        self.different_output += usize::from(different);
        self.overspent += usize::from(one.overspent > 0);
        let bad = one.doubled + one.others + one.unsafe_doubled > 0 || one.overspent > 0 || one.ended.is_none();
        if (bad || different) && self.wrong.len() < 5 {
            self.wrong.push(format!("{at:?}: {one:?}"));
        }
    }

    pub(super) fn is_clean(&self) -> bool {
        let wrong = [self.lost, self.doubled, self.unsafe_doubled, self.different_output, self.overspent, self.orphans];
        wrong.iter().all(|count| *count == 0)
    }

    pub(super) fn json(&self) -> Value {
        let mut json = json!({
            "kills": self.kills, "runs": self.runs, "lost": self.lost, "doubled": self.doubled,
            "unsafe_doubled": self.unsafe_doubled, "different_output": self.different_output,
            "overspent": self.overspent, "orphans": self.orphans,
        });
        if !self.wrong.is_empty() {
            json["wrong"] = json!(self.wrong);
        }
        json
    }
}

/// What the run in `folder` left behind.
pub(super) fn outcome(folder: &Path) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let db = Db::open(&folder.join("runs.db")).await.unwrap();
        let store = StoredJournal::open(db.clone()).await.unwrap();
        let outcome = read(&store, folder).await;
        db.close().await;
        outcome
    })
}

async fn read(store: &StoredJournal, folder: &Path) -> Outcome {
    let runs = store.list(Filter::default(), None, 100).await.unwrap().runs;
    let Some(run) = runs.last() else {
        return Outcome { ended: None, others: 0, doubled: 0, unsafe_doubled: 0, overspent: 0 };
    };
    let entries = store.load(run.id, 1, 1000).await.unwrap();
    let mut results: HashMap<StepPath, usize> = HashMap::new();
    for step in entries.iter().filter(|one| one.entry.kind == Kind::Succeeded).filter_map(|one| one.entry.step.clone())
    {
        *results.entry(step).or_default() += 1;
    }
    let ended = match entries.last().map(|one| &one.entry) {
        Some(last) if matches!(last.kind, Kind::Finished(_)) => {
            let text = last.payload.as_ref().and_then(|payload| payload.inline()).unwrap();
            Some((run.status, serde_json::from_str(text).unwrap()))
        }
        _ => None,
    };
    let mut keys: HashMap<String, usize> = HashMap::new();
    let happened = effects(folder);
    for effect in happened.iter().filter(|effect| effect.is_unsafe) {
        *keys.entry(effect.key.clone()).or_default() += 1;
    }
    let asked = happened.iter().filter(|effect| effect.is_model).count() as u64;
    let budget = CASES.iter().find(|case| case.name == run.workflow).map_or(u64::MAX, |case| budget(case.text));
    let used = (asked * PRICE.tokens).max(run.spent.tokens + run.reserved.tokens);
    Outcome {
        ended,
        others: runs.len() - 1,
        doubled: results.values().map(|count| count - 1).sum(),
        unsafe_doubled: keys.values().map(|count| count - 1).sum(),
        overspent: used.saturating_sub(budget),
    }
}

/// What the workflow says of its budget.
fn budget(text: &str) -> u64 {
    let said = text.split("tokens: ").nth(1).and_then(|rest| rest.split(' ').next());
    said.map_or(u64::MAX, |said| said.parse().unwrap())
}
