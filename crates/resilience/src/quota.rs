//! How much is asked of a server: requests at once, requests in a time, units (such as tokens) in a time, and how many
//! requests wait for that. All of it is taken together or not at all.

use crate::Moment;
use crate::bucket::{Bucket, Rate};
use crate::bulkhead::{self, Entry};
use std::time::Duration;

/// How much may be asked. What is not said has no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Requests at once.
    pub running: Option<usize>,
    /// Requests in a time.
    pub rate: Option<Rate>,
    /// Units in a time.
    pub units: Option<Rate>,
    /// Requests that wait.
    pub waiting: usize,
}

/// What is under way, and what was asked lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quota {
    running: usize,
    waiting: usize,
    rate: Bucket,
    units: Bucket,
}

/// What a request lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// As many run as may.
    Running,
    /// As many were sent in this time as may.
    Rate,
    /// As many units were used in this time as may.
    Units,
    /// Others wait already, and come first.
    Turn,
}

/// Why a request has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full {
    /// What it lacks.
    pub lack: Lack,
    /// After which time that is there, as far as that is known.
    pub after: Option<Duration>,
}

impl Quota {
    /// Takes what a request needs that is expected to use so many units, and says how many units that were. More than come at
    /// once are taken when all are there. `waited` says that the request is one of those that wait: nobody else overtakes them.
    ///
    /// # Errors
    /// Something is lacking; then nothing is taken.
    pub fn enter(&mut self, limits: &Limits, units: u64, now: Moment, waited: bool) -> Result<u32, Full> {
        let others = if waited { 0 } else { self.waiting };
        let at_once = bulkhead::Limits { running: limits.running.unwrap_or(usize::MAX), waiting: 0 };
        if bulkhead::enter(&at_once, self.running, others) != Entry::Run {
            let lack = if others > 0 { Lack::Turn } else { Lack::Running };
            return Err(Full { lack, after: None });
        }
        let (mut rate, mut used) = (self.rate, self.units);
        let answer = limits.rate.map(|limit| rate.take(&limit, now)).filter(|answer| !answer.passes);
        if let Some(answer) = answer {
            return Err(Full { lack: Lack::Rate, after: Some(answer.retry_after) });
        }
        let count = limits.units.map_or(0, |limit| u32::try_from(units).unwrap_or(u32::MAX).min(limit.burst));
        let answer = limits.units.map(|limit| used.take_many(&limit, count, now)).filter(|answer| !answer.passes);
        if let Some(answer) = answer {
            return Err(Full { lack: Lack::Units, after: Some(answer.retry_after) });
        }
        (self.rate, self.units) = (rate, used);
        self.running += 1;
        Ok(count)
    }

    /// A request that ran does so no more. Of one that was not sent after all, the rate knows nothing.
    pub fn leave(&mut self, limits: &Limits, sent: bool) {
        self.running = self.running.saturating_sub(1);
        if let Some(limit) = limits.rate.filter(|_| !sent) {
            self.rate.give_back(&limit, 1);
        }
    }

    /// Says how many units a request did use, in place of those that were taken for it.
    pub fn correct(&mut self, limits: &Limits, taken: u32, used: u64, now: Moment) {
        let Some(limit) = limits.units else { return };
        let used = u32::try_from(used).unwrap_or(u32::MAX);
        if used > taken {
            self.units.owe(&limit, used - taken, now);
        } else {
            self.units.give_back(&limit, taken - used);
        }
    }

    /// Whether a request that has waited could go on now, as far as nobody knows what units it needs.
    pub fn has_room(&self, limits: &Limits, now: Moment) -> bool {
        let mut trial = *self;
        trial.enter(limits, 1, now, true).is_ok()
    }

    /// Has one more request wait, if so many may.
    pub fn join(&mut self, limits: &Limits) -> bool {
        let fits = self.waiting < limits.waiting;
        self.waiting += usize::from(fits);
        fits
    }

    /// A request that waited does so no more.
    pub fn stop_waiting(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// How many run.
    pub fn running(&self) -> usize {
        self.running
    }
}

#[cfg(test)]
mod tests;
