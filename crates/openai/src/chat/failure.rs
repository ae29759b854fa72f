//! Errors: `{"error":{"message":…,"type":…,"param":…,"code":…}}`, and what servers that are like OpenAI's make of it.

use conversation::failure::{Failure, FailureKind};
use conversation::json;
use conversation::json::write::ObjectWriter;
use conversation::object::Object;

/// The most bytes of a body that are told where it says nothing that can be read.
const TOLD: usize = 2000;

/// The word for each kind that is written, and first of all read.
const WORDS: [(&str, FailureKind); 10] = [
    ("invalid_request_error", FailureKind::Invalid),
    ("authentication_error", FailureKind::Authentication),
    ("permission_error", FailureKind::Permission),
    ("insufficient_quota", FailureKind::Billing),
    ("not_found_error", FailureKind::NotFound),
    ("request_too_large", FailureKind::TooLarge),
    ("rate_limit_error", FailureKind::RateLimit),
    ("overloaded_error", FailureKind::Overloaded),
    ("timeout_error", FailureKind::Timeout),
    ("server_error", FailureKind::Internal),
];

/// Reads the body of an answer that is an error. `status` is its HTTP status.
pub fn read_failure(status: u16, body: &str) -> Failure {
    let Ok(mut object) = Object::read_leniently(body) else { return unread(status, body) };
    // FastAPI says `detail`, old vLLM has no object around, and some say the message as `error`.
    let texts = ["error", "detail", "message"].map(|name| object.peek_text(name));
    let mut inner = object.object("error").ok().flatten();
    let inner = inner.as_mut().unwrap_or(&mut object);
    let message = inner.peek_text("message").or_else(|| texts.into_iter().flatten().next());
    let Some(message) = message else { return unread(status, body) };
    let code = inner.peek("code").map(|code| json::text(code).unwrap_or_else(|| code.to_owned()));
    let by_code = code.as_deref().and_then(of_word);
    // A stream has no status of its own: then the code may be one.
    let status = code.as_deref().and_then(|code| code.parse().ok()).filter(|_| status == 200).unwrap_or(status);
    let kind = inner.peek_text("type").as_deref().and_then(of_word).filter(|_| status < 400 || status == 429);
    let kind = by_code.or(kind).unwrap_or_else(|| FailureKind::of_status(if status < 400 { 500 } else { status }));
    Failure { kind, message, code }
}

/// An error in the middle of a stream, where there is no status.
pub(super) fn read_in_stream(event: &str) -> Failure {
    read_failure(200, event)
}

fn unread(status: u16, body: &str) -> Failure {
    let end = body.floor_char_boundary(TOLD);
    Failure::new(FailureKind::of_status(status), body.get(..end).unwrap_or_default())
}

fn of_word(word: &str) -> Option<FailureKind> {
    let own = WORDS.iter().find(|(own, _)| *own == word).map(|(_, kind)| *kind);
    own.or(match word {
        "rate_limit_exceeded" | "requests" | "tokens" => Some(FailureKind::RateLimit),
        "invalid_api_key" => Some(FailureKind::Authentication),
        "model_not_found" => Some(FailureKind::NotFound),
        _ => None,
    })
}

/// Writes the body of an answer that is an error.
pub fn write_failure(failure: &Failure) -> String {
    let word = WORDS.iter().find(|(_, kind)| *kind == failure.kind).map_or("server_error", |(word, _)| word);
    let mut inner = ObjectWriter::new();
    inner.text("message", &failure.message).text("type", word).raw("param", "null");
    match &failure.code {
        Some(code) => inner.text("code", code),
        None => inner.raw("code", "null"),
    };
    let mut out = ObjectWriter::new();
    out.object("error", inner);
    out.finish()
}
