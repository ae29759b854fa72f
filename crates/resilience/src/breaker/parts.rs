//! The parts of a breaker, to be shown and measured.

use super::{Breaker, Settings};
use crate::Moment;
use std::time::Duration;

/// Where a breaker stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// All is let through.
    Closed,
    /// A share is let through.
    Limited,
    /// Only probes are let through.
    Open,
}

impl State {
    /// All states.
    pub const ALL: [State; 3] = [State::Closed, State::Limited, State::Open];

    /// The state that goes with a share.
    pub(super) fn of(share: f64) -> Self {
        match share {
            share if share >= 1.0 => State::Closed,
            share if share > 0.0 => State::Limited,
            _ => State::Open,
        }
    }

    /// The word for it in output.
    pub const fn word(self) -> &'static str {
        match self {
            State::Closed => "closed",
            State::Limited => "limited",
            State::Open => "open",
        }
    }
}

/// Why fewer calls are let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Too many failed.
    Failed {
        /// So many …
        failed: u32,
        /// … of these.
        calls: u32,
    },
    /// They piled up.
    Jammed {
        /// So many were in flight.
        in_flight: u32,
    },
}

/// Everything that can be seen of a breaker.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// The state in one word.
    pub state: State,
    /// The share of calls that are admitted.
    pub share: f64,
    /// Why that is not all, as far as it is known: not when it was so before the hub was started.
    pub why: Option<Why>,
    /// How long it has been in this state.
    pub lasted: Duration,
    /// Calls of the window that ended well.
    pub ok: u32,
    /// Calls of the window that failed.
    pub failed: u32,
    /// Calls of the window that were slow.
    pub slow: u32,
    /// Failures in a row.
    pub failures_in_row: u32,
    /// The share of failures that is normal.
    pub normal_errors: f64,
    /// The share of failures above which the share of traffic falls.
    pub tolerance: f64,
    /// How long half of the calls take at most.
    pub latency_half: Option<Duration>,
    /// How long 95 of 100 calls take at most.
    pub latency_most: Option<Duration>,
    /// How long 99 of 100 calls take at most.
    pub latency_nearly_all: Option<Duration>,
    /// The time after which a call counts as slow.
    pub slow_after: Option<Duration>,
    /// Calls in flight.
    pub in_flight: u32,
    /// Calls in flight normally.
    pub normal_in_flight: Option<f64>,
    /// Calls in flight from which on they are a jam, if they are slow too; nothing while too little is known.
    pub jam_from: Option<f64>,
    /// When the next probe is let through, if it is open.
    pub probe_in: Option<Duration>,
    /// Whether the last probe worked, if there was one.
    pub probe_worked: Option<bool>,
    /// For how long the server asked to be left alone.
    pub paused_for: Option<Duration>,
    /// Calls that were turned away.
    pub rejected: u64,
    /// How often it opened.
    pub opened: u64,
}

impl Breaker {
    /// Everything that can be seen.
    pub fn parts(&self, settings: &Settings, now: Moment) -> Parts {
        let counts = self.window.clone().counts(now);
        let state = State::of(self.share);
        let latency = self.normal.latency();
        Parts {
            state,
            share: self.share,
            why: self.why,
            lasted: now.saturating_sub(self.since),
            ok: counts.ok,
            failed: counts.failed,
            slow: counts.slow,
            failures_in_row: self.failures_in_row,
            normal_errors: self.normal.errors(),
            tolerance: self.normal.tolerance(settings.errors),
            latency_half: latency.quantile(0.5),
            latency_most: latency.quantile(0.95),
            latency_nearly_all: latency.quantile(0.99),
            slow_after: self.normal.slow_after(),
            in_flight: self.in_flight,
            normal_in_flight: self.normal.in_flight(),
            jam_from: self.jam_from(settings),
            probe_in: (state == State::Open).then(|| self.probe.at.saturating_sub(now)),
            probe_worked: self.probe.worked,
            paused_for: (self.paused_until > now).then(|| self.paused_until - now),
            rejected: self.rejected,
            opened: self.opened,
        }
    }

    /// The state in one word.
    pub fn state(&self) -> State {
        State::of(self.share)
    }

    /// The share of calls that are admitted.
    pub fn share(&self) -> f64 {
        self.share
    }

    /// Calls that were turned away.
    pub fn rejected(&self) -> u64 {
        self.rejected
    }

    /// What is normal.
    pub fn normal(&self) -> &super::Normal {
        &self.normal
    }
}
