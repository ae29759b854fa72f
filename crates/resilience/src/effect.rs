//! What doing a step of a durable run twice means.
//!
//! The class of a call in [`crate::retry`] is another: a call always asks somebody, so that none is pure, and people write
//! `write` for it where they configure servers, which here says too little.

use serde::{Deserialize, Serialize};

/// The class of a step's effect, from the mildest to the strictest. It decides what happens to an attempt of which nobody
/// knows after a crash whether it was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing outside is asked: a template, a choice, a wait. It is done again.
    Pure,
    /// It changes nothing outside; it may cost money. It is done again.
    Read,
    /// Done twice with the same key, it is as done once. It is tried again with the same key.
    Idempotent,
    /// Done twice, it may be done twice. It is never repeated silently.
    Unsafe,
}

impl Effect {
    /// All of them, from the mildest to the strictest.
    pub const ALL: [Effect; 4] = [Effect::Pure, Effect::Read, Effect::Idempotent, Effect::Unsafe];

    /// The word for it in files and output.
    pub const fn word(self) -> &'static str {
        match self {
            Effect::Pure => "pure",
            Effect::Read => "read",
            Effect::Idempotent => "idempotent",
            Effect::Unsafe => "unsafe",
        }
    }

    /// What follows from it, in words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Effect::Pure => "has no effect outside, and is simply done again after a crash",
            Effect::Read => "changes nothing outside, and is simply done again after a crash",
            Effect::Idempotent => "is tried again after a crash with the same idempotency key",
            Effect::Unsafe => "is not repeated after a crash until its rule for doubt has decided",
        }
    }
}
