//! Errors: `google.rpc.Status` in `error`, which some paths put into a list.

use conversation::failure::{Failure, FailureKind};
use conversation::json::elements;
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::object::Object;

/// The words of `google.rpc.Code`, and what they mean.
const WORDS: [(&str, FailureKind); 16] = [
    ("INVALID_ARGUMENT", FailureKind::Invalid),
    ("FAILED_PRECONDITION", FailureKind::Invalid),
    ("OUT_OF_RANGE", FailureKind::Invalid),
    ("ALREADY_EXISTS", FailureKind::Invalid),
    ("UNIMPLEMENTED", FailureKind::Invalid),
    ("UNAUTHENTICATED", FailureKind::Authentication),
    ("PERMISSION_DENIED", FailureKind::Permission),
    ("NOT_FOUND", FailureKind::NotFound),
    ("RESOURCE_EXHAUSTED", FailureKind::RateLimit),
    ("UNAVAILABLE", FailureKind::Overloaded),
    ("DEADLINE_EXCEEDED", FailureKind::Timeout),
    ("INTERNAL", FailureKind::Internal),
    ("UNKNOWN", FailureKind::Internal),
    ("DATA_LOSS", FailureKind::Internal),
    ("ABORTED", FailureKind::Internal),
    ("CANCELLED", FailureKind::Internal),
];

/// The reasons of details that say more than the status, which is 400.
const BAD_KEYS: [&str; 2] = ["API_KEY_INVALID", "API_KEY_EXPIRED"];

/// Reads the body of an error answer.
pub(super) fn read(status: u16, body: &str) -> Failure {
    let text = body.trim();
    let listed = elements(text).and_then(|elements| elements.first().copied());
    let said =
        Object::read_leniently(listed.unwrap_or(text)).ok().and_then(|mut object| object.object("error").ok()?);
    match said {
        Some(error) => of_status(Some(status), error),
        None => Failure::new(FailureKind::of_status(status), body),
    }
}

/// Reads what stands in `error`. `status` is that of HTTP, where it says anything.
pub(super) fn of_status(status: Option<u16>, mut error: Object<'_>) -> Failure {
    let word = error.text("status").ok().flatten().filter(|word| !word.is_empty());
    let code = error.whole("code").ok().flatten().and_then(|code| u16::try_from(code).ok());
    let message = error.text("message").ok().flatten().unwrap_or_default();
    let reason = error.array("details").ok().flatten().unwrap_or_default().into_iter().find_map(reason);
    let by_word = WORDS.iter().find(|(known, _)| Some(*known) == word.as_deref()).map(|(_, kind)| *kind);
    let status = status.filter(|status| *status >= 400).or(code);
    let kind = match (status, by_word) {
        _ if reason.as_deref().is_some_and(|reason| BAD_KEYS.contains(&reason)) => FailureKind::Authentication,
        (None | Some(400), Some(kind)) => kind,
        (Some(status), _) => FailureKind::of_status(status),
        (None, None) => FailureKind::Internal,
    };
    let code = reason.or(word).unwrap_or_else(|| self::word(kind).to_owned());
    Failure { kind, message, code: Some(code) }
}

fn reason(detail: &str) -> Option<String> {
    Object::read(detail).ok()?.peek_text("reason")
}

/// Writes the body of an error answer, which is also the event that ends a stream.
pub(super) fn write(failure: &Failure) -> String {
    let told = WORDS.iter().find(|(word, _)| failure.code.as_deref() == Some(*word));
    let word = told.filter(|(_, kind)| *kind == failure.kind).map_or_else(|| word(failure.kind), |(word, _)| word);
    let mut error = ObjectWriter::new();
    error.whole("code", u64::from(failure.kind.status())).text("message", &failure.message).text("status", word);
    if let Some(code) = failure.code.as_ref().filter(|_| told.is_none()) {
        let mut detail = ObjectWriter::new();
        detail.text("@type", "type.googleapis.com/google.rpc.ErrorInfo").text("reason", code);
        let mut details = ArrayWriter::new();
        details.object(detail);
        error.array("details", details);
    }
    let mut out = ObjectWriter::new();
    out.object("error", error);
    out.finish()
}

fn word(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Invalid | FailureKind::TooLarge => "INVALID_ARGUMENT",
        FailureKind::Authentication => "UNAUTHENTICATED",
        FailureKind::Permission => "PERMISSION_DENIED",
        FailureKind::Billing => "FAILED_PRECONDITION",
        FailureKind::NotFound => "NOT_FOUND",
        FailureKind::RateLimit => "RESOURCE_EXHAUSTED",
        FailureKind::Overloaded => "UNAVAILABLE",
        FailureKind::Timeout => "DEADLINE_EXCEEDED",
        FailureKind::Internal => "INTERNAL",
    }
}

#[cfg(test)]
mod tests;
