//! Whether a deployment may be asked now.

use base::clock;
use resilience::Moment;
use resilience::breaker::{self, Breaker, Outcome, Pass, Verdict};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The longest that a provider may ask to be left alone: what it says is a stranger's number.
pub(crate) const LONGEST_PAUSE: Moment = Moment::from_secs(600);

/// How breakers of deployments behave. How long an answer takes is the model's and the question's affair, so that many
/// slow ones at once are no jam.
fn settings() -> breaker::Settings {
    breaker::Settings { jam_least: u32::MAX, ..breaker::Settings::default() }
}

/// How a deployment is protected at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Held {
    /// The state of its breaker: `closed`, `limited` or `open`.
    pub state: &'static str,
    /// The share of requests that is let through, 0..1.
    pub share: f64,
    /// For how long the provider has asked for a pause, if it has.
    pub paused: Option<Duration>,
}

/// Why a request is not let through, and after which time to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    /// The provider has asked for a pause.
    Paused(Moment),
    /// It fails too often.
    Failing(Moment),
}

/// The breaker of a deployment.
#[derive(Debug)]
pub(crate) struct Gate {
    breaker: Mutex<Breaker>,
    began: Instant,
}

impl Gate {
    /// One that is open for all.
    pub(crate) fn new() -> Arc<Self> {
        let breaker = Mutex::new(Breaker::new(&settings(), Moment::ZERO));
        Arc::new(Self { breaker, began: clock::now() })
    }

    /// Lets a request through at `now`, or says why not. `dice` is in 0..1. As a `last_resort` it goes to a deployment that fails too.
    pub(crate) fn enter(self: &Arc<Self>, now: Instant, dice: f64, last_resort: bool) -> Result<Guard, Closed> {
        let now = self.moment(now);
        let mut breaker = self.lock();
        let is_paused = breaker.is_paused(now);
        let pass = match breaker.admit(&settings(), now, dice) {
            Verdict::Pass(pass) => Ok(pass),
            Verdict::Reject { retry_after } if is_paused => Err(Closed::Paused(retry_after)),
            Verdict::Reject { retry_after } => {
                let forced = if last_resort { breaker.force(now) } else { None };
                forced.ok_or(Closed::Failing(retry_after))
            }
        };
        Ok(Guard { gate: Arc::clone(self), entered: now, pass: Some(pass?) })
    }

    /// Whether nothing is let through now but perhaps a probe.
    pub(crate) fn is_closed(&self) -> bool {
        let now = self.now();
        let breaker = self.lock();
        breaker.is_paused(now) || breaker.state() == breaker::State::Open
    }

    /// How it stands.
    pub(crate) fn held(&self) -> Held {
        let parts = self.lock().parts(&settings(), self.now());
        Held { state: parts.state.word(), share: parts.share, paused: parts.paused_for }
    }

    fn now(&self) -> Moment {
        self.moment(clock::now())
    }

    fn moment(&self, now: Instant) -> Moment {
        now.saturating_duration_since(self.began)
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
    /// The deployment did what it should until `now`, or not.
    pub(crate) fn ended(mut self, now: Instant, well: bool) {
        let now = self.gate.moment(now);
        let lasted = now.saturating_sub(self.entered);
        self.end(now, if well { Outcome::Worked(lasted) } else { Outcome::Failed });
    }

    /// The deployment gave no answer, which `counts` against it or not, and wants to be left alone for a while.
    pub(crate) fn failed(mut self, pause: Option<Duration>, counts: bool) {
        let now = self.gate.now();
        if let Some(wait) = pause {
            self.gate.lock().pause(now + wait.min(LONGEST_PAUSE));
        }
        self.end(now, if counts { Outcome::Failed } else { Outcome::Unknown });
    }

    fn end(&mut self, now: Moment, outcome: Outcome) {
        if let Some(pass) = self.pass.take() {
            self.gate.lock().ended(&settings(), now, pass, outcome);
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.pass.is_some() {
            self.end(self.gate.now(), Outcome::Unknown);
        }
    }
}
