//! One request for all who want the same at once.

use super::Kept;
use super::key::Key;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// The requests under way that others may wait for.
#[derive(Clone, Default)]
pub(super) struct Flights(Arc<Mutex<HashMap<Key, watch::Receiver<Landing>>>>);

#[derive(Debug, Clone, Default)]
enum Landing {
    /// It is under way.
    #[default]
    Open,
    /// Its result is for all who wait.
    Kept(Arc<Kept>),
    /// It gave nothing that another may have.
    Nothing,
}

/// The right to ask for all. Dropped without an answer, it leaves to another one of those who wait to ask: whoever gives
/// up his own call ends nobody else's.
pub struct Lead {
    flights: Flights,
    key: Key,
    sender: watch::Sender<Landing>,
    epoch: u64,
}

/// A place among those who wait.
pub struct Seat(watch::Receiver<Landing>);

/// What came of waiting.
#[derive(Debug, PartialEq, Eq)]
pub enum Waited {
    /// The answer.
    Kept(Arc<Kept>),
    /// An answer that is not for others: each asks for himself.
    InVain,
    /// Whoever asked has given up: another one asks.
    Abandoned,
}

impl Flights {
    /// The lead, if nobody has it; else a seat, for those who may have one.
    pub(super) fn board(&self, key: Key, epoch: u64, may_join: bool) -> Result<Lead, Option<Seat>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = all.get(&key) {
            return Err(may_join.then(|| Seat(flight.clone())));
        }
        let (sender, receiver) = watch::channel(Landing::Open);
        all.insert(key.clone(), receiver);
        Ok(Lead { flights: self.clone(), key, sender, epoch })
    }
}

impl Lead {
    /// What the upstream had said to have changed when it was asked.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The answer is there: what is kept of it, if anything is.
    pub fn landed(self, kept: Option<Arc<Kept>>) {
        let landing = kept.map_or(Landing::Nothing, Landing::Kept);
        self.sender.send_replace(landing);
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        self.flights.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

impl Seat {
    /// Waits for the answer. Waiting may be given up and taken up again.
    pub async fn wait(&mut self) -> Waited {
        let landed = self.0.wait_for(|landing| !matches!(landing, Landing::Open)).await;
        match landed.as_deref() {
            Ok(Landing::Kept(kept)) => Waited::Kept(Arc::clone(kept)),
            Ok(_) => Waited::InVain,
            Err(_) => Waited::Abandoned,
        }
    }
}
