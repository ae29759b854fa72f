//! How often a step is done, and what happens when it fails.

use super::{Input, Name};
use crate::template::Template;
use serde::{Deserialize, Serialize};

/// A step is done for each of some items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForEach {
    /// The items.
    pub items: Input,
    /// What templates call an item; `item` where nothing is said.
    pub variable: String,
    /// How many at once.
    pub concurrency: u32,
    /// How many items there may be.
    pub most: u32,
    /// What happens when one fails.
    pub on_failure: ItemFailure,
}

/// What happens when an item of a `for_each` fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemFailure {
    /// The step fails.
    Fail,
    /// The others go on; the item's output is null.
    Continue,
    /// So many may fail, with null as their output; with one more the step fails.
    Tolerate(u32),
}

/// A step is done again until something holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Repeat {
    /// What must hold, looked at after each round.
    pub until: Template,
    /// How many rounds there may be; with one more the step fails.
    pub most: u32,
    /// How long is waited between two rounds, in milliseconds.
    pub delay: Option<u64>,
}

/// When a step is tried again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Retry {
    /// How many attempts there are in all.
    pub attempts: u32,
    /// How long is waited between two.
    pub backoff: Backoff,
    /// The identifiers of the error codes after which it is tried again. Empty: after all that may pass.
    pub on: Vec<String>,
}

/// How long is waited between two attempts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Backoff {
    /// After the first attempt, in milliseconds.
    pub first: u64,
    /// How many times longer after each further one.
    pub factor: f64,
    /// Never longer than this, in milliseconds.
    pub most: u64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: 1_000, factor: 2.0, most: 60_000 }
    }
}

impl Backoff {
    /// How long is waited after the attempt with this number, from 1, in milliseconds.
    pub fn after(&self, attempt: u32) -> u64 {
        let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
        let wait = self.first as f64 * self.factor.powi(exponent);
        // A float that is too large becomes the largest number, and then the limit.
        (wait as u64).min(self.most)
    }
}

/// What happens when a step fails for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// The run fails.
    Fail,
    /// The run goes on; the step's output is null.
    Continue,
    /// This step is done instead, and what it gives counts as the output of the one that failed.
    Step(Name),
}

/// What a run may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RunBudget {
    /// Money, in billionths of a dollar.
    pub money: Option<u64>,
    /// Tokens, read and written.
    pub tokens: Option<u64>,
    /// Time from the start, waits for people not counted, in milliseconds.
    pub time: Option<u64>,
}

impl RunBudget {
    /// Whether nothing is limited.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
