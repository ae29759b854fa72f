//! What clients of models ask for, and nobody answers.

use crate::Dialect;
use base::{Code, Error};
use inspection::path::Path;

/// The most characters of a path that are told.
const LONGEST: usize = 100;

/// Why a request for `path` is not answered: [`Code::ModelDialect`], [`Code::PathNotFound`] or [`Code::MethodNotAllowed`].
pub fn unserved(path: &Path, head: &http::request::Parts) -> Error {
    let told: String = head.uri.path().chars().take(LONGEST).collect();
    match path {
        Path::Beside(Dialect::OpenAiResponses) if !told.ends_with("/compact") => {
            let message =
                format!("responses and conversations are kept by the provider that answered, and {told} asks the hub");
            let next = "send all of the conversation as `input`; what a provider keeps is read and ended there";
            Error::new(Code::ModelDialect, message, next)
        }
        Path::Beside(_) => {
            let message =
                format!("the hub passes requests for models on, and nothing else: no provider is asked for {told}");
            let next = "send what you have in the request itself, or ask the provider; docs/guide/models.md has the paths of models";
            Error::new(Code::ModelDialect, message, next)
        }
        // A method of Gemini that is not known, and no model.
        Path::One(_, name) if name.contains(':') => {
            let message = format!("nothing is served under {told}");
            Error::new(Code::PathNotFound, message, "see docs/guide/models.md for the paths of models")
        }
        Path::Model(..) | Path::List(_) | Path::One(..) => {
            let message = format!("the method {} is not served here", head.method);
            let next = "send POST to ask a model, and GET for a list of models";
            Error::new(Code::MethodNotAllowed, message, next)
        }
    }
}
