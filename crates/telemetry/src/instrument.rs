//! The numbers themselves. Recording is one or two atomic additions, from any thread.

use crate::names::{Bounds, Metric};
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

/// How many numbers there are in a histogram.
const BUCKETS: usize = size_of::<Bounds>() / size_of::<f64>() + 1;

/// How many were how long.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static Bounds,
    /// The last one holds what is longer than every bound.
    counts: [AtomicU64; BUCKETS],
    nanoseconds: AtomicU64,
}

/// What a series holds.
pub trait Instrument {
    /// Nothing yet.
    fn new(metric: &'static Metric) -> Self;
}

impl Instrument for Counter {
    fn new(_: &'static Metric) -> Self {
        Self::default()
    }
}

impl Instrument for Histogram {
    fn new(metric: &'static Metric) -> Self {
        Self { bounds: metric.kind.bounds(), counts: Default::default(), nanoseconds: AtomicU64::default() }
    }
}

/// The state of a histogram at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// How many fell into each bucket, not summed up.
    pub counts: [u64; BUCKETS],
    /// The sum of all, in seconds.
    pub sum: f64,
}

impl Histogram {
    /// Takes one duration. One that is exactly at a bound is within it.
    pub fn record(&self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let bucket = self.bounds.iter().position(|bound| seconds <= *bound).unwrap_or(self.bounds.len());
        self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// What it holds now. Buckets and sum are read one after the other, so that they may differ by what is recorded
    /// meanwhile; the count is that of the buckets.
    pub fn read(&self) -> Distribution {
        let mut counts = [0; BUCKETS];
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
