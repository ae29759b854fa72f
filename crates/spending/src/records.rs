//! What is kept of requests: sums by the hour for ever, and the last of them one by one.

mod buffer;
mod chunk;
mod recorder;
mod runs;
mod tables;
mod usage;

pub(crate) use recorder::Recorder;
pub use usage::{Group, Question, Row};

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was answered.
    Answered,
    /// It failed at a provider or on the way.
    Failed,
    /// The client hung up before the end.
    Cancelled,
    /// It was not let through, for instance by a budget.
    Refused,
}

/// What a request was, used and cost. Names that do not apply are empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When it came, in milliseconds since 1970.
    pub at: u64,
    /// Whose key it came with.
    pub principal: Arc<str>,
    /// The team of that key.
    pub team: Arc<str>,
    /// The model that was asked for.
    pub model: Arc<str>,
    /// The deployment that answered.
    pub deployment: Arc<str>,
    /// The provider of that deployment.
    pub provider: Arc<str>,
    /// The run that it is part of.
    pub run: Arc<str>,
    /// Tokens of the request that were read anew.
    pub input: u64,
    /// Tokens of the answer, with those of its reasoning.
    pub output: u64,
    /// Tokens of the request that came from the provider's cache.
    pub cache_read: u64,
    /// Tokens of the request that went into the provider's cache.
    pub cache_write: u64,
    /// Tokens of the answer that were reasoning.
    pub reasoning: u64,
    /// What it cost, in nano-dollars.
    pub cost: u64,
    /// Which prices that was reckoned with.
    pub price_version: Arc<str>,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether tokens were estimated because the provider did not say.
    pub estimated: bool,
    /// From the request to the end of the answer, in milliseconds.
    pub latency_ms: u64,
    /// From the request to the first token, in milliseconds; nothing if there was none.
    pub first_token_ms: Option<u64>,
    /// Whether it was answered from the hub's own cache.
    pub cached: bool,
}

impl Outcome {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Outcome::Answered => "answered",
            Outcome::Failed => "failed",
            Outcome::Cancelled => "cancelled",
            Outcome::Refused => "refused",
        }
    }
}

#[cfg(test)]
mod tests;
