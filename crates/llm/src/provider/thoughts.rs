//! How Ollama says that a model does not think: it knows that of each, and refuses a request that wants thoughts of one that has
//! none (<https://github.com/ollama/ollama/issues/11439>). What is translated is asked once more without the wish.

use crate::failure::Failure;
use base::Code;

/// Whether that is why a request was refused.
pub(super) fn are_refused(failure: &Failure) -> bool {
    failure.error.code() == Code::ModelRefused && are_said(failure.error.message())
}

/// Whether that is what an error says: of thoughts at all, or of a word for how hard.
fn are_said(message: &str) -> bool {
    message.contains("does not support thinking")
        || (message.contains("think value") && message.contains("is not supported for this model"))
}

#[cfg(test)]
mod tests;
