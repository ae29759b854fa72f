//! What can go wrong.

use std::fmt::{Display, Formatter};

/// Why something was not done, for a person to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What to do about it, for programs.
    pub kind: FailureKind,
    /// What is the matter, as a sentence without a full stop.
    pub cause: String,
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// This was built without cards, or the machine has no OpenCL, or the device is not one that can be used.
    Unavailable,
    /// What shall go there does not fit the memory of the card.
    Memory,
    /// Sizes do not fit each other: a fault of who asks.
    Sizes,
    /// The card or its driver failed at work. Nothing that is on it can be relied on any more.
    Lost,
}

impl Failure {
    pub(crate) fn new(kind: FailureKind, cause: impl Into<String>) -> Self {
        Self { kind, cause: cause.into() }
    }
}

impl Display for Failure {
    fn fmt(&self, out: &mut Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.cause)
    }
}

impl std::error::Error for Failure {}
