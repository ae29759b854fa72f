//! What answers say of tools that the provider runs by itself, each call of which is paid for. Pure.

use crate::dialect::Dialect;
use mcp::raw::{self, Object};
use memchr::memmem;
use model::ProviderCalls;
use std::sync::LazyLock;

/// What stands in every event or answer that tells of such calls, in each dialect that tells.
static MARKS: LazyLock<[memmem::Finder<'static>; 3]> =
    LazyLock::new(|| ["\"server_tool_use\"", "_call\"", "\"webSearchQueries\""].map(memmem::Finder::new));

/// Reads an event or a whole answer of `dialect`. The last events of a stream tell the whole; until they come, each call counts as it goes
/// by.
pub(super) fn read(dialect: Dialect, data: &Object<'_>, calls: &mut ProviderCalls) {
    let [anthropic, responses, gemini] = &*MARKS;
    let has = |mark: &memmem::Finder<'_>| mark.find(data.text().as_bytes()).is_some();
    match dialect {
        Dialect::Anthropic if has(anthropic) => {
            let paths: [&[&str]; 2] = [&["usage", "server_tool_use"], &["message", "usage", "server_tool_use"]];
            let told = paths.into_iter().find_map(|path| data.at(path));
            let count = told.and_then(|told| super::number(raw::get(told, "web_search_requests")?));
            calls.web_searches = calls.web_searches.max(count.unwrap_or(0));
            let block = raw::pick(data.get("content_block").unwrap_or_default(), ["type", "name"]);
            let [kind, name] = block.map(|text| text.and_then(raw::text));
            let searches = kind.as_deref() == Some("server_tool_use") && name.as_deref() == Some("web_search");
            calls.web_searches = calls.web_searches.saturating_add(u64::from(searches));
        }
        // Only the last event has all items at once, beside the usage.
        Dialect::OpenAiResponses if has(responses) => {
            if let Some(output) = data.get("output").or_else(|| data.at(&["response", "output"])) {
                *calls = of_items(output);
            } else if let Some(item) =
                data.get("item").filter(|_| data.get("type") == Some("\"response.output_item.done\""))
            {
                let mut one = Vec::new();
                of_item(item, calls, &mut one);
                // Whether it is the same container that was used before is told at the end.
                calls.code_sessions = calls.code_sessions.max(one.len() as u64);
            }
        }
        Dialect::Gemini if has(gemini) => {
            let queries =
                |candidate| raw::at(candidate, &["groundingMetadata", "webSearchQueries"]).unwrap_or_default();
            let candidates = raw::elements(data.get("candidates").unwrap_or_default());
            let count = candidates.map(|candidate| raw::elements(queries(candidate)).count() as u64).sum();
            calls.web_searches = calls.web_searches.max(count);
        }
        _ => {}
    }
}

/// Those among the items of an answer. OpenAI takes nothing for opening a page that was found, and for a container once.
fn of_items(output: &str) -> ProviderCalls {
    let (mut calls, mut containers) = (ProviderCalls::default(), Vec::new());
    for item in raw::elements(output) {
        of_item(item, &mut calls, &mut containers);
    }
    calls.code_sessions = containers.len() as u64;
    calls
}

/// Adds what one item is, and its container where that is another than those before.
fn of_item<'a>(item: &'a str, calls: &mut ProviderCalls, containers: &mut Vec<Option<&'a str>>) {
    let [kind, action, container] = raw::pick(item, ["type", "action", "container_id"]);
    match kind.and_then(raw::text).as_deref() {
        Some("web_search_call") => {
            let action = action.and_then(|action| raw::text(raw::get(action, "type")?));
            calls.web_searches =
                calls.web_searches.saturating_add(u64::from(action.is_none_or(|action| action == "search")));
        }
        Some("file_search_call") => calls.file_searches = calls.file_searches.saturating_add(1),
        Some("code_interpreter_call") if !containers.contains(&container) => containers.push(container),
        _ => {}
    }
}

/// What an answer took: what was told, and in chats, whose answers tell nothing, what was asked for.
pub(super) fn taken(dialect: Dialect, told: ProviderCalls, asked: ProviderCalls) -> ProviderCalls {
    if dialect == Dialect::OpenAiChat { asked } else { told }
}

#[cfg(test)]
mod tests;
