//! Whether a call that failed is sent again, and when.
//!
//! What was never begun may always be sent again. What may have been begun is sent again only if doing it twice is the
//! same as doing it once. What was answered is answered, unless the answer says that the server was at fault.

use crate::Moment;
use crate::budget::{self, Budget};
use std::time::Duration;

/// What doing a call twice means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It changes nothing.
    Read,
    /// Done twice, it is as done once.
    Idempotent,
    /// Done twice, it may be done twice. Whatever nobody said anything about is this.
    Write,
}

impl Effect {
    /// The word for it in configuration and output.
    pub const fn word(self) -> &'static str {
        match self {
            Effect::Read => "read",
            Effect::Idempotent => "idempotent",
            Effect::Write => "write",
        }
    }

    /// Whether a call that may have been begun may be sent again.
    pub const fn repeats(self) -> bool {
        matches!(self, Effect::Read | Effect::Idempotent)
    }
}

/// How far a call came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// It was not sent, so sending it is no repeat.
    NotSent,
    /// It was refused before it was begun.
    NotBegun,
    /// It may have been begun, and its answer did not come.
    MayHaveBegun,
    /// The server said that it failed at it, by a fault of its own.
    Faulty,
    /// It was answered, or failed for a reason that stays.
    Final,
}

/// How often and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How often a call is sent, with the first time.
    pub attempts: u32,
    /// The longest wait after the first failure; it doubles with each.
    pub first: Duration,
    /// The longest wait of all, also when the server asks for more.
    pub longest: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { attempts: 3, first: Duration::from_millis(50), longest: Duration::from_secs(5) }
    }
}

/// A call that failed.
#[derive(Debug, Clone, Copy)]
pub struct Failure {
    /// What doing it twice means.
    pub effect: Effect,
    /// How far it came.
    pub reach: Reach,
    /// How often it failed in this way, with this time.
    pub attempts: u32,
    /// How long the server asks to be left alone.
    pub asked: Option<Duration>,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Send it again after this time.
    Again(Duration),
    /// Give up.
    GiveUp(Reason),
}

/// Why a call is not sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It might be done twice, or the failure would be the same.
    Effect,
    /// It was sent as often as it may be.
    Attempts,
    /// The server asks for a longer wait than a client is let wait.
    Wait,
    /// So many calls were repeated lately that one more would make it worse.
    Budget,
}

/// Decides. `random` in 0..1 spreads the repeats of many callers over the whole wait ("full jitter").
pub fn decide(
    settings: &Settings,
    failure: &Failure,
    (budget, limits): (&mut Budget, &budget::Settings),
    now: Moment,
    random: f64,
) -> Decision {
    let allowed = match failure.reach {
        Reach::NotSent | Reach::NotBegun => true,
        Reach::MayHaveBegun | Reach::Faulty => failure.effect.repeats(),
        Reach::Final => false,
    };
    if !allowed {
        return Decision::GiveUp(Reason::Effect);
    }
    if failure.attempts >= settings.attempts {
        return Decision::GiveUp(Reason::Attempts);
    }
    if failure.asked.is_some_and(|asked| asked > settings.longest) {
        return Decision::GiveUp(Reason::Wait);
    }
    if failure.reach == Reach::NotSent {
        return Decision::Again(failure.asked.unwrap_or_default());
    }
    if !budget.spend(limits, now) {
        return Decision::GiveUp(Reason::Budget);
    }
    let doubled = settings.first.saturating_mul(1 << failure.attempts.saturating_sub(1).min(20));
    let spread = doubled.min(settings.longest).mul_f64(random.clamp(0.0, 1.0));
    // Not earlier than the server asked for; a little later, so that not all come back at once.
    let wait = failure.asked.map_or(spread, |asked| asked.saturating_add(spread.min(settings.first)));
    Decision::Again(wait)
}

#[cfg(test)]
mod tests;
