//! How the calls of the last seconds ended: a ring of slots, the oldest of which is forgotten as time goes on.

use crate::Moment;
use std::time::Duration;

const SLOTS: usize = 10;

/// How calls ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Well.
    pub ok: u32,
    /// Badly.
    pub failed: u32,
    /// Well, but later than is normal; these are among `ok`.
    pub slow: u32,
}

impl Counts {
    /// All calls.
    pub fn all(&self) -> u32 {
        self.ok.saturating_add(self.failed)
    }

    /// The share of calls that failed; none of none.
    pub fn failed_share(&self) -> f64 {
        share(self.failed, self.all())
    }
}

/// The counts of the last seconds.
#[derive(Debug, Clone)]
pub struct Window {
    slot: Duration,
    slots: [Counts; SLOTS],
    /// The number of the newest slot since the start.
    newest: u128,
    /// When the first and the last failure came that are still counted.
    failures: Option<(Moment, Moment)>,
}

impl Window {
    /// An empty window that reaches `width` back, give or take a tenth.
    pub fn new(width: Duration) -> Self {
        let slot = (width / SLOTS as u32).max(Duration::from_millis(1));
        Self { slot, slots: [Counts::default(); SLOTS], newest: 0, failures: None }
    }

    /// Counts a call that ended well. `slow` says that it took longer than is normal.
    pub fn worked(&mut self, now: Moment, slow: bool) {
        let counts = self.current(now);
        counts.ok = counts.ok.saturating_add(1);
        counts.slow = counts.slow.saturating_add(u32::from(slow));
    }

    /// Counts a call that failed.
    pub fn failed(&mut self, now: Moment) {
        let counts = self.current(now);
        counts.failed = counts.failed.saturating_add(1);
        let oldest = now.saturating_sub(self.width());
        let first = self.failures.map(|(first, _)| first).filter(|first| *first >= oldest).unwrap_or(now);
        self.failures = Some((first, now));
    }

    /// What is counted at `now`.
    pub fn counts(&mut self, now: Moment) -> Counts {
        self.advance(now);
        self.slots.iter().fold(Counts::default(), |sum, slot| Counts {
            ok: sum.ok.saturating_add(slot.ok),
            failed: sum.failed.saturating_add(slot.failed),
            slow: sum.slow.saturating_add(slot.slow),
        })
    }

    /// The time between the first and the last of the failures that are counted. A moment in which much failed at once
    /// has one cause; failures that go on do not.
    pub fn failing_for(&self) -> Duration {
        self.failures.map_or(Duration::ZERO, |(first, last)| last.saturating_sub(first))
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.slots = [Counts::default(); SLOTS];
        self.failures = None;
    }

    /// How far it reaches back.
    pub fn width(&self) -> Duration {
        self.slot * SLOTS as u32
    }

    fn current(&mut self, now: Moment) -> &mut Counts {
        self.advance(now);
        let place = (self.newest % SLOTS as u128) as usize;
        &mut self.slots[place]
    }

    fn advance(&mut self, now: Moment) {
        let number = now.as_nanos() / self.slot.as_nanos();
        let steps = number.saturating_sub(self.newest);
        for step in 1..=steps.min(SLOTS as u128) {
            // The slots that were passed over are emptied, also when the window stood still for long.
            self.slots[((number - (steps.min(SLOTS as u128) - step)) % SLOTS as u128) as usize] = Counts::default();
        }
        self.newest = self.newest.max(number);
        if steps >= SLOTS as u128 {
            self.failures = None;
        }
    }
}

/// `part` of `all` as a number from 0 to 1.
pub fn share(part: u32, all: u32) -> f64 {
    if all == 0 { 0.0 } else { f64::from(part) / f64::from(all) }
}

/// The share that is at least meant when `part` of `all` were seen: the lower bound of Wilson's interval for a share
/// (E. B. Wilson, "Probable Inference", 1927), `z` standard deviations wide. Few observations prove little.
pub fn at_least(part: u32, all: u32, z: f64) -> f64 {
    if all == 0 {
        return 0.0;
    }
    let (number, seen) = (f64::from(all), share(part, all));
    let square = z * z;
    let centre = seen + square / (2.0 * number);
    let margin = z * (seen * (1.0 - seen) / number + square / (4.0 * number * number)).sqrt();
    ((centre - margin) / (1.0 + square / number)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests;
