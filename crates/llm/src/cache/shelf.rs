//! The kept answers of one route, as it is configured.

use super::alike::{Alike, Checks};
use crate::config::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is known of the kept answers of a route.
pub(super) struct Shelf {
    /// What tells it from the same route as it was configured before, whose answers mean nothing now.
    pub(super) number: u64,
    pub(super) settings: Cache,
    pub(super) tally: Arc<Tally>,
    /// What is given for texts that mean the same.
    pub(super) alike: Alike,
}

impl Shelf {
    /// An empty one, which counts on where `before` has stopped.
    pub(super) fn new(number: u64, settings: Cache, before: Option<&Self>) -> Arc<Self> {
        let tally = before.map_or_else(Arc::default, |before| Arc::clone(&before.tally));
        Arc::new(Self { number, settings, tally, alike: Alike::new() })
    }
}

/// How a request to a route that keeps answers is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// By what is kept.
    Hit,
    /// By what is kept for a text that means the same.
    Alike,
    /// By the answer to another client's request.
    Shared,
    /// By a provider, and it may be kept.
    Miss,
    /// By a provider, for the request wants or can have nothing else.
    Bypass,
}

/// How many requests to a route were answered how.
#[derive(Debug, Default)]
pub struct Tally {
    found: [AtomicU64; Tally::ALL.len()],
    pub(super) checks: Checks,
}

impl Tally {
    const ALL: [(Found, &str); 5] = [
        (Found::Hit, "hit"),
        (Found::Alike, "alike"),
        (Found::Shared, "shared"),
        (Found::Miss, "miss"),
        (Found::Bypass, "bypass"),
    ];

    pub(super) fn count(&self, found: Found) {
        self.found[found as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many there were of each.
    pub fn read(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Self::ALL.iter().map(|(found, name)| (*name, self.found[*found as usize].load(Ordering::Relaxed)))
    }

    /// How many answers were compared that would have been given for texts that mean the same, and whether they were right.
    pub fn read_checks(&self) -> [(&'static str, u64); 2] {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        [("right", count(&self.checks.right)), ("wrong", count(&self.checks.wrong))]
    }
}
