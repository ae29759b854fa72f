//! The errors of this crate.

use base::{Code, Error};

/// Why an operation cannot be served, in words that follow "because".
pub(crate) type Fault = String;

/// How many characters of a stranger's word an error repeats.
const SHOWN: usize = 80;

/// A stranger's word, fit to stand in an error.
pub(crate) fn shown(text: &str) -> String {
    let mut kept: String = text.chars().filter(|character| !character.is_control()).take(SHOWN).collect();
    if text.chars().count() > SHOWN {
        kept.push('…');
    }
    kept
}

/// The error for an argument that cannot be sent.
pub(crate) fn argument(name: &str, why: &str, next: &str) -> Error {
    Error::new(Code::OpenApiArgument, format!("the argument `{}` {why}", shown(name)), next)
}

/// The error for a document that is none.
pub(crate) fn document(message: String, next: &str) -> Error {
    Error::new(Code::OpenApiDocument, message, next)
}
