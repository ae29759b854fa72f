//! What the gateway has in its books of requests that were made with the prompts of experiments.

use super::Library;
use crate::experiment::{Booked, Experiment};
use crate::made::Made;
use crate::sequential::Metric;
use crate::tables::{self, Answer};
use base::{Result, task};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// So many requests may wait to be written; what comes beyond is counted and forgotten.
const MOST: usize = 4_096;

/// A request waits at most this long to be written.
const WITHIN: Duration = Duration::from_secs(1);

/// The most that one request adds to a sum, lest a provider that counts nonsense makes one that the store cannot keep: a
/// thousand dollars, and about eleven days.
const PLAUSIBLE: [u64; 2] = [1_000_000_000_000, 1_000_000_000];

/// What a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Came {
    /// What it cost, in nano-dollars.
    pub cost: u64,
    /// How long a model took to answer it, in milliseconds; nothing where none did.
    pub latency: Option<u64>,
    /// Whether it failed.
    pub failed: bool,
    /// Whether it was answered by what was kept.
    pub cached: bool,
}

/// The requests that wait to be written.
#[derive(Default)]
pub(super) struct Waiting(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    requests: Vec<(Made, Came)>,
    /// Whether a task will write them.
    awaited: bool,
    dropped: u64,
}

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one in, if there is room. Answers whether nobody is to write it yet.
    fn push(&self, made: Made, came: Came) -> bool {
        let mut inner = self.lock();
        if inner.requests.len() >= MOST {
            inner.dropped += 1;
            return false;
        }
        inner.requests.push((made, came));
        !std::mem::replace(&mut inner.awaited, true)
    }

    /// Takes back what could not be written, as far as there is room.
    fn put_back(&self, mut requests: Vec<(Made, Came)>) {
        let mut inner = self.lock();
        let newer = std::mem::take(&mut inner.requests);
        let room = MOST.saturating_sub(requests.len());
        inner.dropped += newer.len().saturating_sub(room) as u64;
        requests.extend(newer.into_iter().take(room));
        inner.requests = requests;
    }

    fn take(&self) -> Vec<(Made, Came)> {
        let mut inner = self.lock();
        if inner.dropped > 0 {
            tracing::warn!(
                dropped = inner.dropped,
                "more requests were made with prompts than can be booked to their arms"
            );
            inner.dropped = 0;
        }
        std::mem::take(&mut inner.requests)
    }
}

impl Library {
    /// Books a request to the arm of a running experiment that it was made with; what belongs to none is passed over. It is
    /// written within a second, or by [`Library::flush`].
    pub fn book(&self, made: Made, came: Came) {
        // What ends when the program does is written by whoever ends it.
        if !self.0.waiting.push(made, came) || tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        let library = self.clone();
        task::spawn("prompt-books", async move {
            tokio::time::sleep(WITHIN).await;
            library.0.waiting.lock().awaited = false;
            if let Err(error) = library.flush().await {
                tracing::warn!(%error, "what requests came to cannot be booked to the arms of experiments");
            }
        });
    }

    /// Writes what was booked, and ends the experiments that may stop by it.
    pub async fn flush(&self) -> Result<()> {
        let requests = self.0.waiting.take();
        if requests.is_empty() {
            return Ok(());
        }
        let written = self.write_booked(&requests).await;
        if written.is_err() {
            self.0.waiting.put_back(requests);
        }
        for experiment in written? {
            self.look(&experiment).await?;
        }
        Ok(())
    }

    /// Writes these. Gives the experiments that may stop by them.
    async fn write_booked(&self, requests: &[(Made, Came)]) -> Result<Vec<Experiment>> {
        let running = tables::running(&self.0.db).await?;
        let by_name: HashMap<&str, &Experiment> = running.iter().map(|one| (one.prompt.as_str(), one)).collect();
        let mut sums: HashMap<(&str, usize), Booked> = HashMap::new();
        let (mut units, mut known) = (Vec::new(), HashSet::new());
        for (made, came) in requests {
            let Some(experiment) = by_name.get(made.prompt.as_str()) else { continue };
            let Some(arm) = experiment.arm_with(&made.version) else { continue };
            sums.entry((experiment.id.as_str(), arm)).or_default().add(*came);
            let (Some(unit), Some(latency)) = (&made.unit, came.latency) else { continue };
            if !came.cached && known.insert((experiment.id.as_str(), unit.as_str())) {
                let places = experiment.rule.metric != Metric::Score;
                let answer = Answer { cost: came.cost, latency, places };
                units.push(tables::answered(&experiment.id, (unit, arm), &answer)?);
            }
        }
        let mut all = Vec::with_capacity(sums.len() + units.len());
        for ((experiment, arm), sum) in &sums {
            all.push(tables::book(experiment, *arm, sum)?);
        }
        all.extend(units);
        if !all.is_empty() {
            self.0.db.execute(all).await?.done()?;
        }
        let touched: HashSet<String> = known.into_iter().map(|(experiment, _)| experiment.to_owned()).collect();
        let may_stop = |one: &Experiment| one.rule.metric != Metric::Score && touched.contains(&one.id);
        Ok(running.into_iter().filter(may_stop).collect())
    }
}

impl Booked {
    /// Adds a request.
    fn add(&mut self, came: Came) {
        self.requests += 1;
        self.failed += u64::from(came.failed);
        self.cached += u64::from(came.cached);
        if let Some(latency) = came.latency {
            let [cost, time] = PLAUSIBLE;
            self.answered += 1;
            self.cost = self.cost.saturating_add(came.cost.min(cost));
            self.latency = self.latency.saturating_add(latency.min(time));
        }
    }
}

#[cfg(test)]
mod tests;
