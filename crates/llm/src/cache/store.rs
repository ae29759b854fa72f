//! Where answers are kept, and those under way are found. All that waits, waits outside of its locks.

use super::kept::{Head, Kept, Landed};
use super::key::Key;
use crate::replay::{Recording, Room};
use base::{clock, flight};
use resilience::Moment;
use resilience::cache::Cache;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// The room for answers that are kept where nothing is said, in bytes.
pub(super) const ROOM: usize = 64 << 20;

/// The right to ask for all who want the same.
pub(super) type Lead = flight::Lead<Key, Landed>;

/// The number that is given next.
static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// The answers of all routes.
pub(super) struct Store {
    pub(super) limit: usize,
    started: Instant,
    cache: Mutex<Cache<Key, Stored>>,
    /// Streams that have begun and are not over.
    live: Mutex<HashMap<Key, Live>>,
    flights: flight::Flights<Key, Landed>,
    /// The room for streams under way.
    pub(super) room: Arc<Room>,
}

#[derive(Clone)]
struct Stored {
    kept: Arc<Kept>,
    since: Moment,
}

struct Live {
    number: u64,
    head: Arc<Head>,
    recording: Weak<Recording>,
}

/// What becomes of a request.
pub(super) enum Boarding {
    /// It is answered by this, which is so old.
    Kept(Arc<Kept>, Duration),
    /// It is answered by what comes for another client.
    Live(Landed),
    /// Another client asked the same a moment ago.
    Wait(flight::Seat<Landed>),
    /// It is to be asked; where there is a lead, for others too.
    Ask(Option<Lead>),
}

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Answers.
    pub entries: usize,
    /// The room that they take, in bytes.
    pub bytes: usize,
    /// Answers that have made room for others.
    pub evicted: u64,
}

impl Store {
    /// Nothing kept yet, within so many bytes.
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            started: clock::now(),
            cache: Mutex::new(Cache::new(limit)),
            live: Mutex::default(),
            flights: flight::Flights::default(),
            room: Room::new(limit),
        })
    }

    /// The largest answer that is kept, in bytes.
    pub(super) fn largest(&self) -> usize {
        self.limit / 4
    }

    /// Looks what there is for a request. An answer above the age `oldest` is not good enough. `may_join` is false for who
    /// has waited for another's answer in vain.
    pub(super) fn board(&self, key: &Key, oldest: Option<Duration>, may_join: bool) -> Boarding {
        if let Some(found) = self.find(key, oldest, may_join) {
            return found;
        }
        match self.flights.board(key.clone(), 0, may_join) {
            // It may have landed since.
            Ok(lead) => self.find(key, oldest, may_join).unwrap_or(Boarding::Ask(Some(lead))),
            Err(Some(seat)) => Boarding::Wait(seat),
            Err(None) => Boarding::Ask(None),
        }
    }

    /// What is under way first: it is kept before it stops being that.
    fn find(&self, key: &Key, oldest: Option<Duration>, may_join: bool) -> Option<Boarding> {
        let live = self.lock_live().get(key).and_then(|live| Some((Arc::clone(&live.head), live.recording.upgrade()?)));
        if let Some((head, recording)) = live.filter(|_| may_join) {
            return Some(Boarding::Live(Landed::Live(head, recording)));
        }
        self.kept(key, oldest).map(|(kept, age)| Boarding::Kept(kept, age))
    }

    /// The answer that is kept, and its age, which is not above `oldest`.
    pub(super) fn kept(&self, key: &Key, oldest: Option<Duration>) -> Option<(Arc<Kept>, Duration)> {
        let now = self.now();
        let (stored, _) = self.lock_cache().get(key, now)?;
        let age = now.saturating_sub(stored.since);
        oldest.is_none_or(|oldest| age <= oldest).then_some((stored.kept, age))
    }

    /// Keeps an answer for the time `ttl`.
    pub(super) fn put(&self, key: Key, kept: Arc<Kept>, ttl: Duration) {
        let (now, size) = (self.now(), kept.size());
        self.lock_cache().put(key, Stored { kept, since: now }, size, now + ttl);
    }

    /// A number that nothing else has, here or in a store before or after: shelves outlive a store whose size is changed.
    pub(super) fn number(&self) -> u64 {
        NUMBERS.fetch_add(1, Ordering::Relaxed)
    }

    /// Lets others find a stream that has begun.
    pub(super) fn began(&self, key: Key, number: u64, head: Arc<Head>, recording: &Arc<Recording>) {
        let live = Live { number, head, recording: Arc::downgrade(recording) };
        self.lock_live().insert(key, live);
    }

    /// A stream is over, or may be joined no more.
    pub(super) fn ended(&self, key: &Key, number: u64) {
        let mut live = self.lock_live();
        if live.get(key).is_some_and(|live| live.number == number) {
            live.remove(key);
        }
    }

    /// How much is kept.
    pub(super) fn held(&self) -> Held {
        let cache = self.lock_cache();
        let (entries, bytes) = cache.size();
        Held { entries, bytes, evicted: cache.evicted() }
    }

    fn lock_cache(&self) -> MutexGuard<'_, Cache<Key, Stored>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_live(&self) -> MutexGuard<'_, HashMap<Key, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Moment {
        clock::now().saturating_duration_since(self.started)
    }
}
