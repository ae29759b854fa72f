//! Why a store does not do what it is asked for, in a form to act upon.

use crate::{Digest, RunId, StepPath};
use base::{Code, Error};
use std::fmt::{Display, Formatter, Result as Written};

/// The result of whatever a store is asked for.
pub type Result<T, E = JournalError> = std::result::Result<T, E>;

/// Why a store does not do what it is asked for. Nothing of it is done then.
#[derive(Debug, Clone, PartialEq)]
pub enum JournalError {
    /// There is no such run.
    RunUnknown(RunId),
    /// The journal has grown meanwhile: load what is new and decide again.
    Conflict {
        /// Whose journal.
        run: RunId,
        /// The last entry that whoever asked knows.
        expected: u64,
        /// The last entry that there is.
        found: u64,
    },
    /// The lease is another's, or nobody's: whoever asked must not go on with this run.
    Fenced {
        /// The run.
        run: RunId,
        /// What whoever asked holds.
        held: u64,
        /// What there is.
        current: u64,
    },
    /// The run is at its end, and nothing is added to it.
    Finished(RunId),
    /// The step, or this attempt of it, has its result.
    ResultRecorded {
        /// The run.
        run: RunId,
        /// The step.
        step: StepPath,
    },
    /// What is said of the run holds already: it is cancelled, paused, or not paused.
    Repeated {
        /// The run.
        run: RunId,
        /// The word of the entry.
        word: &'static str,
    },
    /// Nothing is kept under this hash.
    DefinitionUnknown(Digest),
    /// No payload is kept under this digest.
    PayloadUnknown(Digest),
    /// It is malformed or too large: the cause, as a sentence.
    Invalid(String),
    /// What is kept cannot be read: the cause, as a sentence.
    Unreadable(String),
    /// The engine failed.
    Store(Error),
}

impl From<Error> for JournalError {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl From<JournalError> for Error {
    fn from(error: JournalError) -> Self {
        let (code, next) = match &error {
            JournalError::Store(inner) => return inner.clone(),
            JournalError::RunUnknown(_) => {
                (Code::RunUnknown, "list the runs that there are; those that ended long ago are removed")
            }
            JournalError::Repeated { .. } => {
                (Code::RunConflict, "look at the run as it is now: there is nothing to do")
            }
            JournalError::Conflict { .. } => (Code::RunConflict, "look at the run as it is now, then do it again"),
            JournalError::Fenced { .. } => {
                (Code::RunFenced, "leave the run to who has it now; it goes on from its last entry")
            }
            JournalError::Finished(_) => (Code::RunFinished, "start a new run, or fork one from a step of this run"),
            JournalError::ResultRecorded { .. } => {
                (Code::RunResultRecorded, "use the result that is recorded; a later one is never used")
            }
            JournalError::DefinitionUnknown(_) => {
                (Code::RunDefinitionUnknown, "keep the definition first, then start the run")
            }
            JournalError::PayloadUnknown(_) => {
                (Code::RunPayloadUnknown, "send the value itself; what no run has any more is removed")
            }
            JournalError::Invalid(_) => {
                (Code::RunEntryInvalid, "make it smaller, for instance by writing it to a file and passing its name on")
            }
            JournalError::Unreadable(_) => {
                (Code::JournalUnreadable, "run the Tutti that wrote it, or a newer one; else restore a backup")
            }
        };
        Error::new(code, error.to_string(), next)
    }
}

impl Display for JournalError {
    fn fmt(&self, out: &mut Formatter<'_>) -> Written {
        match self {
            Self::RunUnknown(run) => write!(out, "there is no run {run}"),
            Self::Conflict { run, expected, found } => {
                write!(
                    out,
                    "the journal of run {run} has {found} entries, and not {expected}: somebody else has added to it"
                )
            }
            Self::Fenced { run, held, current } => {
                write!(out, "the lease {held} of run {run} is over, and the last one was given out as {current}")
            }
            Self::Finished(run) => write!(out, "run {run} is at its end"),
            Self::ResultRecorded { run, step } => write!(out, "the step {step} of run {run} has its result"),
            Self::Repeated { run, word } => {
                write!(out, "run {run} is not {word} once more: it is so already")
            }
            Self::DefinitionUnknown(hash) => write!(out, "no definition of a workflow is kept under {hash}"),
            Self::PayloadUnknown(digest) => write!(out, "no payload is kept under {digest}"),
            Self::Invalid(cause) | Self::Unreadable(cause) => out.write_str(cause),
            Self::Store(error) => Display::fmt(error, out),
        }
    }
}

impl std::error::Error for JournalError {}

#[cfg(test)]
mod tests;
