//! How often a request has its provider call tools that the provider runs itself. Pure.

use crate::dialect::Dialect;
use mcp::raw;
use model::ProviderCalls;

/// How many calls are taken for the most where a request does not say: providers name no bound.
const MOST: u64 = 10;

/// About how often, or how often at most. `get` gives the members of the request.
pub fn calls<'a>(dialect: Dialect, get: impl Fn(&str) -> Option<&'a str>, most: bool) -> ProviderCalls {
    let mut calls = ProviderCalls::default();
    if dialect == Dialect::OpenAiChat {
        // Models that search in chats search once for each.
        calls.web_searches = u64::from(get("web_search_options").is_some_and(raw::is_object));
        return calls;
    }
    // Answers of other dialects tell it.
    if !most {
        return calls;
    }
    let number = |value: Option<&str>| value.and_then(|value| value.parse().ok()).unwrap_or(MOST);
    for tool in raw::elements(get("tools").unwrap_or_default()) {
        let [kind, uses] = raw::pick(tool, ["type", "max_uses"]);
        match (dialect, kind.and_then(raw::text).unwrap_or_default()) {
            (Dialect::Anthropic, kind) if kind.starts_with("web_search") => {
                calls.web_searches = calls.web_searches.saturating_add(number(uses));
            }
            (Dialect::OpenAiResponses, kind) if kind.starts_with("web_search") => {
                calls.web_searches = number(get("max_tool_calls"));
            }
            (Dialect::OpenAiResponses, kind) if kind == "file_search" => {
                calls.file_searches = number(get("max_tool_calls"));
            }
            (Dialect::OpenAiResponses, kind) if kind == "code_interpreter" => calls.code_sessions = 1,
            (Dialect::Gemini, _) => {
                let searches = ["googleSearch", "google_search", "googleSearchRetrieval", "google_search_retrieval"];
                if raw::pick(tool, searches).iter().any(Option::is_some) {
                    calls.web_searches = MOST;
                }
            }
            _ => {}
        }
    }
    calls
}

#[cfg(test)]
mod tests;
