//! What is counted of what saves models tokens and turns: finding tools, showing less of results, plans.

use crate::family::Family;
use crate::instrument::{Counter, Histogram};
use crate::names;
use crate::snapshot::Snapshot;
use std::sync::Arc;
use std::time::Duration;

/// By what tokens were saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// Tools were found or described, in the place of all definitions.
    Discovery,
    /// Less of a result was shown.
    Shaping,
    /// A plan answered, in the place of its calls.
    Plan,
}

/// How a plan ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It came to its end.
    Done,
    /// It was stopped, or nothing of what it returns was there.
    Failed,
    /// It was not begun.
    Refused,
    /// Nobody wanted its answer any more.
    Cancelled,
}

/// How a call of a plan ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanCall {
    /// A server gave its result.
    Worked,
    /// It failed.
    Failed,
    /// No server was asked.
    Cached,
}

/// The counts.
pub struct Economy {
    searches: Family<Histogram>,
    found: [Arc<Histogram>; 2],
    saved: Family<Counter>,
    by_means: [Arc<Counter>; 3],
    plans: Family<Histogram>,
    by_ending: [Arc<Histogram>; 4],
    calls: Family<Counter>,
    by_call: [Arc<Counter>; 3],
    /// In microseconds.
    shortened: Counter,
}

impl Economy {
    pub(crate) fn new() -> Self {
        let searches = Family::new(&names::TOOL_SEARCHES);
        let saved = Family::new(&names::TOKENS_SAVED);
        let plans = Family::new(&names::PLANS);
        let calls = Family::new(&names::PLAN_CALLS);
        Self {
            found: ["empty", "found"].map(|word| searches.series(&[word])),
            by_means: ["discovery", "shaping", "plan"].map(|word| saved.series(&[word])),
            by_ending: ["done", "failed", "refused", "cancelled"].map(|word| plans.series(&[word])),
            by_call: ["worked", "failed", "cached"].map(|word| calls.series(&[word])),
            searches,
            saved,
            plans,
            calls,
            shortened: Counter::default(),
        }
    }

    /// Takes a search for tools, and whether it found any.
    pub fn searched(&self, lasted: Duration, found: bool) {
        self.found[usize::from(found)].record(lasted);
    }

    /// Where tokens are counted that were saved in this way.
    pub fn saved(&self, means: Means) -> Arc<Counter> {
        Arc::clone(&self.by_means[means as usize])
    }

    /// Takes a plan, and how long it took.
    pub fn plan(&self, ending: Ending, lasted: Duration) {
        self.by_ending[ending as usize].record(lasted);
    }

    /// Takes a call of a plan.
    pub fn plan_call(&self, call: PlanCall) {
        self.by_call[call as usize].increment();
    }

    /// Takes by how much a plan was shorter than its calls one after the other.
    pub fn shortened(&self, time: Duration) {
        self.shortened.add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    pub(crate) fn read(&self, snapshot: &mut Snapshot) {
        self.searches.read(snapshot);
        self.saved.read(snapshot);
        self.plans.read(snapshot);
        self.calls.read(snapshot);
        let seconds = Duration::from_micros(self.shortened.get()).as_secs_f64();
        snapshot.put(&names::PLAN_SAVED, &[], seconds);
    }
}
