//! What can go wrong.

use std::fmt::{Display, Formatter};

/// Why something was not done, for a person to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What to do about it, for programs.
    pub kind: FailureKind,
    /// What is the matter, as a sentence without a full stop. It quotes nothing that was not cleaned of control characters.
    pub cause: String,
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The model file is not whole, or says what no program would write.
    Broken,
    /// The model file is in order, but of a kind that is not run here.
    Unsupported,
    /// It would take more memory than is allowed.
    TooLarge,
    /// The template of chats cannot make a prompt of these messages.
    Template,
    /// The schema cannot be held to, or the answer not be held to it.
    Schema,
    /// The prompt is longer than the context.
    TooLong,
    /// A value of the request is none that it may have.
    Invalid,
    /// As many sessions are open as may be.
    Full,
    /// The graphics card that was asked for is not there, or cannot be used.
    NoCard,
    /// The graphics card failed at work: the model on it can answer nothing more.
    CardLost,
    /// A fault of the engine itself.
    Internal,
}

impl Failure {
    pub(crate) fn new(kind: FailureKind, cause: impl Into<String>) -> Self {
        Self { kind, cause: cause.into() }
    }

    pub(crate) fn broken(cause: impl Into<String>) -> Self {
        Self::new(FailureKind::Broken, cause)
    }

    pub(crate) fn unsupported(cause: impl Into<String>) -> Self {
        Self::new(FailureKind::Unsupported, cause)
    }
}

impl Display for Failure {
    fn fmt(&self, out: &mut Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.cause)
    }
}

impl std::error::Error for Failure {}

impl From<base::Error> for Failure {
    fn from(error: base::Error) -> Self {
        Self::new(FailureKind::Internal, error.message())
    }
}

impl From<cards::Failure> for Failure {
    fn from(failure: cards::Failure) -> Self {
        let kind = match failure.kind {
            cards::FailureKind::Unavailable => FailureKind::NoCard,
            cards::FailureKind::Memory | cards::FailureKind::Sizes | cards::FailureKind::Lost => FailureKind::CardLost,
        };
        Self::new(kind, failure.cause)
    }
}

/// A text of a file as it may stand in an error.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(80).collect()
}
