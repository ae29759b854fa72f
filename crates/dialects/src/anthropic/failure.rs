//! Errors: `{"type": "error", "error": {"type": …, "message": …}}`.

use conversation::failure::{Failure, FailureKind};
use conversation::json::write::ObjectWriter;
use conversation::object::Object;

/// What the words of `error.type` mean.
const WORDS: [(&str, FailureKind); 10] = [
    ("invalid_request_error", FailureKind::Invalid),
    ("authentication_error", FailureKind::Authentication),
    ("permission_error", FailureKind::Permission),
    ("billing_error", FailureKind::Billing),
    ("not_found_error", FailureKind::NotFound),
    ("request_too_large", FailureKind::TooLarge),
    ("rate_limit_error", FailureKind::RateLimit),
    ("overloaded_error", FailureKind::Overloaded),
    ("timeout_error", FailureKind::Timeout),
    ("api_error", FailureKind::Internal),
];

/// How the message begins that tells of an account without credit. Its type is that of a request that is wrong.
const NO_CREDIT: &str = "Your credit balance is too low";

/// Reads an error. A body of another form is told as it is.
pub(super) fn read(status: u16, body: &str) -> Failure {
    let plain = || Failure::new(FailureKind::of_status(status), body);
    let Ok(mut outer) = Object::read_leniently(body) else { return plain() };
    let Ok(Some(mut error)) = outer.object("error") else { return plain() };
    let Ok(message) = error.needed_text("message") else { return plain() };
    let word = error.text("type").ok().flatten();
    if message.starts_with(NO_CREDIT) {
        return Failure { kind: FailureKind::Billing, message, code: None };
    }
    let kind = word.as_ref().and_then(|word| WORDS.iter().find(|(known, _)| known == word)).map(|(_, kind)| *kind);
    // A word that is not known yet says more than nothing.
    let code = error.text("code").ok().flatten().or(word.filter(|_| kind.is_none()));
    Failure { kind: kind.unwrap_or_else(|| FailureKind::of_status(status)), message, code }
}

/// Writes an error, as a body or as the data of an event.
pub(super) fn write(failure: &Failure) -> String {
    let word = WORDS.iter().find(|(_, kind)| *kind == failure.kind).map_or("api_error", |(word, _)| *word);
    let mut error = ObjectWriter::new();
    error.text("type", word).text("message", &failure.message).text_if("code", failure.code.as_deref());
    let mut out = ObjectWriter::new();
    out.text("type", "error").object("error", error);
    out.finish()
}

#[cfg(test)]
mod tests;
