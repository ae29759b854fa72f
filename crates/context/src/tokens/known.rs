//! What texts were counted to be that come again and again, as definitions do whenever any catalogue changes.

use super::{Count, Family};
use base::random;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

/// The counts of the process.
pub(super) static COUNTS: LazyLock<Counts> = LazyLock::new(|| Counts::with_room(ROOM));

/// The most texts that are remembered: about 3 MiB.
const ROOM: usize = 50_000;

/// Counts by family and content.
pub(super) struct Counts {
    room: usize,
    all: Mutex<HashMap<(u8, [u8; 32]), Count>>,
}

impl Counts {
    pub(super) fn with_room(room: usize) -> Self {
        Self { room, all: Mutex::default() }
    }

    /// What `text` is in the tokens of `family`; `count` says it the first time.
    pub(super) fn get(&self, family: Family, text: &str, count: impl FnOnce() -> Count) -> Count {
        let key = (family as u8, random::sha256(text.as_bytes()));
        if let Some(known) = self.all.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return *known;
        }
        let count = count();
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= self.room {
            // Which of them come again is not known: those that do are soon there again.
            all.clear();
        }
        all.insert(key, count);
        count
    }
}
