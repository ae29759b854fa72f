//! Whether a deployment may be asked now.

use crate::failure::Failure;
use base::clock;
use resilience::Moment;
use resilience::breaker::{self, Breaker, Outcome, Pass, Verdict};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The longest that a provider may ask to be left alone: what it says is a stranger's number.
const LONGEST_PAUSE: Moment = Moment::from_secs(600);

/// The golden ratio less one, as a part of 2³².
const GOLDEN: u32 = 2_654_435_769;

/// How breakers of deployments behave. How long an answer takes is the model's and the question's affair, so that many
/// slow ones at once are no jam.
fn settings() -> breaker::Settings {
    breaker::Settings { jam_least: u32::MAX, ..breaker::Settings::default() }
}

/// The breaker of a deployment.
#[derive(Debug)]
pub(crate) struct Gate {
    breaker: Mutex<Breaker>,
    /// How many requests came.
    came: AtomicU32,
    began: Instant,
}

impl Gate {
    /// One that is open for all.
    pub(crate) fn new() -> Arc<Self> {
        let breaker = Mutex::new(Breaker::new(&settings(), Moment::ZERO));
        Arc::new(Self { breaker, came: AtomicU32::new(0), began: clock::now() })
    }

    /// Lets a request through, or says after which time to ask again.
    pub(crate) fn enter(self: &Arc<Self>) -> Result<Guard, Moment> {
        let now = self.now();
        // Multiples of the golden ratio, without what is before the point, fill 0..1 evenly: of any few requests in a row
        // that share is let through which is meant, where random numbers would do so in the long run only.
        let dice = self.came.fetch_add(1, Ordering::Relaxed).wrapping_mul(GOLDEN);
        let dice = f64::from(dice) / 4_294_967_296.0;
        match self.lock().admit(&settings(), now, dice) {
            Verdict::Pass(pass) => Ok(Guard { gate: Arc::clone(self), entered: now, pass: Some(pass) }),
            Verdict::Reject { retry_after } => Err(retry_after),
        }
    }

    fn now(&self) -> Moment {
        clock::now().saturating_duration_since(self.began)
    }

    fn lock(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that was let through. Dropped without a word, it says nothing of the deployment.
pub(crate) struct Guard {
    gate: Arc<Gate>,
    entered: Moment,
    pass: Option<Pass>,
}

impl Guard {
    /// The deployment did what it should, or not.
    pub(crate) fn ended(mut self, well: bool) {
        let lasted = self.gate.now().saturating_sub(self.entered);
        self.end(if well { Outcome::Worked(lasted) } else { Outcome::Failed });
    }

    /// The deployment gave no answer.
    pub(crate) fn failed(mut self, failure: &Failure) {
        if let Some(wait) = failure.error.retry_after() {
            let until = self.gate.now() + wait.min(LONGEST_PAUSE);
            self.gate.lock().pause(until);
        }
        self.end(if failure.counts { Outcome::Failed } else { Outcome::Unknown });
    }

    fn end(&mut self, outcome: Outcome) {
        if let Some(pass) = self.pass.take() {
            let now = self.gate.now();
            self.gate.lock().ended(&settings(), now, pass, outcome);
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.end(Outcome::Unknown);
    }
}
