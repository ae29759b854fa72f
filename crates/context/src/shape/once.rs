//! Results that say a thing twice.

use mcp::raw;
use std::borrow::Cow;

/// `result`, raw JSON of a call of a tool, a prompt or resources, with each thing said once where it says one twice: the last
/// counts, as it does for clients. Whoever reads the first would count or change what nobody sees.
pub fn said_once(result: &str) -> Cow<'_, str> {
    let listed = |member: &raw::Member<'_>| LISTS.iter().any(|name| member.is(name));
    let any = twice(result)
        || raw::members(result).filter(listed).flat_map(|member| raw::elements(member.value)).any(|element| {
            // Prompts have blocks in their messages.
            let inner = raw::get(element, "content").unwrap_or_default();
            block_twice(element) || block_twice(inner) || raw::elements(inner).any(block_twice)
        });
    if !any {
        return Cow::Borrowed(result);
    }
    base::json::from_text(result).map_or(Cow::Borrowed(result), |value| Cow::Owned(value.to_string()))
}

/// The members of results that hold what is shown: of tools, of prompts, of resources.
const LISTS: [&str; 3] = ["content", "messages", "contents"];

fn twice(object: &str) -> bool {
    raw::duplicate(object).is_some()
}

fn block_twice(block: &str) -> bool {
    twice(block) || raw::get(block, "resource").is_some_and(twice)
}

#[cfg(test)]
mod tests;
