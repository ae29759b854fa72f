//! How many runs are told apart: clients name them, and each name is a row more that is kept. Pure.

use super::Record;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

/// So many runs of a key are told apart in a day.
const MOST: usize = 10_000;
/// How all that come after are called, in parentheses as no run is that the hub names itself.
const OTHERS: &str = "(others)";
/// Milliseconds of a day.
const DAY: u64 = 86_400_000;

/// The runs of the day that were seen at this hub.
#[derive(Default)]
pub(super) struct Runs {
    day: u64,
    /// Digests of the names, by key.
    seen: HashMap<Arc<str>, HashSet<u64>>,
}

impl Runs {
    /// Gives the runs of `records` that are too many one name.
    pub(super) fn bound(&mut self, records: &mut [Record]) {
        for record in records.iter_mut().filter(|record| !record.run.is_empty() && &*record.run != OTHERS) {
            let day = record.at / DAY;
            // One that ends after midnight and began before counts for the new day.
            if day > self.day {
                (self.day, self.seen) = (day, HashMap::new());
            }
            let mut hasher = DefaultHasher::new();
            record.run.hash(&mut hasher);
            let digest = hasher.finish();
            let seen = self.seen.entry(Arc::clone(&record.principal)).or_default();
            if seen.contains(&digest) {
                continue;
            }
            if seen.len() < MOST {
                seen.insert(digest);
            } else {
                record.run = Arc::from(OTHERS);
            }
        }
    }
}

#[cfg(test)]
mod tests;
