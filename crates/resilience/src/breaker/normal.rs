//! What is normal for a server, learned from how it did while it was left alone.

use super::Settings;
use crate::Moment;
use crate::sketch::{self, Sketch};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The most that one call moves the normal share of errors.
const ONE_CALL: f64 = 1.0 / 500.0;

/// The time in which the normal share of errors follows what is, however many calls come.
const ERRORS_FOLLOW_IN: Duration = Duration::from_secs(120);

/// More failures than this are never normal.
const MOST_ERRORS: f64 = 0.3;

/// What a server whose normal is to fail often may fail at most.
const MOST_TOLERANCE: f64 = 0.8;

/// How many calls must have been seen before any time counts as slow.
const KNOWN: u32 = 50;

/// How often a time is learned once enough are known. So the memory reaches back for minutes, however many calls come,
/// and what lasts for seconds is not taken for normal.
const PACE: Duration = Duration::from_millis(50);

/// How much less often while a part of the traffic is turned away: then it is not normal, but it may be from now on.
const HELD_BACK: u32 = 10;

/// The time in which the normal number of calls in flight follows what is.
const FOLLOWS_IN: Duration = Duration::from_secs(300);

/// Nothing below this is slow, however quick the others are.
const LEAST_SLOW: Duration = Duration::from_millis(250);

/// What is normal for a server.
#[derive(Debug, Clone, Default)]
pub struct Normal {
    /// What is slow: the share of calls whose longest time counts, and how many times of it.
    slow: (f64, f64),
    errors: f64,
    latency: Sketch,
    in_flight: f64,
    /// [`Normal::slow_after`], worked out anew now and then only.
    slow_after: Option<Duration>,
    until_next: u32,
    learned_at: Moment,
    ended_at: Moment,
}

/// What is kept of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Kept {
    /// The share of calls that fail.
    pub errors: f64,
    /// How long calls take.
    pub latency: sketch::Kept,
    /// Calls in flight.
    pub in_flight: f64,
}

impl Normal {
    /// Nothing is known yet.
    pub fn new(settings: &Settings) -> Self {
        Self { slow: (settings.slow_quantile, settings.slow_factor), ..Self::default() }
    }

    /// The normal that was kept.
    pub fn restore(settings: &Settings, kept: &Kept) -> Self {
        let number = |value: f64, most: f64| if value.is_finite() { value.clamp(0.0, most) } else { 0.0 };
        let mut normal = Self {
            errors: number(kept.errors, MOST_ERRORS),
            latency: Sketch::restore(&kept.latency),
            in_flight: number(kept.in_flight, 1e9),
            ..Self::new(settings)
        };
        normal.work_out();
        normal
    }

    /// What is to be kept.
    pub fn keep(&self) -> Kept {
        Kept { errors: self.errors, latency: self.latency.keep(), in_flight: self.in_flight }
    }

    /// Takes the end of a call. While a share is turned away there is nothing normal to learn.
    pub(super) fn learn_end(&mut self, now: Moment, failed: bool, share: f64) {
        let passed = now.saturating_sub(self.ended_at);
        self.ended_at = now;
        if share >= 1.0 {
            let part = (passed.as_secs_f64() / ERRORS_FOLLOW_IN.as_secs_f64()).min(ONE_CALL);
            self.errors = (self.errors + (f64::from(u8::from(failed)) - self.errors) * part).min(MOST_ERRORS);
        }
    }

    /// Takes how long a call took that worked, and how many were in flight with it.
    pub(super) fn learn_latency(&mut self, now: Moment, latency: Duration, in_flight: u32, share: f64) {
        let pace = if share >= 1.0 { PACE } else { PACE * HELD_BACK };
        let passed = now.saturating_sub(self.learned_at);
        let begins = self.latency.total() < KNOWN * 4;
        if passed < pace && !begins {
            return;
        }
        self.learned_at = now;
        self.latency.add(latency);
        let first = 1.0 / f64::from(self.latency.total());
        let part = if share >= 1.0 { passed.as_secs_f64() / FOLLOWS_IN.as_secs_f64() } else { 0.0 };
        let part = if begins { first } else { part };
        self.in_flight += (f64::from(in_flight) - self.in_flight) * part.clamp(0.0, 1.0);
        self.until_next = self.until_next.saturating_sub(1);
        if self.until_next == 0 {
            self.work_out();
        }
    }

    fn work_out(&mut self) {
        self.until_next = KNOWN;
        let (quantile, factor) = self.slow;
        let usual = self.latency.quantile(quantile).filter(|_| self.latency.total() >= KNOWN);
        let slow = |usual: Duration| Duration::try_from_secs_f64(usual.as_secs_f64() * factor).unwrap_or(Duration::MAX);
        self.slow_after = usual.map(|usual| slow(usual).max(LEAST_SLOW));
    }

    /// The share of calls that fail normally.
    pub fn errors(&self) -> f64 {
        self.errors
    }

    /// The share of failures that is let pass: `least` for any server, more for one that fails often anyway.
    pub fn tolerance(&self, least: f64) -> f64 {
        (self.errors * 3.0).min(MOST_TOLERANCE).max(least)
    }

    /// How long calls take.
    pub fn latency(&self) -> &Sketch {
        &self.latency
    }

    /// The time after which a call is slow for this server; nothing while too little is known.
    pub fn slow_after(&self) -> Option<Duration> {
        self.slow_after
    }

    /// Whether a call that took so long is slow.
    pub(super) fn is_slow(&self, latency: Duration) -> bool {
        self.slow_after.is_some_and(|slow| latency > slow)
    }

    /// How long a call takes as a rule; nothing while too little is known.
    pub fn usual(&self) -> Option<Duration> {
        self.latency.quantile(0.5).filter(|_| self.latency.total() >= KNOWN)
    }

    /// How many calls are in flight normally; nothing while too little is known.
    pub fn in_flight(&self) -> Option<f64> {
        (self.latency.total() >= KNOWN).then_some(self.in_flight)
    }
}
