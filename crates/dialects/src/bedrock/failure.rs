//! Errors, in bodies and as events of streams.

use conversation::failure::{Failure, FailureKind};
use conversation::json::write::ObjectWriter;
use conversation::object::Object;

/// The service's exceptions, as events of streams call them; bodies begin the word with a capital. The first of a kind is
/// the one that is written.
const EXCEPTIONS: [(&str, FailureKind); 18] = [
    ("validationException", FailureKind::Invalid),
    ("throttlingException", FailureKind::RateLimit),
    ("serviceUnavailableException", FailureKind::Overloaded),
    ("modelNotReadyException", FailureKind::Overloaded),
    ("modelTimeoutException", FailureKind::Timeout),
    ("internalServerException", FailureKind::Internal),
    ("modelStreamErrorException", FailureKind::Internal),
    ("modelErrorException", FailureKind::Internal),
    ("accessDeniedException", FailureKind::Permission),
    ("unrecognizedClientException", FailureKind::Authentication),
    ("expiredTokenException", FailureKind::Authentication),
    ("invalidSignatureException", FailureKind::Authentication),
    ("incompleteSignatureException", FailureKind::Authentication),
    ("missingAuthenticationTokenException", FailureKind::Authentication),
    ("incompleteSignature", FailureKind::Authentication),
    ("requestExpired", FailureKind::Authentication),
    ("resourceNotFoundException", FailureKind::NotFound),
    ("serviceQuotaExceededException", FailureKind::Billing),
];

/// Reads the body of an error, or the payload of an exception in a stream. Names come with a namespace before a `#` and
/// with more behind a `:`, as in the header `x-amzn-errortype`.
pub(crate) fn read_failure(status: u16, body: &str) -> Failure {
    let Ok(mut object) = Object::read_leniently(body) else {
        return Failure::new(FailureKind::of_status(status), body.trim());
    };
    let mut text = |names: [&str; 2]| names.into_iter().find_map(|name| object.text(name).ok().flatten());
    let (told, message) = (text(["__type", "code"]), text(["message", "Message"]));
    let told = told.map(|told| {
        let name = told.rsplit('#').next().unwrap_or_default();
        name.split(':').next().unwrap_or_default().to_owned()
    });
    let kind = match status {
        402 | 413 => FailureKind::of_status(status),
        424 => FailureKind::Internal,
        status => told.as_deref().and_then(kind).unwrap_or(FailureKind::of_status(status)),
    };
    Failure { kind, message: message.unwrap_or_else(|| body.trim().to_owned()), code: told }
}

/// The kind of the exception of this name, whatever its first letter.
pub(super) fn kind(name: &str) -> Option<FailureKind> {
    EXCEPTIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, kind)| *kind)
}

/// The exception that says this, as streams call it: the one that it came as, if it came from here.
pub(super) fn exception(failure: &Failure) -> &'static str {
    let told = failure.code.as_deref().unwrap_or_default();
    let same = |(known, kind): &&(&str, FailureKind)| *kind == failure.kind && known.eq_ignore_ascii_case(told);
    let found = EXCEPTIONS.iter().find(same).or_else(|| EXCEPTIONS.iter().find(|(_, kind)| *kind == failure.kind));
    found.map_or("validationException", |(known, _)| *known)
}

pub(crate) fn write_failure(failure: &Failure) -> String {
    let name = exception(failure);
    let capital: String =
        name.chars().take(1).map(|first| first.to_ascii_uppercase()).chain(name.chars().skip(1)).collect();
    let mut out = ObjectWriter::new();
    out.text("__type", &capital).text("message", &failure.message);
    out.finish()
}

#[cfg(test)]
mod tests;
