//! One request for all who want the same at once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// The requests under way that others may wait for.
pub struct Flights<K, V>(Arc<Mutex<Waiting<K, V>>>);

type Waiting<K, V> = HashMap<K, watch::Receiver<Landing<V>>>;

enum Landing<V> {
    /// It is under way.
    Open,
    /// Its result is for all who wait.
    Kept(Arc<V>),
    /// It gave nothing that another may have.
    Nothing,
}

/// The right to ask for all. Dropped without an answer, it leaves to another one of those who wait to ask: whoever gives
/// up his own call ends nobody else's.
pub struct Lead<K: Eq + Hash, V> {
    flights: Flights<K, V>,
    key: K,
    sender: watch::Sender<Landing<V>>,
    epoch: u64,
}

/// A place among those who wait.
pub struct Seat<V>(watch::Receiver<Landing<V>>);

/// What came of waiting.
#[derive(Debug, PartialEq, Eq)]
pub enum Waited<V> {
    /// The answer.
    Kept(Arc<V>),
    /// An answer that is not for others: each asks for himself.
    InVain,
    /// Whoever asked has given up: another one asks.
    Abandoned,
}

impl<K, V> Default for Flights<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Clone + Eq + Hash, V> Flights<K, V> {
    /// The lead, if nobody has it; else a seat, for those who may have one. `epoch` is for who asks: what he must know of
    /// the moment when he began.
    pub fn board(&self, key: K, epoch: u64, may_join: bool) -> Result<Lead<K, V>, Option<Seat<V>>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = all.get(&key) {
            return Err(may_join.then(|| Seat(flight.clone())));
        }
        let (sender, receiver) = watch::channel(Landing::Open);
        all.insert(key.clone(), receiver);
        Ok(Lead { flights: Self(Arc::clone(&self.0)), key, sender, epoch })
    }
}

impl<K: Eq + Hash, V> Lead<K, V> {
    /// What was given when it was asked.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The answer is there: what is kept of it, if anything is.
    pub fn landed(self, kept: Option<Arc<V>>) {
        let landing = kept.map_or(Landing::Nothing, Landing::Kept);
        self.sender.send_replace(landing);
    }
}

impl<K: Eq + Hash, V> Drop for Lead<K, V> {
    fn drop(&mut self) {
        self.flights.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

impl<V> Seat<V> {
    /// Waits for the answer. Waiting may be given up and taken up again.
    pub async fn wait(&mut self) -> Waited<V> {
        let landed = self.0.wait_for(|landing| !matches!(landing, Landing::Open)).await;
        match landed.as_deref() {
            Ok(Landing::Kept(kept)) => Waited::Kept(Arc::clone(kept)),
            Ok(_) => Waited::InVain,
            Err(_) => Waited::Abandoned,
        }
    }
}
