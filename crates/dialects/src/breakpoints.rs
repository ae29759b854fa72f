//! How many breakpoints of the provider's cache a request may have.

use conversation::Losses;
use conversation::item::Item;
use conversation::request::{Request, Tool};
use std::borrow::Cow;

/// The most that Claude takes, at Anthropic (docs.anthropic.com, "Prompt caching": up to 4 cache breakpoints) and at Bedrock.
const MOST: usize = 4;

/// Where a breakpoint stands. What is cached is a prefix: tools, then what instructs, then the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Area {
    Tools,
    Instructions,
    Messages,
}

/// The request with no more breakpoints than are taken: the last of the tools, the last of what instructs, and the latest of
/// the messages, because each of them holds all before it too. Others are lost.
pub(crate) fn limited<'a>(request: &'a Request, losses: &mut Losses) -> Cow<'a, Request> {
    let mut request = Cow::Borrowed(request);
    if count(&request) <= MOST {
        return request;
    }
    let mut areas = Vec::new();
    let changed = request.to_mut();
    each(changed, &mut |area| {
        areas.push(area);
        true
    });
    let kept = kept(&areas);
    let mut number = 0;
    each(changed, &mut |_| {
        number += 1;
        kept.contains(&(number - 1))
    });
    losses.add("cache_breakpoint");
    request
}

/// The numbers of those that stay.
fn kept(areas: &[Area]) -> Vec<usize> {
    let last = |wanted| areas.iter().rposition(|area| *area == wanted);
    let mut kept: Vec<usize> = [last(Area::Tools), last(Area::Instructions)].into_iter().flatten().collect();
    let latest = (0..areas.len()).rev().filter(|number| !kept.contains(number)).take(MOST - kept.len());
    let latest: Vec<usize> = latest.collect();
    kept.extend(latest);
    kept
}

fn count(request: &Request) -> usize {
    let in_tools =
        request.tools.iter().filter(|tool| matches!(tool, Tool::Function(tool) if tool.cache.is_some())).count();
    let in_items = |items: &[Item]| items.iter().filter(|item| matches!(item, Item::CacheBreakpoint(_))).count();
    let of_item = |item: &Item| if let Item::ToolResult(result) = item { in_items(&result.content) } else { 0 };
    let in_turns =
        request.turns.iter().map(|turn| in_items(&turn.items) + turn.items.iter().map(of_item).sum::<usize>());
    in_tools + in_turns.sum::<usize>()
}

/// Shows each breakpoint, in the order of the prefix, and takes out those that are not to stay.
fn each(request: &mut Request, stays: &mut dyn FnMut(Area) -> bool) {
    for tool in &mut request.tools {
        if let Tool::Function(tool) = tool
            && tool.cache.is_some()
            && !stays(Area::Tools)
        {
            tool.cache = None;
        }
    }
    for (area, instructs) in [(Area::Instructions, true), (Area::Messages, false)] {
        for turn in request.turns.iter_mut().filter(|turn| turn.role.instructs() == instructs) {
            turn.items.retain_mut(|item| match item {
                Item::CacheBreakpoint(_) => stays(area),
                Item::ToolResult(result) => {
                    result.content.retain(|item| !matches!(item, Item::CacheBreakpoint(_)) || stays(area));
                    true
                }
                _ => true,
            });
        }
    }
}

#[cfg(test)]
mod tests;
