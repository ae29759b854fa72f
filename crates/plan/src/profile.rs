//! How long the calls of plans took: for the order of later plans, and for people.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What was measured since the hub began.
#[derive(Default)]
pub struct Profile {
    tools: Mutex<HashMap<String, Series>>,
    plans: Mutex<HashMap<String, Series>>,
}

/// The calls of one tool, or the runs of the plans of one name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Series {
    /// How many there were.
    pub count: u64,
    /// How many of them failed.
    pub failed: u64,
    /// For how many calls no server was asked.
    pub cached: u64,
    lasted: VecDeque<Duration>,
    waited: VecDeque<Duration>,
}

/// How one went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// How long it took.
    pub lasted: Duration,
    /// How long it could have begun and had not; of a plan, that of all its steps together.
    pub waited: Duration,
    /// Whether it failed.
    pub failed: bool,
    /// For how many of its calls no server was asked.
    pub cached: u64,
}

/// The last so many are kept of each.
const KEPT: usize = 128;

/// The most tools, and the most names of plans. Clients choose the names.
const NAMES: usize = 2000;

impl Series {
    /// Takes one. `whole` says whether all that it usually does was done: how long it takes to find out that nobody need be
    /// asked says nothing of the others, nor does a failure.
    fn take(&mut self, measured: Measured, whole: bool) {
        self.count += 1;
        self.failed += u64::from(measured.failed);
        self.cached += measured.cached;
        keep(&mut self.waited, measured.waited);
        if whole && !measured.failed {
            keep(&mut self.lasted, measured.lasted);
        }
    }

    /// How long it took in this share of the last ones, in 0..=1.
    pub fn lasted(&self, share: f64) -> Option<Duration> {
        quantile(&self.lasted, share)
    }

    /// How long it waited in this share of the last ones.
    pub fn waited(&self, share: f64) -> Option<Duration> {
        quantile(&self.waited, share)
    }
}

fn keep(all: &mut VecDeque<Duration>, one: Duration) {
    if all.len() >= KEPT {
        all.pop_front();
    }
    all.push_back(one);
}

/// The nearest rank.
fn quantile(all: &VecDeque<Duration>, share: f64) -> Option<Duration> {
    let mut sorted: Vec<Duration> = all.iter().copied().collect();
    sorted.sort_unstable();
    let rank = (share.clamp(0.0, 1.0) * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

impl Profile {
    /// Takes a call of a tool, by its name in the hub.
    pub fn call(&self, tool: &str, measured: Measured) {
        take(&mut lock(&self.tools), tool, measured, measured.cached == 0);
    }

    /// Takes the run of a plan with this name.
    pub fn plan(&self, name: &str, measured: Measured) {
        take(&mut lock(&self.plans), name, measured, true);
    }

    /// How long a call of a tool takes as a rule.
    pub fn usual(&self, tool: &str) -> Option<Duration> {
        lock(&self.tools).get(tool).and_then(|series| series.lasted(0.5))
    }

    /// The tools that plans called, by name.
    pub fn tools(&self) -> Vec<(String, Series)> {
        sorted(&lock(&self.tools))
    }

    /// The names of plans, with their runs.
    pub fn plans(&self) -> Vec<(String, Series)> {
        sorted(&lock(&self.plans))
    }
}

fn take(all: &mut HashMap<String, Series>, name: &str, measured: Measured, whole: bool) {
    if let Some(series) = all.get_mut(name) {
        series.take(measured, whole);
    } else if all.len() < NAMES {
        all.entry(name.to_owned()).or_default().take(measured, whole);
    }
}

fn sorted(all: &HashMap<String, Series>) -> Vec<(String, Series)> {
    let mut sorted: Vec<(String, Series)> = all.iter().map(|(name, series)| (name.clone(), series.clone())).collect();
    sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
    sorted
}

fn lock(all: &Mutex<HashMap<String, Series>>) -> MutexGuard<'_, HashMap<String, Series>> {
    all.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
