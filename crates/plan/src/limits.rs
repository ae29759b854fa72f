//! How much a plan may ask for. All that a stranger controls has an end.

use std::time::Duration;

/// The limits of plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Calls of one plan, with each item of a `for_each` counted.
    pub calls: usize,
    /// Calls of one plan at once.
    pub parallel: usize,
    /// Items of one `for_each`.
    pub items: usize,
    /// Bytes of the plan itself, and of the arguments of one call once they are filled in.
    pub size: usize,
    /// Bytes of results that are kept for references.
    pub kept: usize,
    /// Bytes of the results in the answer.
    pub answer: usize,
    /// How long a plan may run.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls: 100,
            parallel: 8,
            items: 100,
            size: 256 << 10,
            kept: 16 << 20,
            answer: 256 << 10,
            time: Duration::from_secs(600),
        }
    }
}

/// The deepest that a plan is nested.
pub(crate) const DEPTH: usize = 64;

/// The most references in one plan.
pub(crate) const REFERENCES: usize = 500;

/// The longest name of a step or a plan.
pub(crate) const NAME: usize = 64;

/// How many bytes of results are gone through for references, in all: many references into a large result are work.
pub(crate) const LOOKED: usize = 1 << 30;

/// The most faults that are told of at once.
pub(crate) const FAULTS: usize = 20;
