//! An elastic circuit breaker: it lets through the share of traffic that a server takes.
//!
//! An ordinary breaker is open or closed. This one has parts that can be seen and tuned one by one: how the calls of the
//! last seconds ended, how long they took, how many are in flight, how a probe went, and what of all that is *normal*
//! for this server. From them follows one number, the share of calls that are admitted. It falls fast, by as much as
//! calls fail beyond what is normal, and recovers by steps.
//!
//! ```text
//!   share 1 ──── calls fail beyond normal ───► share falls ──── below the least ───► open: nothing but probes
//!      ▲                                        │      ▲                                      │
//!      └────────────── step by step ────────────┘      └────────────── a probe works ─────────┘
//! ```

mod judge;
mod normal;
mod parts;

pub use normal::Normal;
pub use parts::{Parts, State, Why};

use crate::Moment;
use crate::window::Window;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How a breaker behaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Whether it ever turns a call away. What it sees, it shows in any case.
    pub enabled: bool,
    /// How far back it looks.
    pub window: Duration,
    /// How many calls must have ended for their share to mean anything.
    pub least: u32,
    /// The share of failures that any server may have.
    pub errors: f64,
    /// How often the share is raised while all goes well. Failures must go on for as long to lower it.
    pub step: Duration,
    /// The first wait before an open breaker lets a probe through; it doubles with each probe that fails …
    pub probe: Duration,
    /// … up to this.
    pub probe_most: Duration,
    /// The share of calls whose longest time is what calls take normally …
    pub slow_quantile: f64,
    /// … so many times of which is slow.
    pub slow_factor: f64,
    /// So many times the calls that are in flight normally are a jam …
    pub jam_factor: f64,
    /// … if they are not fewer than this.
    pub jam_least: u32,
    /// The share that is left to a server that is jammed and fails no more than it may: it does answer.
    pub jam_share: f64,
    /// Below this share only probes are let through.
    pub least_share: f64,
}

impl Default for Settings {
    fn default() -> Self {
        let second = Duration::from_secs(1);
        Self {
            enabled: true,
            window: second * 10,
            least: 5,
            errors: 0.2,
            step: second,
            probe: second,
            probe_most: second * 30,
            slow_quantile: 0.5,
            slow_factor: 8.0,
            jam_factor: 3.0,
            jam_least: 8,
            jam_share: 0.25,
            least_share: 0.05,
        }
    }
}

/// The share after a probe that worked.
const FIRST_SHARE: f64 = 0.1;

/// So many calls at least may be under way to a server that fails, where no other is left.
const LAST_RESORT: f64 = 8.0;

/// What the breaker says to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may go on. The pass says how it ended when it has.
    Pass(Pass),
    /// It may not. After this time the answer may be another.
    Reject {
        /// When the next probe or step is due.
        retry_after: Duration,
    },
}

/// A call that was let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    /// Whether it is a probe.
    pub probe: bool,
    /// Whether it was let through because nobody else is left.
    forced: bool,
    epoch: u64,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Well, after this time.
    Worked(Duration),
    /// Well, but it was a question after the server's health, which takes another time than calls do.
    Alive,
    /// Badly, by the server's fault.
    Failed,
    /// In a way that says nothing of the server.
    Unknown,
}

/// What is kept over a restart.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Snapshot {
    /// The share that was admitted.
    pub share: f64,
    /// What was normal.
    pub normal: normal::Kept,
}

/// The breaker of one server, or of one of its tools.
#[derive(Debug, Clone)]
pub struct Breaker {
    window: Window,
    normal: Normal,
    share: f64,
    /// Why the share fell the last time, until all is let through again.
    why: Option<Why>,
    /// When the state became what it is.
    since: Moment,
    /// Counts the times that the past stopped to matter. What began before is not counted after.
    epoch: u64,
    next_step: Moment,
    in_flight: u32,
    /// When a call last ended, or the first of those in flight began.
    quiet_since: Moment,
    failures_in_row: u32,
    first_of_row: Moment,
    /// Whether a call has ended since the last step, and worked.
    worked_since_step: bool,
    probe: Probe,
    paused_until: Moment,
    rejected: u64,
    opened: u64,
}

#[derive(Debug, Clone, Copy)]
struct Probe {
    wait: Duration,
    at: Moment,
    under_way: bool,
    worked: Option<bool>,
    /// Whether a question worked since it was open, and no call yet.
    only_asked: bool,
}

impl Probe {
    /// The wait after one in vain.
    fn longer(&self, settings: &Settings) -> Duration {
        self.wait.saturating_mul(2).min(settings.probe_most.max(settings.probe))
    }
}

impl Breaker {
    /// A breaker that knows nothing and admits all.
    pub fn new(settings: &Settings, now: Moment) -> Self {
        Self {
            window: Window::new(settings.window),
            normal: Normal::new(settings),
            share: 1.0,
            why: None,
            since: now,
            epoch: 0,
            next_step: now + settings.step,
            in_flight: 0,
            quiet_since: now,
            failures_in_row: 0,
            first_of_row: now,
            worked_since_step: false,
            probe: Probe { wait: settings.probe, at: now, under_way: false, worked: None, only_asked: false },
            paused_until: now,
            rejected: 0,
            opened: 0,
        }
    }

    /// A breaker as it was kept. One that was open sends a probe with the first call.
    pub fn restore(settings: &Settings, snapshot: &Snapshot, now: Moment) -> Self {
        let share = if snapshot.share.is_finite() { snapshot.share.clamp(0.0, 1.0) } else { 1.0 };
        let share = if share < settings.least_share { 0.0 } else { share };
        Self { share, normal: Normal::restore(settings, &snapshot.normal), ..Self::new(settings, now) }
    }

    /// What is to be kept.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { share: self.share, normal: self.normal.keep() }
    }

    /// Whether a call may go on. `random` in 0..1 decides for whom there is room while not all may. Each pass is to be
    /// handed to [`Breaker::ended`] once.
    pub fn admit(&mut self, settings: &Settings, now: Moment, random: f64) -> Verdict {
        self.turn(settings, now);
        let probe = match self.refusal(now, random).filter(|_| settings.enabled) {
            Some(retry_after) => {
                self.rejected += 1;
                return Verdict::Reject { retry_after };
            }
            None => settings.enabled && self.share <= 0.0,
        };
        if probe {
            self.probe.under_way = true;
        }
        if self.in_flight == 0 {
            self.quiet_since = now;
        }
        self.in_flight += 1;
        Verdict::Pass(Pass { probe, forced: false, epoch: self.epoch })
    }

    /// Lets a call through for which no other server is left: to turn it away would only make sure that it fails. Not more at once than are
    /// usual, and none while the server asked to be left alone. When one works, the server is well again.
    pub fn force(&mut self, now: Moment) -> Option<Pass> {
        let most = self.normal.in_flight().unwrap_or(0.0).max(LAST_RESORT);
        if self.paused_until > now || f64::from(self.in_flight) >= most {
            return None;
        }
        if self.in_flight == 0 {
            self.quiet_since = now;
        }
        self.in_flight += 1;
        Some(Pass { probe: false, forced: true, epoch: self.epoch })
    }

    fn refusal(&self, now: Moment, random: f64) -> Option<Duration> {
        if self.paused_until > now {
            return Some(self.paused_until - now);
        }
        if self.share >= 1.0 {
            return None;
        }
        if self.share <= 0.0 {
            let due = now >= self.probe.at && !self.probe.under_way;
            // A probe under way answers soon, one way or the other.
            let wait = self.probe.at.saturating_sub(now).max(Duration::from_millis(100));
            return (!due).then_some(wait);
        }
        (random >= self.share).then(|| self.next_step.saturating_sub(now).max(Duration::from_millis(100)))
    }

    /// Whether it is time to ask the server whether it is well, so that no call has to find out: less than all is let through,
    /// and since the last step no call has ended that would have told.
    pub fn wants_health(&self, settings: &Settings, now: Moment) -> bool {
        if !settings.enabled || self.share >= 1.0 || self.paused_until > now {
            return false;
        }
        if self.share <= 0.0 {
            return now >= self.probe.at && !self.probe.under_way;
        }
        self.in_flight == 0 && now >= self.next_step && now.saturating_sub(self.quiet_since) >= settings.step
    }

    /// Takes back a pass of a call that was not made, as if it had not been asked for.
    pub fn withdrawn(&mut self, pass: Pass) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.probe.under_way &= !pass.probe;
    }

    /// Takes the end of a call that was let through.
    pub fn ended(&mut self, settings: &Settings, now: Moment, pass: Pass, outcome: Outcome) {
        self.withdrawn(pass);
        if outcome != Outcome::Unknown {
            self.quiet_since = now;
        }
        if pass.epoch != self.epoch {
            return;
        }
        match outcome {
            Outcome::Worked(latency) => self.worked(settings, now, Some(latency), pass),
            Outcome::Alive => self.worked(settings, now, None, pass),
            Outcome::Failed => self.failed(settings, now, pass.probe),
            Outcome::Unknown => {}
        }
        self.turn(settings, now);
    }

    /// Lets nothing through until `until`, because the server asked for it. An earlier wish of the server still counts.
    pub fn pause(&mut self, until: Moment) {
        self.paused_until = self.paused_until.max(until);
    }

    /// Whether the server asked to be left alone, and still is.
    pub fn is_paused(&self, now: Moment) -> bool {
        self.paused_until > now
    }

    fn worked(&mut self, settings: &Settings, now: Moment, latency: Option<Duration>, pass: Pass) {
        self.failures_in_row = 0;
        self.worked_since_step = true;
        let slow = latency.is_some_and(|latency| self.normal.is_slow(latency));
        if let Some(latency) = latency {
            self.normal.learn_latency(now, latency, self.in_flight + 1, self.share);
            self.probe.only_asked = false;
        }
        self.window.worked(now, slow);
        self.normal.learn_end(now, false, self.share);
        if pass.probe || (pass.forced && self.share <= 0.0) {
            self.probe.worked = Some(true);
            self.probe.only_asked = latency.is_none();
            self.move_to(settings, now, FIRST_SHARE.max(settings.least_share));
        }
    }

    fn failed(&mut self, settings: &Settings, now: Moment, probe: bool) {
        if self.failures_in_row == 0 {
            self.first_of_row = now;
        }
        self.failures_in_row = self.failures_in_row.saturating_add(1);
        self.window.failed(now);
        self.normal.learn_end(now, true, self.share);
        if probe {
            self.probe.worked = Some(false);
            self.probe.wait = self.probe.longer(settings);
            self.probe.at = now + self.probe.wait;
        }
    }

    /// Puts the share where it is to be, and forgets what led there.
    fn move_to(&mut self, settings: &Settings, now: Moment, share: f64) {
        let share = if share < settings.least_share { 0.0 } else { share.min(1.0) };
        let before = State::of(self.share);
        self.share = share;
        if State::of(share) != before {
            self.since = now;
        }
        if share <= 0.0 && before != State::Open {
            self.opened += 1;
            // A server that answers questions and fails calls is tried less and less often.
            let wait = if self.probe.only_asked { self.probe.longer(settings) } else { settings.probe };
            self.probe = Probe { wait, at: now + wait, under_way: false, only_asked: false, ..self.probe };
        }
        // What began while more or less was let through says nothing of how it is now, except when a step goes well.
        if before == State::Open || State::of(share) == State::Open {
            self.epoch += 1;
        }
        self.window.clear();
        self.failures_in_row = 0;
        self.worked_since_step = false;
        self.next_step = now + settings.step;
    }
}

#[cfg(test)]
mod tests;
