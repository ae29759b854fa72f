//! When the share falls and when it rises.

use super::{Breaker, Settings, State, Why};
use crate::Moment;
use crate::window::{Counts, at_least};
use std::time::Duration;

/// How sure it must be that a server fails, in standard deviations. It is asked with every call, so that much less would
/// let chance alone lower the share once a day.
const SURE: f64 = 3.0;

impl Breaker {
    /// Looks at what is known, and moves the share when it is time to.
    pub(super) fn turn(&mut self, settings: &Settings, now: Moment) {
        if self.share <= 0.0 || !settings.enabled {
            return;
        }
        let counts = self.window.counts(now);
        if let Some((failed, calls)) = self.failing(settings, now, &counts) {
            // By as much as fails beyond normal, and never by all at once.
            let normal = self.normal.errors();
            let excess = (f64::from(failed) / f64::from(calls) - normal) / (1.0 - normal);
            let share = self.share * (1.0 - excess).clamp(0.1, 0.9);
            self.why = Some(Why::Failed { failed, calls });
            self.move_to(settings, now, share);
        } else if now >= self.next_step {
            self.step(settings, now, &counts);
        }
    }

    /// How many calls failed, of how many, once it is sure that this is beyond what is normal.
    fn failing(&self, settings: &Settings, now: Moment, counts: &Counts) -> Option<(u32, u32)> {
        // Calls that come so seldom that the window never holds enough of them are judged by those in a row.
        let alone = counts.ok == 0 && self.failures_in_row > counts.failed;
        let (failed, all, going_on) = if alone {
            (self.failures_in_row, self.failures_in_row, now.saturating_sub(self.first_of_row))
        } else {
            (counts.failed, counts.all(), self.window.failing_for())
        };
        let sure = all >= settings.least.max(1)
            && going_on >= settings.step
            && at_least(failed, all, SURE) > self.normal.tolerance(settings.errors);
        sure.then_some((failed, all))
    }

    fn step(&mut self, settings: &Settings, now: Moment, counts: &Counts) {
        self.next_step = now + settings.step;
        if self.is_jammed(settings, now, counts) {
            if self.share > settings.jam_share {
                self.why = Some(Why::Jammed { in_flight: self.in_flight });
                self.move_to(settings, now, (self.share * 0.7).max(settings.jam_share));
            }
            return;
        }
        let well = self.worked_since_step && counts.failed_share() <= self.normal.tolerance(settings.errors);
        self.worked_since_step = false;
        if self.share < 1.0 && well {
            self.share = (self.share * 2.0).min(1.0);
            if State::of(self.share) == State::Closed {
                self.why = None;
                self.since = now;
            }
        }
    }

    /// How many calls in flight are a jam, where they are slow as well; nothing while too little is known.
    pub(super) fn jam_from(&self, settings: &Settings) -> Option<f64> {
        self.normal.in_flight().map(|usual| (usual * settings.jam_factor).max(f64::from(settings.jam_least)))
    }

    /// Whether calls pile up: they take much longer than is normal, or do not end at all, and there are many more of
    /// them than is normal. Slow calls alone are no jam: perhaps they were asked for more.
    fn is_jammed(&self, settings: &Settings, now: Moment, counts: &Counts) -> bool {
        let (Some(jam_from), Some(slow_after)) = (self.jam_from(settings), self.normal.slow_after()) else {
            return false;
        };
        let piled_up = f64::from(self.in_flight) >= jam_from;
        let slow = counts.ok >= settings.least && at_least(counts.slow, counts.ok, SURE) > 0.5;
        let quiet = now.saturating_sub(self.quiet_since);
        let stuck = quiet >= slow_after.saturating_mul(2).max(Duration::from_secs(2));
        piled_up && (slow || stuck)
    }
}
