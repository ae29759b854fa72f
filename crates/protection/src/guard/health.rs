//! A question after an upstream's health: it says how it went, also when it is dropped.

use super::{Guard, lock};
use resilience::breaker::{Outcome, Pass};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A question that is under way.
pub struct Health {
    guard: Arc<Guard>,
    pass: Option<Pass>,
}

impl Health {
    pub(super) fn new(guard: Arc<Guard>, pass: Pass) -> Self {
        guard.tallies.asked.fetch_add(1, Ordering::Relaxed);
        Self { guard, pass: Some(pass) }
    }

    /// Takes whether the upstream answered; nothing where it could not be asked.
    pub fn answered(mut self, well: Option<bool>) {
        self.end(match well {
            Some(true) => Outcome::Alive,
            Some(false) => Outcome::Failed,
            None => Outcome::Unknown,
        });
    }

    fn end(&mut self, outcome: Outcome) {
        let Some(pass) = self.pass.take() else { return };
        let (guard, now) = (&self.guard, self.guard.now());
        let (before, after) = {
            let breaker = &mut lock(&guard.whole).breaker;
            let before = breaker.state();
            breaker.ended(&guard.protection.breaker, now, pass, outcome);
            (before, breaker.state())
        };
        guard.moved(None, before, after);
    }
}

impl Drop for Health {
    fn drop(&mut self) {
        self.end(Outcome::Unknown);
    }
}
