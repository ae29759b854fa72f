//! What one request of a client came to, whatever was asked for it: told once, when nothing of it is under way any more.

use base::clock;
use spending::Outcome;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CameTo {
    /// What all that was asked for it cost, in nano-dollars.
    pub cost: u64,
    /// How long it took until a model had answered, where one did.
    pub lasted: Option<Duration>,
    /// Whether no model answered though the client waited.
    pub failed: bool,
    /// Whether the answer was kept from before.
    pub cached: bool,
}

/// Whom it is told.
type Tell = Box<dyn FnOnce(CameTo) + Send + Sync>;

/// Where a request is booked beside the ledger. All that is asked for it shares one, and the last of them tells.
pub struct Booking {
    began: Instant,
    seen: Mutex<Seen>,
    tell: Option<Tell>,
}

#[derive(Default)]
struct Seen {
    came: CameTo,
    any: bool,
}

impl Booking {
    /// Nothing is asked yet. A request for which nobody is ever asked is not told.
    pub fn new(tell: impl FnOnce(CameTo) + Send + Sync + 'static) -> Self {
        Self { began: clock::now(), seen: Mutex::default(), tell: Some(Box::new(tell)) }
    }

    /// One that was asked for it has ended.
    pub(crate) fn ended(&self, outcome: Outcome, cost: u64) {
        if outcome == Outcome::Refused {
            return;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.any = true;
        seen.came.cost = seen.came.cost.saturating_add(cost);
        match outcome {
            Outcome::Answered => {
                seen.came.lasted = Some(clock::now().saturating_duration_since(self.began));
                seen.came.failed = false;
            }
            Outcome::Failed => seen.came.failed = seen.came.lasted.is_none(),
            Outcome::Cancelled | Outcome::Refused => {}
        }
    }

    /// The answer was kept from before.
    pub(crate) fn kept(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.any = true;
        seen.came.cached = true;
    }
}

impl Drop for Booking {
    fn drop(&mut self) {
        let seen = self.seen.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(tell) = self.tell.take().filter(|_| seen.any) {
            tell(seen.came);
        }
    }
}

#[cfg(test)]
mod tests;
