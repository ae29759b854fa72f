//! The numbers themselves. Recording is one or two atomic additions, from any thread.

use crate::names::BOUNDS;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds one.
    pub fn increment(&self) {
        self.add(1);
    }

    /// Adds `count`.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// How many there were.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many were how long, in the buckets of [`BOUNDS`].
#[derive(Debug, Default)]
pub struct Histogram {
    /// The last one holds what is longer than every bound.
    counts: [AtomicU64; BOUNDS.len() + 1],
    nanoseconds: AtomicU64,
}

/// The state of a histogram at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// How many fell into each bucket, not summed up.
    pub counts: [u64; BOUNDS.len() + 1],
    /// The sum of all, in seconds.
    pub sum: f64,
}

impl Histogram {
    /// Takes one duration. One that is exactly at a bound is within it.
    pub fn record(&self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// What it holds now. Buckets and sum are read one after the other, so that they may differ by what is recorded
    /// meanwhile; the count is that of the buckets.
    pub fn read(&self) -> Distribution {
        let mut counts = [0; BOUNDS.len() + 1];
        for (to, from) in counts.iter_mut().zip(&self.counts) {
            *to = from.load(Ordering::Relaxed);
        }
        let sum = self.nanoseconds.load(Ordering::Relaxed) as f64 / 1e9;
        Distribution { counts, sum }
    }
}

impl Distribution {
    /// How many there were.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

#[cfg(test)]
mod tests;
