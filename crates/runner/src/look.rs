//! Runs as they were looked at last. Who looks again, as clients do who ask how their task is, reads only what is new.

use crate::limits::{LOOKS, LOOKS_BYTES};
use crate::times::Times;
use journal::{Entry, Kind, Payload, RunId, StepPath};
use machine::{State, Unfit, weight};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Mutex as Turn;

/// How much an entry or a step weighs beside its values, in bytes.
const ENTRY: u64 = 512;

/// What is known of a run at one moment.
pub(crate) struct Look {
    /// What its journal means.
    pub(crate) state: State,
    /// When steps began and ended.
    pub(crate) times: HashMap<StepPath, Times>,
    /// What gates showed that were opened and not decided, and since when, in milliseconds since 1970.
    pub(crate) shown: HashMap<StepPath, (u64, Value)>,
    /// What the run gave, or the detail of its error, once it is at its end.
    pub(crate) result: Option<Value>,
    /// The place of the last entry that is known.
    pub(crate) last: u64,
    /// How much memory it takes, roughly.
    bytes: u64,
    /// How much there was when all of it was weighed: entries and steps.
    weighed: u64,
}

/// The runs that were looked at last, as many as there is room for.
#[derive(Default)]
pub(crate) struct Looks(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    places: HashMap<RunId, Place>,
    /// How often somebody looked.
    count: u64,
}

/// Where what is known of a run stands. Nothing stands there while somebody brings it up to date.
struct Place {
    look: Arc<Turn<Option<Look>>>,
    looked: u64,
    bytes: u64,
}

impl Look {
    /// A run of which nothing is known yet.
    pub(crate) fn of(state: State) -> Self {
        Self { state, times: HashMap::new(), shown: HashMap::new(), result: None, last: 0, bytes: 0, weighed: 0 }
    }

    /// Takes note of the next entry.
    pub(crate) fn note(&mut self, entry: &Entry) -> Result<(), Unfit> {
        self.state.apply(entry)?;
        self.last += 1;
        self.bytes += ENTRY + entry.payload.as_ref().map_or(0, of_payload);
        if let Some(result) = crate::times::result(entry) {
            self.result = Some(result);
        }
        let Some(path) = &entry.step else { return Ok(()) };
        self.times.entry(path.clone()).or_default().note(entry);
        match entry.kind {
            Kind::GateOpened(_) => {
                let shown = crate::times::value(entry).unwrap_or_default();
                self.shown.insert(path.clone(), (entry.at, shown));
            }
            Kind::GateApproved { .. } | Kind::GateRejected { .. } | Kind::GateExpired
                if self.state.shown_at(path).is_none() =>
            {
                self.shown.remove(path);
            }
            _ => {}
        }
        Ok(())
    }
}

impl Look {
    /// How much memory it takes, roughly. All of it is weighed when there is a quarter more than the last time: in between, what new
    /// entries have counts as values of one character each.
    pub(crate) fn weigh(&mut self) -> u64 {
        let now = self.last + self.state.size() as u64;
        if now > self.weighed + self.weighed / 4 {
            let values: u64 = self.shown.values().map(|(_, shown)| shown).chain(&self.result).map(weight).sum();
            self.bytes = self.state.weight() + values + ENTRY * self.times.len() as u64;
            self.weighed = now;
        }
        self.bytes
    }
}

/// How much the value of a payload weighs at most: each separator in its text begins another value.
fn of_payload(payload: &Payload) -> u64 {
    let separators = |text: &str| text.bytes().filter(|byte| matches!(byte, b',' | b':' | b'[' | b'{')).count() as u64;
    payload.size() + weight(&Value::Null) * payload.inline().map_or(1, |text| 2 * separators(text) + 1)
}

impl Looks {
    /// Where what is known of a run stands.
    pub(crate) fn place(&self, run: RunId) -> Arc<Turn<Option<Look>>> {
        let mut kept = self.kept();
        kept.count += 1;
        let looked = kept.count;
        let place = kept.places.entry(run).or_insert_with(|| Place { look: Arc::default(), looked, bytes: 0 });
        place.looked = looked;
        Arc::clone(&place.look)
    }

    /// Takes note of how much is kept of a run, and forgets those that nobody looked at for the longest time.
    pub(crate) fn weigh(&self, run: RunId, bytes: u64) {
        if bytes > LOOKS_BYTES {
            return self.forget(run);
        }
        let mut kept = self.kept();
        if let Some(place) = kept.places.get_mut(&run) {
            place.bytes = bytes;
        }
        while kept.places.len() > LOOKS || kept.places.values().map(|place| place.bytes).sum::<u64>() > LOOKS_BYTES {
            let oldest = kept.places.iter().min_by_key(|(_, place)| place.looked).map(|(run, _)| *run);
            let Some(oldest) = oldest else { return };
            kept.places.remove(&oldest);
        }
    }

    pub(crate) fn forget(&self, run: RunId) {
        self.kept().places.remove(&run);
    }

    /// How many runs are kept.
    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.kept().places.len()
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
