//! Which requests may be answered by what is kept, and what clients say of it. Pure.

use http::{HeaderMap, header};
use inspection::dialect::{Dialect, Endpoint};
use mcp::raw;
use std::time::Duration;

/// The header with which a client wants nothing of the cache, and is told what became of it.
pub(super) const CACHE: &str = "x-tutti-cache";

/// Members of requests that stand for something with the provider, or have it look around in the world: the same request is
/// another question the next time.
const OUTSIDE: [&str; 10] = [
    "previous_response_id",
    "conversation",
    "prompt",
    "background",
    "cachedContent",
    "cached_content",
    "web_search_options",
    "plugins",
    "mcp_servers",
    "container",
];

/// What a client says of kept answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Wish {
    /// Whether its request has nothing to do with them.
    pub(super) off: bool,
    /// Whether it wants a new answer, which may be kept.
    pub(super) anew: bool,
    /// How old an answer may be.
    pub(super) oldest: Option<Duration>,
}

impl Wish {
    /// Reads `Cache-Control` (RFC 9111, section 5.2.1) and the hub's own header. What is not known means nothing.
    pub(super) fn of(given: &HeaderMap) -> Self {
        let mut wish = Self::default();
        let all = given.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
        for directive in all.flat_map(|value| value.split(',')) {
            let directive = directive.trim().to_ascii_lowercase();
            match directive.as_str() {
                "no-store" => wish.off = true,
                "no-cache" => wish.anew = true,
                _ => {
                    let age = directive.strip_prefix("max-age=").map(|age| age.trim_matches('"'));
                    let age = age.and_then(|age| age.parse().ok()).map(Duration::from_secs);
                    wish.oldest = wish.oldest.into_iter().chain(age).min();
                }
            }
        }
        for value in given.get_all(CACHE) {
            wish.off |= value.as_bytes().eq_ignore_ascii_case(b"off");
        }
        wish
    }
}

/// Whether the same answer does for the same request. With `any_temperature` also where the model is asked to draw lots.
pub(super) fn is_repeatable(endpoint: Endpoint, body: &str, any_temperature: bool) -> bool {
    // What is made anew each time, files, and what a conversation has that grows at its provider are not kept.
    if endpoint.is_media() || matches!(endpoint, Endpoint::Completions | Endpoint::InputTokens) {
        return false;
    }
    if !endpoint.generates() {
        return true;
    }
    let dialect = endpoint.dialect();
    let mut sampling = Sampling::default();
    for member in raw::members(body) {
        let Some(name) = raw::text(member.key) else { return false };
        let value = member.value;
        let fine = match name.as_ref() {
            // The client wants to find the answer with the provider.
            "store" if dialect == Dialect::OpenAiChat => value != "true",
            "tools" => raw::elements(value).all(|tool| is_clients_own(dialect, tool)),
            name if OUTSIDE.contains(&name) => matches!(value, "null" | "false"),
            name => {
                match dialect {
                    Dialect::Gemini if matches!(name, "generationConfig" | "generation_config") => {
                        raw::members(value).for_each(|inner| sampling.look(&inner));
                    }
                    Dialect::Ollama if name == "options" => {
                        raw::members(value).for_each(|inner| sampling.look(&inner));
                    }
                    Dialect::Gemini | Dialect::Ollama => {}
                    _ => sampling.look(&member),
                }
                true
            }
        };
        if !fine {
            return false;
        }
    }
    any_temperature || sampling.is_fixed()
}

/// How a request has tokens chosen.
#[derive(Default)]
struct Sampling {
    /// Whether all temperatures that it names are 0.
    cold: Option<bool>,
    seeded: bool,
}

impl Sampling {
    fn look(&mut self, member: &raw::Member<'_>) {
        if member.is("temperature") {
            let zero = member.value.parse::<f64>().is_ok_and(|temperature| temperature == 0.0);
            self.cold = Some(zero && self.cold.unwrap_or(true));
        }
        self.seeded |= member.is("seed") && member.value.parse::<i64>().is_ok();
    }

    /// Whether the client wants the same answer each time: the likeliest words, or lots that fall alike.
    fn is_fixed(&self) -> bool {
        self.seeded || self.cold == Some(true)
    }
}

/// Whether the client runs a tool itself, so that the answer to the request only asks for it.
fn is_clients_own(dialect: Dialect, tool: &str) -> bool {
    let kind = raw::get(tool, "type").and_then(raw::text);
    match dialect {
        Dialect::Gemini => {
            raw::members(tool).all(|member| member.is("functionDeclarations") || member.is("function_declarations"))
        }
        Dialect::Anthropic => kind.is_none_or(|kind| kind == "custom"),
        Dialect::OpenAiResponses if kind.as_deref() == Some("namespace") => raw::members(tool)
            .filter(|member| member.is("tools"))
            .all(|member| raw::elements(member.value).all(is_function)),
        _ => is_function(tool),
    }
}

/// Whether a tool, on its own or in a namespace, is one that clients run.
fn is_function(tool: &str) -> bool {
    let kind = raw::get(tool, "type").and_then(raw::text);
    kind.is_some_and(|kind| matches!(kind.as_ref(), "function" | "custom"))
}

#[cfg(test)]
mod tests;
