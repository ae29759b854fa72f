//! The state of one tool of an upstream.

use super::{Guard, lock};
use crate::settings::{Protection, Says};
use base::{Error, Result};
use resilience::Moment;
use resilience::breaker::{self, Breaker, Pass, Verdict};
use resilience::bucket::Bucket;
use resilience::bulkhead::{self, Entry, Limits};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One tool, or one method that is no tool's.
pub(super) struct Tool {
    pub(super) name: String,
    pub(super) says: Says,
    /// How its breaker behaves.
    pub(super) settings: breaker::Settings,
    pub(super) breaker: Mutex<Breaker>,
    bucket: Mutex<Bucket>,
    pub(super) running: AtomicUsize,
}

impl Tool {
    /// A tool that is protected as `protection` says, with a breaker that `make` gives.
    pub(super) fn new(name: &str, protection: &Protection, make: impl FnOnce(&breaker::Settings) -> Breaker) -> Self {
        let says = protection.of(name);
        let settings = says.breaker.unwrap_or(protection.breaker);
        Self {
            name: name.to_owned(),
            says,
            settings,
            breaker: Mutex::new(make(&settings)),
            bucket: Mutex::default(),
            running: AtomicUsize::new(0),
        }
    }

    /// Lets a call of this tool through.
    pub(super) fn enter(&self, guard: &Guard, now: Moment, chance: f64) -> Result<Pass, Error> {
        if let Some(limit) = self.says.calls {
            let limits = Limits { running: limit, waiting: 0 };
            if bulkhead::enter(&limits, self.running.load(Ordering::Relaxed), 0) != Entry::Run {
                return Err(guard.crowded(&self.name, limit));
            }
        }
        if let Some(rate) = &self.says.rate {
            let answer = lock(&self.bucket).take(rate, now);
            if !answer.passes {
                return Err(guard.limited(Some(&self.name), rate, &answer));
            }
        }
        let settings = &self.settings;
        let mut breaker = lock(&self.breaker);
        match breaker.admit(settings, now, chance) {
            Verdict::Pass(pass) => {
                self.running.fetch_add(1, Ordering::Relaxed);
                Ok(pass)
            }
            Verdict::Reject { retry_after } => {
                let parts = breaker.parts(settings, now);
                drop(breaker);
                Err(guard.held_back(Some(&self.name), &parts, retry_after))
            }
        }
    }
}
