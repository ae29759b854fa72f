//! How a provider serves a request, where that changes its price: what is asked for, and what an answer says of it. Pure.
//!
//! OpenAI: `service_tier` of a request and of an answer (`auto`, `default`, `flex`, `scale`, `priority`). Anthropic: `service_tier`
//! of a request (`auto`, `standard_only`) and of `usage` (`standard`, `priority`, `batch`). Gemini: `serviceTier` of a request and of
//! `usageMetadata`, and the header `x-gemini-service-tier`. Bedrock: `serviceTier: { type }` of both.

use crate::dialect::Dialect;
use http::{HeaderMap, HeaderName};
use mcp::raw::{self, Index, Object};
use model::ServiceTier;
use std::borrow::Cow;

/// The header in which Gemini says how it has served a request.
static HEADER: HeaderName = HeaderName::from_static("x-gemini-service-tier");

/// How a request is to be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wanted {
    /// As usual, or it does not say.
    #[default]
    Usual,
    /// As the provider sees fit (`auto`).
    Any,
    /// In this tier. Providers may serve it as usual all the same.
    In(ServiceTier),
}

/// How a request was served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// As usual, or with capacity that was paid for before.
    Usual,
    /// In this tier.
    In(ServiceTier),
}

impl Wanted {
    /// What the body of a request says.
    pub fn of_request(body: &str, index: &Index) -> Self {
        let said = ["service_tier", "serviceTier"].map(|name| index.get(body, name));
        match said.into_iter().flatten().find_map(word).as_deref() {
            None | Some("default" | "standard" | "standard_only" | "unspecified") => Self::Usual,
            // What is not known may be anything.
            Some(word) => ServiceTier::of_word(word).map_or(Self::Any, Self::In),
        }
    }
}

impl Served {
    /// What an answer of `dialect`, or an event of one, says.
    pub fn of_answer(dialect: Dialect, data: &Object<'_>) -> Option<Self> {
        let paths: &[&[&str]] = match dialect {
            Dialect::OpenAiChat => &[&["service_tier"]],
            Dialect::OpenAiResponses => &[&["response", "service_tier"], &["service_tier"]],
            Dialect::Anthropic => &[&["usage", "service_tier"], &["message", "usage", "service_tier"]],
            Dialect::Gemini => &[&["usageMetadata", "serviceTier"], &["usage_metadata", "service_tier"]],
            Dialect::Bedrock => &[&["serviceTier"]],
            Dialect::Ollama => &[],
        };
        paths.iter().find_map(|path| data.at(path)).and_then(|value| Self::of_word(&word(value)?))
    }

    /// What the headers of an answer say.
    pub fn of_headers(headers: &HeaderMap) -> Option<Self> {
        Self::of_word(&plain(headers.get(&HEADER)?.to_str().ok()?.into()))
    }

    /// `auto` is no answer: it stands where a stream begins, before it is decided.
    fn of_word(word: &str) -> Option<Self> {
        match word {
            "default" | "standard" | "scale" | "reserved" => Some(Self::Usual),
            _ => ServiceTier::of_word(word).map(Self::In),
        }
    }
}

/// The word of a tier, or of an object with one.
fn word(value: &str) -> Option<Cow<'_, str>> {
    let value = if raw::is_object(value) { raw::get(value, "type")? } else { value };
    raw::text(value).map(plain)
}

/// Google has also written them as constants (`SERVICE_TIER_PRIORITY`).
fn plain(word: Cow<'_, str>) -> Cow<'_, str> {
    // As nearly all are written.
    if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return word;
    }
    let word = word.to_ascii_lowercase();
    word.strip_prefix("service_tier_").map(str::to_owned).unwrap_or(word).into()
}

#[cfg(test)]
mod tests;
