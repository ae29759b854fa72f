//! The state of an upstream, and what each event makes of it. Pure: time comes in with the event.
//!
//! ```text
//!            wanted                 started
//!   idle ───────────► starting ───────────────► ready ◄────► degraded
//!    ▲                  │    │                    │  a call failed / worked
//!    │ quiet, elapsed   │    │ for good           │ ended
//!    │                  ▼    ▼                    ▼
//!    └───────────── backing off    refused    backing off
//! ```
//!
//! *Ready* has one meaning: a call works. Whatever puts that in doubt leads out of it.

use std::time::{Duration, Instant};

/// Where an upstream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing runs; the next call starts it.
    Idle,
    /// It is being started.
    Starting,
    /// A call works.
    Ready,
    /// It runs, but the last call or list failed.
    Degraded,
    /// It failed and is not tried again before this moment.
    BackingOff(Instant),
    /// It cannot work before something outside changes: the command does not exist, the credential is not taken.
    Refused(Instant),
    /// Switched off in the configuration.
    Disabled,
}

impl State {
    /// The words for all states.
    pub const WORDS: [&'static str; 7] =
        ["idle", "starting", "ready", "degraded", "backing_off", "refused", "disabled"];

    /// The word for the state in output.
    pub const fn word(self) -> &'static str {
        match self {
            State::Idle => "idle",
            State::Starting => "starting",
            State::Ready => "ready",
            State::Degraded => "degraded",
            State::BackingOff(_) => "backing_off",
            State::Refused(_) => "refused",
            State::Disabled => "disabled",
        }
    }

    /// Whether there is a connection to use.
    pub const fn is_live(self) -> bool {
        matches!(self, State::Ready | State::Degraded)
    }
}

/// What happened to an upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A call wants it.
    Wanted,
    /// A person wants it now, whatever happened before.
    Told,
    /// It is connected and its lists are known; or connected with lists that failed.
    Started {
        /// Whether the lists could be read.
        whole: bool,
    },
    /// It could not be started.
    StartFailed {
        /// Whether trying again without a change outside is of use.
        for_good: bool,
    },
    /// Its process or connection ended by itself.
    Ended,
    /// A call or list failed in a way that is the upstream's fault.
    Failed,
    /// A call or list worked.
    Worked,
    /// Nobody has used it for long.
    Quiet,
    /// The moment that it waited for has come.
    Elapsed,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    Nothing,
    /// Start it.
    Start,
    /// End it.
    Stop,
}

/// How long it waits between attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// After the first failure.
    pub first: Duration,
    /// At most.
    pub max: Duration,
}

impl Backoff {
    /// The wait after so many failures before this one.
    fn wait(&self, failures: u32) -> Duration {
        self.first.saturating_mul(1 << failures.min(20)).min(self.max)
    }
}

/// How many times as long as it was waited for an upstream must have run for its end to count as a first failure again:
/// one that ends now and then is back at once, one that keeps ending is waited for longer and longer.
const STABLE: u32 = 10;

/// Having run so long is always enough.
const LONG: Duration = Duration::from_secs(30);

/// How long a refusal stands before a call may try again.
const REFUSAL: Duration = Duration::from_secs(30);

/// The state machine of one upstream.
#[derive(Debug, Clone)]
pub struct Machine {
    state: State,
    backoff: Backoff,
    failures: u32,
    since: Instant,
}

impl Machine {
    /// A machine at rest.
    pub fn new(enabled: bool, backoff: Backoff, now: Instant) -> Self {
        let state = if enabled { State::Idle } else { State::Disabled };
        Self { state, backoff, failures: 0, since: now }
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Since when it has stood there.
    pub fn since(&self) -> Instant {
        self.since
    }

    /// Failures in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Takes an event. `jitter` in 0..=1 spreads the attempts of many hubs over a quarter of the waiting time.
    pub fn step(&mut self, event: Event, now: Instant, jitter: f64) -> Action {
        use State::{BackingOff, Degraded, Disabled, Idle, Ready, Refused, Starting};
        let (next, action) = match (self.state, event) {
            (Disabled, _) => return Action::Nothing,
            (Idle, Event::Wanted | Event::Told) => (Starting, Action::Start),
            (BackingOff(_) | Refused(_), Event::Told) => (Starting, Action::Start),
            (BackingOff(until) | Refused(until), Event::Wanted) if now >= until => (Starting, Action::Start),
            (BackingOff(_), Event::Elapsed) => (Idle, Action::Nothing),
            (Starting, Event::Started { whole: true }) => (Ready, Action::Nothing),
            (Starting, Event::Started { whole: false }) => (Degraded, Action::Nothing),
            (Starting, Event::StartFailed { for_good: true }) => (Refused(now + REFUSAL), Action::Nothing),
            (Starting, Event::StartFailed { for_good: false }) => (self.back_off(now, jitter), Action::Nothing),
            (Ready | Degraded, Event::Ended) => {
                let waited = self.backoff.wait(self.failures.saturating_sub(1));
                if now.duration_since(self.since) >= waited.saturating_mul(STABLE).min(LONG) {
                    self.failures = 0;
                }
                (self.back_off(now, jitter), Action::Stop)
            }
            (Ready, Event::Failed) => (Degraded, Action::Nothing),
            (Degraded, Event::Worked) => (Ready, Action::Nothing),
            (Ready | Degraded, Event::Quiet) => (Idle, Action::Stop),
            (Ready | Degraded, Event::Told) => (Starting, Action::Start),
            _ => return Action::Nothing,
        };
        let stays_connected = self.state.is_live() && next.is_live();
        if !stays_connected {
            self.since = now;
        }
        self.state = next;
        action
    }

    /// A call that worked ends a row of failures.
    pub fn forgive(&mut self) {
        self.failures = 0;
    }

    fn back_off(&mut self, now: Instant, jitter: f64) -> State {
        let wait = self.backoff.wait(self.failures);
        self.failures += 1;
        State::BackingOff(now + wait + wait.mul_f64(jitter.clamp(0.0, 1.0) / 4.0))
    }
}

#[cfg(test)]
mod tests;
