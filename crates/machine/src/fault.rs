//! Why a step or a run failed.

use base::{Code, Error};
use journal::Kind;
use serde_json::{Value, json};

/// Why a step or a run failed, as its journal has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The code, such as `T-0204`.
    pub code: String,
    /// What happened.
    pub message: String,
}

/// What stands in the journal of a call that ended without an answer.
const LEFT: &str = "the call ended without an answer";

/// A call ended without an answer: it was given up, or broke off.
pub fn left() -> Fault {
    Fault::new(Code::Internal, LEFT)
}

/// Whether a failure with this code and message is that of a call that ended without an answer.
pub fn is_left(code: &str, message: &str) -> bool {
    code == Code::Internal.id() && message == LEFT
}

impl Fault {
    /// A fault with the code `code`.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code: code.id().to_owned(), message: message.into() }
    }

    /// The fault as templates and the end of a run have it.
    pub fn value(&self) -> Value {
        json!({"code": self.code, "message": self.message})
    }

    /// The failure as entries have it, its message as long as they take it.
    pub fn failed(&self) -> Kind {
        Kind::Failed { code: self.code.clone(), message: journal::shortened(self.message.clone()) }
    }

    /// Whether the same may go well when it is done again: what was busy, late or out of reach, and failures of what is
    /// called. What Tutti does not know may pass too.
    pub fn may_pass(&self) -> bool {
        Code::find(&self.code).is_none_or(|code| code.exit() == 7 || (code.exit() == 1 && code.http_status() >= 500))
    }
}

impl From<&Error> for Fault {
    fn from(error: &Error) -> Self {
        Self::new(error.code(), error.message())
    }
}
