//! Errors.

use super::Object;
use conversation::failure::{Failure, FailureKind};
use conversation::json::write::ObjectWriter;

/// What errors are called in `type`.
const WORDS: [(FailureKind, &str); 10] = [
    (FailureKind::Invalid, "invalid_request_error"),
    (FailureKind::Authentication, "authentication_error"),
    (FailureKind::Permission, "permission_error"),
    (FailureKind::Billing, "insufficient_quota"),
    (FailureKind::NotFound, "not_found_error"),
    (FailureKind::TooLarge, "request_too_large"),
    (FailureKind::RateLimit, "rate_limit_error"),
    (FailureKind::Overloaded, "overloaded_error"),
    (FailureKind::Timeout, "timeout_error"),
    (FailureKind::Internal, "server_error"),
];
/// Codes that say more than the type, or stand where there is none.
const CODES: [(&str, FailureKind); 8] = [
    ("insufficient_quota", FailureKind::Billing),
    ("billing_hard_limit_reached", FailureKind::Billing),
    ("rate_limit_exceeded", FailureKind::RateLimit),
    ("server_error", FailureKind::Internal),
    ("vector_store_timeout", FailureKind::Timeout),
    ("model_not_found", FailureKind::NotFound),
    ("invalid_api_key", FailureKind::Authentication),
    ("server_is_overloaded", FailureKind::Overloaded),
];

/// What an error of this kind is called.
fn word(kind: FailureKind) -> &'static str {
    WORDS.iter().find(|(known, _)| *known == kind).map_or("server_error", |(_, word)| word)
}

/// The kind of an error in a stream, where no status says it.
fn kind_of(word: Option<&str>, code: Option<&str>) -> FailureKind {
    let by_code = CODES.iter().find(|(known, _)| Some(*known) == code).map(|(_, kind)| *kind);
    let by_word = || WORDS.iter().find(|(_, known)| Some(*known) == word).map(|(kind, _)| *kind);
    // An image or a prompt that cannot be taken has a code of its own, and there are many.
    let by_form =
        || code.filter(|code| code.contains("image") || code.starts_with("invalid")).map(|_| FailureKind::Invalid);
    by_code.or_else(by_word).or_else(by_form).unwrap_or(FailureKind::Internal)
}

/// What an error object says: its `type`, its code and its message.
fn parts(mut error: Object<'_>) -> (Option<String>, Option<String>, Option<String>) {
    let mut take = |name: &str| error.text(name).ok().flatten();
    (take("type"), take("code"), take("message"))
}

/// Reads the body of an answer that is an error. `status` is its HTTP status.
pub fn read_failure(status: u16, body: &str) -> Failure {
    let by_status = FailureKind::of_status(status);
    let Ok(mut object) = Object::read_leniently(body) else { return Failure::new(by_status, body) };
    let (word, code, message) = match object.object("error") {
        Ok(Some(error)) => parts(error),
        _ => (None, None, object.text("error").ok().flatten()),
    };
    let quota = [&word, &code].into_iter().flatten().any(|word| kind_of(None, Some(word)) == FailureKind::Billing);
    let kind = if quota { FailureKind::Billing } else { by_status };
    Failure { kind, message: message.unwrap_or_else(|| body.to_owned()), code }
}

/// Writes the body of an answer that is an error.
pub fn write_failure(failure: &Failure) -> String {
    let mut out = ObjectWriter::new();
    out.object("error", object(failure));
    out.finish()
}

/// The error object of a body, and of the event `error`.
pub(super) fn object(failure: &Failure) -> ObjectWriter {
    let mut error = ObjectWriter::new();
    error.text("message", &failure.message).text("type", word(failure.kind)).raw("param", "null");
    error.text_if("code", failure.code.as_deref()).raw("code", "null");
    error
}

/// The error object of a response that failed.
pub(super) fn of_response(failure: &Failure) -> String {
    let mut error = ObjectWriter::new();
    let code = match failure.kind {
        FailureKind::RateLimit => "rate_limit_exceeded",
        kind => word(kind),
    };
    error.text("code", failure.code.as_deref().unwrap_or(code)).text("message", &failure.message);
    error.finish()
}

/// What the event `error` says, in whose object the parts stand or in an object inside; or the error of a response.
pub(super) fn in_stream(mut object: Object<'_>, whole: &str) -> Failure {
    let inside = object.object("error").ok().flatten();
    let (word, code, message) = match inside {
        Some(error) => parts(error),
        None => {
            let (_, code, message) = parts(object);
            (None, code, message)
        }
    };
    let kind = kind_of(word.as_deref(), code.as_deref());
    Failure { kind, message: message.unwrap_or_else(|| whole.to_owned()), code }
}
