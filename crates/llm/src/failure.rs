//! What can go wrong at a provider, who is to be asked next, and how a client is told in its dialect.

pub(crate) mod bedrock;
pub(crate) mod pause;
mod signed;

use crate::guard::Closed;
use crate::mask::Mask;
use crate::request::NO_THREADS;
use crate::translation::Translation;
use base::visible::escaped;
use base::{Code, Error};
use bytes::Bytes;
use dialects::FailureKind;
use http::StatusCode;
use inspection::dialect::Dialect;
use inspection::meter::Meter;
use mcp::raw;
use protection::limit::AtLimit;
use resilience::retry::Reach;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::time::Duration;

/// The most of what a provider says that is told on, in characters.
const TOLD: usize = 500;

/// What a provider means that asks for payment, …
const UNPAID: &str = "the hub's account there lacks the credit for the request";
/// … and what is to be done about it.
const PAYING: &str =
    "whoever runs the hub adds credit at the provider, or raises the limit of the account or of its key there";

/// Why an attempt at a deployment came to nothing.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    /// What happened.
    pub(crate) error: Error,
    /// What the provider answered, where the fault is the client's and the answer its to read.
    pub(crate) said: Option<Said>,
    /// Whether another deployment may do better.
    pub(crate) elsewhere: bool,
    /// Whether the fault is the deployment's, so that it should be asked less.
    pub(crate) counts: bool,
    /// Whether the deployment was asked at all.
    pub(crate) asked: bool,
    /// What was metered of an answer that came all the same, and is of no use.
    pub(crate) meter: Option<Box<Meter>>,
    /// How far the request came, where it may be sent to the same deployment again.
    pub(crate) repeats: Option<Reach>,
    /// Whether the provider does not take what is signed in the request.
    pub(crate) is_of_signed: bool,
    /// The limit that is to be waited for, where it was not asked because of one.
    pub(crate) at_limit: Option<AtLimit>,
    /// Why it was left alone, where it was not asked because of that.
    pub(crate) closed: Option<Closed>,
}

/// An answer of a provider that is no success.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    /// Its status.
    pub(crate) status: StatusCode,
    /// Its body, which is JSON.
    pub(crate) body: Bytes,
}

impl Failure {
    /// The deployment did not answer, or not to the end.
    pub(crate) fn of_deployment(error: Error) -> Self {
        Self {
            error,
            said: None,
            elsewhere: true,
            counts: true,
            asked: true,
            meter: None,
            repeats: None,
            is_of_signed: false,
            at_limit: None,
            closed: None,
        }
    }

    /// The deployment was not asked.
    pub(crate) fn unasked(error: Error) -> Self {
        Self {
            error,
            said: None,
            elsewhere: true,
            counts: false,
            asked: false,
            meter: None,
            repeats: None,
            is_of_signed: false,
            at_limit: None,
            closed: None,
        }
    }

    /// The deployment was not asked because it is left alone.
    pub(crate) fn closed(deployment: &str, closed: Closed) -> Self {
        let (code, why, wait) = match closed {
            Closed::Paused(wait) => (Code::ModelBusy, "has asked for a pause", wait),
            Closed::Failing(wait) => (Code::ModelHeldBack, "fails so often that it is left alone for now", wait),
        };
        let error = Error::new(code, format!("{deployment} {why}"), "try again shortly, or ask for another model");
        Self { closed: Some(closed), ..Self::unasked(error.of_upstream(deployment).with_retry_after(wait)) }
    }

    /// The deployment was not asked because of a limit.
    pub(crate) fn at_limit(deployment: &str, at: AtLimit) -> Self {
        let (name, what) = (&at.limit.name, at.what());
        let message = format!("{deployment} is not asked for now: `{name}` has {what}");
        let next = "try again after the time in the header `Retry-After`, or raise its `limits`";
        let error =
            Error::new(Code::ModelLimit, message, next).of_upstream(deployment).with_retry_after(at.retry_after());
        Self { at_limit: Some(at), ..Self::unasked(error) }
    }

    /// The same, of a request that came so far and may be sent again.
    pub(crate) fn repeating(self, reach: Reach) -> Self {
        Self { repeats: Some(reach), ..self }
    }

    /// The deployment has answered, and the client cannot be given that as it wants it: its wish is why, and nobody else is asked.
    pub(crate) fn of_request(error: Error) -> Self {
        Self { elsewhere: false, counts: false, ..Self::of_deployment(error) }
    }

    /// The provider said with success that it failed.
    pub(crate) fn of_error(deployment: &str, said: &str) -> Self {
        let message = format!("{deployment} failed{}", quoted(said));
        let error = Error::new(Code::ModelFailed, message, "ask again").of_upstream(deployment);
        Self { is_of_signed: signed::is_said(said), ..Self::of_deployment(error) }
    }

    /// The same, after an answer came of which `meter` has seen what it took.
    pub(crate) fn after(self, meter: Box<Meter>) -> Self {
        Self { meter: Some(meter), ..self }
    }

    /// The same, with what the provider said in the client's dialect.
    pub(crate) fn told_as(mut self, translation: &Translation) -> Self {
        if let Some(said) = &mut self.said {
            let text = std::str::from_utf8(&said.body).unwrap_or_default();
            said.body = translation.failure(said.status.as_u16(), text);
        }
        self
    }

    /// The same without credentials: some providers repeat the one that they refuse.
    pub(crate) fn masked(mut self, mask: &Mask) -> Self {
        if let Some(message) = mask.hide(self.error.message()) {
            let mut error = Error::new(self.error.code(), message, self.error.next());
            if let Some(upstream) = self.error.upstream() {
                error = error.of_upstream(upstream);
            }
            if let Some(wait) = self.error.retry_after() {
                error = error.with_retry_after(wait);
            }
            self.error = error;
        }
        if let Some(said) = &mut self.said
            && let Some(body) = std::str::from_utf8(&said.body).ok().and_then(|body| mask.hide_json(body))
        {
            said.body = body.into();
        }
        self
    }

    /// The provider, which speaks `dialect`, answered with a status that is no success. `retry_after` is how long it wants to be
    /// left alone.
    pub(crate) fn of_status(
        deployment: &str,
        dialect: Dialect,
        (status, body): (StatusCode, Bytes),
        retry_after: Option<Duration>,
    ) -> Self {
        let text = std::str::from_utf8(&body).unwrap_or_default();
        let of = |code, what: &str, next: &str| {
            let message = format!("{deployment} answered with HTTP status {}: {what}", status.as_u16());
            let error = Error::new(code, message, next).of_upstream(deployment);
            match retry_after {
                Some(wait) => error.with_retry_after(wait),
                None => error,
            }
        };
        let with_words = |what: &str| format!("{what}{}", quoted(text));
        let meant = meant(dialect, status, text);
        let failure = match meant {
            // What it says there may repeat a part of the credential.
            401 | 403 => Self::of_deployment(of(
                Code::ModelCredential,
                "it does not take the hub's credential",
                credential(dialect),
            )),
            402 => Self::of_deployment(of(Code::ModelCredential, &with_words(UNPAID), PAYING)),
            404 | 405 | 410 => Self {
                counts: false,
                ..Self::of_deployment(of(
                    Code::ModelUnknown,
                    &with_words("it has no such model or endpoint"),
                    "look at the model's name, and at the `url` of the provider",
                ))
            },
            429 => Self::of_deployment(of(
                Code::ModelBusy,
                &with_words("it gets more requests than it takes"),
                "try again after the time in the header `Retry-After`, or shortly",
            )),
            300..=399 => {
                let next = "correct `url` of the provider: credentials go to no other address than that";
                Self::of_deployment(of(Code::ModelFailed, "it leads to another address", next))
            }
            408 | 409 | 425 | 500..=599 => Self::of_deployment(of(
                Code::ModelFailed,
                &with_words("it is busy or out of order"),
                "try again shortly",
            )),
            100..=299 | 600.. => {
                let next = "look at the `url` of the provider: what is there is no model";
                Self::of_deployment(of(Code::ModelBroken, "nothing of the kind was asked for", next))
            }
            _ => {
                let error = of(Code::ModelRefused, &with_words("it does not take the request"), "change the request");
                let said = raw::is_object(text) && serde_json::from_str::<&RawValue>(text).is_ok();
                let said = said.then_some(Said { status, body: body.clone() });
                Self { said, elsewhere: is_of_another(text), counts: false, ..Self::of_deployment(error) }
            }
        };
        Self { repeats: reach(meant, retry_after), is_of_signed: signed::is_refused(meant, text), ..failure }
    }
}

/// Whether a provider refuses a conversation because another has it: it may be that of the next deployment.
fn is_of_another(said: &str) -> bool {
    said.contains("previous_response_not_found") || said.contains("Previous response with id")
}

/// How far a request came that was answered with this status, where it may be sent again.
fn reach(status: u16, retry_after: Option<Duration>) -> Option<Reach> {
    match (status, retry_after) {
        (429 | 500..=599, Some(_)) => Some(Reach::NotBegun),
        (500..=599, None) => Some(Reach::Faulty),
        // Where a busy one does not say when, only the client knows how much patience it has.
        _ => None,
    }
}

/// The status that says what a provider means which answers with this one.
fn meant(dialect: Dialect, status: StatusCode, text: &str) -> u16 {
    let kind = || dialects::read_failure(dialect, 400, text).kind;
    match (dialect, status) {
        (Dialect::Bedrock, _) => bedrock::meant(status, text),
        // Gemini says of a wrong key that the request is at fault, and Anthropic of an account without credit.
        (_, StatusCode::BAD_REQUEST) => match kind() {
            FailureKind::Authentication => 401,
            FailureKind::Billing => 402,
            _ => 400,
        },
        _ => status.as_u16(),
    }
}

/// What is to be done about a credential that is not taken.
fn credential(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Bedrock => "whoever runs the hub corrects the provider's credentials, what they may do, or the clock",
        _ => "whoever runs the hub corrects `api_key` of the provider; the client's own key is not at fault",
    }
}

/// The words in what a provider says of an error, as the end of a sentence.
fn quoted(said: &str) -> String {
    let words = base::json::from_text(said).ok().and_then(|value| {
        let in_choices = || value.get("choices")?.as_array()?.iter().find_map(|choice| choice.get("error"));
        let error = value.get("error").or_else(|| value.get("response")?.get("error")).or_else(in_choices);
        let error = error.unwrap_or(&value);
        let words =
            ["message", "detail", "Message"].iter().find_map(|name| error.get(name)).unwrap_or(error).as_str()?;
        Some(escaped(&words.split_whitespace().collect::<Vec<_>>().join(" ")))
    });
    match words.filter(|words| !words.is_empty()) {
        Some(words) => format!(", and says \"{}\"", words.chars().take(TOLD).collect::<String>()),
        None => String::new(),
    }
}

/// An error as the body of an answer in this dialect.
pub fn body(dialect: Dialect, error: &Error) -> String {
    let message = sentence(error);
    let status = error.code().http_status();
    match dialect {
        Dialect::OpenAiChat | Dialect::OpenAiResponses => {
            json!({"error": {"message": message, "type": of_openai(status), "param": null, "code": error.code().id()}})
        }
        Dialect::Anthropic => {
            let mut body = json!({"type": "error", "error": {"type": of_anthropic(status), "message": message}});
            if error.detail() == Some(NO_THREADS) {
                body["error"]["details"] = json!({"error_code": NO_THREADS, "unsupported": ["thread"]});
            }
            body
        }
        Dialect::Gemini => json!({"error": {"code": status, "message": message, "status": of_google(status)}}),
        Dialect::Ollama => json!({"error": message}),
        Dialect::Bedrock => json!({"message": message}),
    }
    .to_string()
}

/// An error as the last event of a stream in this dialect. `open` says whether the event before it lacks its end.
pub fn event(dialect: Dialect, error: &Error, open: bool) -> Bytes {
    let text = body(dialect, error);
    let end = match (open, dialect) {
        (false, _) => "",
        (true, Dialect::Ollama) => "\n",
        (true, _) => "\n\n",
    };
    let event = match dialect {
        Dialect::OpenAiChat | Dialect::Gemini | Dialect::Bedrock => format!("data: {text}\n\n"),
        Dialect::Anthropic => format!("event: error\ndata: {text}\n\n"),
        Dialect::OpenAiResponses => {
            let event: Value = json!({
                "type": "error",
                "code": error.code().id(),
                "message": sentence(error),
                "param": null,
            });
            format!("event: error\ndata: {event}\n\n")
        }
        Dialect::Ollama => format!("{text}\n"),
    };
    format!("{end}{event}").into()
}

/// An error in one text: most dialects have no other place for the code and for what to do.
fn sentence(error: &Error) -> String {
    format!("{} ({}). Next: {}", error.message(), error.code().id(), error.next())
}

/// The word that OpenAI has for a status ("Error codes" of its API).
fn of_openai(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        400..=499 => "invalid_request_error",
        _ => "server_error",
    }
}

/// The word that Anthropic has for a status ("Errors" of its API).
fn of_anthropic(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        503 | 529 => "overloaded_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    }
}

/// The word that Google's APIs have for a status (`google.rpc.Code`).
fn of_google(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 | 529 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        400..=499 => "INVALID_ARGUMENT",
        _ => "INTERNAL",
    }
}

#[cfg(test)]
mod tests;
