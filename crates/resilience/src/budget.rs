//! How many repeats there may be: a share of the traffic, so that repeats cannot become the traffic.

use crate::Moment;
use std::time::Duration;

/// What the budget is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Repeats per call.
    pub share: f64,
    /// Repeats per second that are there without any traffic.
    pub floor: f64,
    /// The most repeats that are saved up.
    pub most: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { share: 0.04, floor: 0.1, most: 20.0 }
    }
}

/// The repeats that are left.
#[derive(Debug, Clone)]
pub struct Budget {
    left: f64,
    seen: Moment,
}

impl Budget {
    /// A budget with half of what it may save up: enough for the first hiccup, too little for a storm.
    pub fn new(settings: &Settings, now: Moment) -> Self {
        Self { left: settings.most / 2.0, seen: now }
    }

    /// A call was sent for the first time.
    pub fn called(&mut self, settings: &Settings) {
        self.left = (self.left + settings.share).min(settings.most);
    }

    /// Takes one repeat, if there is one.
    pub fn spend(&mut self, settings: &Settings, now: Moment) -> bool {
        self.left = self.at(settings, now);
        self.seen = self.seen.max(now);
        // What is counted in shares is a little less than whole after many steps.
        let enough = self.left >= 1.0 - 1e-9;
        if enough {
            self.left -= 1.0;
        }
        enough
    }

    /// Whole repeats that are left.
    pub fn left(&self, settings: &Settings, now: Moment) -> u32 {
        self.at(settings, now).max(0.0) as u32
    }

    /// What is left with what has come by time alone.
    fn at(&self, settings: &Settings, now: Moment) -> f64 {
        let time: Duration = now.saturating_sub(self.seen);
        (self.left + time.as_secs_f64() * settings.floor).min(settings.most)
    }
}

#[cfg(test)]
mod tests;
