//! Results that say a thing twice.

use mcp::raw;
use std::borrow::Cow;

/// `result` with each thing said once, where it says one twice: the last counts, as it does for clients. Whoever counts
/// the first would show more than the limit.
pub(super) fn said_once(result: &str) -> Cow<'_, str> {
    let twice = |object: &str| raw::duplicate(object).is_some();
    let within = |block: &str| twice(block) || raw::get(block, "resource").is_some_and(twice);
    let contents = raw::members(result).filter(|member| member.is("content"));
    let any = twice(result) || contents.flat_map(|member| raw::elements(member.value)).any(within);
    if !any {
        return Cow::Borrowed(result);
    }
    base::json::from_text(result).map_or(Cow::Borrowed(result), |value| Cow::Owned(value.to_string()))
}

#[cfg(test)]
mod tests;
