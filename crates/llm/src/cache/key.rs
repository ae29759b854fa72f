//! What names a kept answer: all that it may depend on. Pure.

use super::canonical::{self, Digest};
use super::rule::CACHE;
use crate::provider::FROM_CLIENTS;
use crate::request::Asked;
use base::random::sha256;
use http::HeaderMap;
use inspection::dialect::Endpoint;
use std::ops::Range;
use std::sync::Arc;

/// How headers of a client begin that say what the gateway is to do.
const OWN: &str = "x-tutti-";

/// Those that change no answer: what is done with the cache, and whose books the request goes into.
const SAY_NOTHING: [&str; 3] = [CACHE, "x-tutti-run", "x-tutti-prompt"];

/// The key of a kept answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// The number of the shelf: of a route as it is configured now.
    pub(super) shelf: u64,
    /// The only principal who may have it; nothing where all may who may ask for the route.
    pub(super) owner: Option<Arc<str>>,
    /// What is asked, and how.
    pub(super) digest: Digest,
}

/// What is asked, and how, as a digest; as if any text stood at `hole`. Nothing where it cannot be told.
///
/// A stream and a whole answer are kept apart, and so are dialects: who asks again gets the same bytes.
pub(super) fn digest(asked: &Asked, given: &HeaderMap, hole: Option<&Range<usize>>) -> Option<Digest> {
    let endpoint = asked.endpoint;
    let body = canonical::digest(asked.text(), hole, |name, value| says_nothing(endpoint, name, value))?;
    let mut text = format!("{endpoint:?}\n{}\n", asked.stream).into_bytes();
    text.extend_from_slice(&body);
    let matters = |name: &str| {
        FROM_CLIENTS.iter().any(|own| own == name) || name.starts_with(OWN) && !SAY_NOTHING.contains(&name)
    };
    let mut names: Vec<&str> = given.keys().map(http::HeaderName::as_str).filter(|name| matters(name)).collect();
    names.sort_unstable();
    for name in names {
        for value in given.get_all(name) {
            text.extend_from_slice(
                &[name.len(), value.len()].map(|length| length as u64).map(u64::to_le_bytes).concat(),
            );
            text.extend_from_slice(name.as_bytes());
            text.extend_from_slice(value.as_bytes());
        }
    }
    Some(sha256(&text))
}

/// Whether a member of a request changes nothing in the answer, or is in the key already.
fn says_nothing(endpoint: Endpoint, name: &str, value: &str) -> bool {
    match name {
        // The route's own name, in whose place each deployment gets its own.
        "model" => true,
        "stream" => !endpoint.names_model_in_path() && matches!(value, "true" | "false"),
        // Who asks, and where the provider keeps beginnings of prompts. Answers of Responses repeat these.
        "user" | "safety_identifier" | "prompt_cache_key" | "prompt_cache_retention" => {
            matches!(endpoint, Endpoint::ChatCompletions | Endpoint::Embeddings)
        }
        // There it only says who asks.
        "metadata" => matches!(endpoint, Endpoint::Messages | Endpoint::CountTokens),
        // How long the model stays loaded.
        "keep_alive" => endpoint == Endpoint::OllamaChat,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
