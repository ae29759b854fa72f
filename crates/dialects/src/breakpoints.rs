//! How many breakpoints of the provider's cache a request may have, and for how long.

use conversation::Losses;
use conversation::item::{CacheBreakpoint, Item};
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

/// The request with breakpoints as they are taken: no more than that, the last of the tools, the last of what instructs, and the
/// latest of the messages, because each of them holds all before it too; and none for long behind one that is not.
pub(crate) fn taken<'a>(request: &'a Request, losses: &mut Losses) -> Cow<'a, Request> {
    let mut request = Cow::Borrowed(request);
    let lasting: Vec<bool> = all(&request).into_iter().map(lasts).collect();
    if lasting.len() > MOST {
        limit(request.to_mut());
        losses.add("cache_breakpoint");
    }
    if lasting.windows(2).any(|two| two == [false, true]) && shorten(request.to_mut()) {
        losses.add("cache_breakpoint.ttl");
    }
    request
}

fn limit(request: &mut Request) {
    let mut areas = Vec::new();
    each(request, &mut |area, _| {
        areas.push(area);
        true
    });
    let kept = kept(&areas);
    let mut number = 0;
    each(request, &mut |_, _| {
        number += 1;
        kept.contains(&(number - 1))
    });
}

/// What is kept for an hour has to stand before what is kept for five minutes ("Mixing different TTLs" of the same page). Says whether it
/// did not.
fn shorten(request: &mut Request) -> bool {
    let (mut short, mut any) = (false, false);
    each(request, &mut |_, point| {
        if !lasts(point) {
            short = true;
        } else if short {
            point.ttl = None;
            any = true;
        }
        true
    });
    any
}

/// Whether it is to be kept for longer than the five minutes that are usual.
fn lasts(point: &CacheBreakpoint) -> bool {
    point.ttl.as_deref().is_some_and(|ttl| ttl != "5m")
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

/// All breakpoints, in the order of the prefix.
fn all(request: &Request) -> Vec<&CacheBreakpoint> {
    let mut all = Vec::new();
    all.extend(request.tools.iter().filter_map(|tool| match tool {
        Tool::Function(tool) => tool.cache.as_ref(),
        Tool::Opaque(_) => None,
    }));
    for instructs in [true, false] {
        for item in request.turns.iter().filter(|turn| turn.role.instructs() == instructs).flat_map(|turn| &turn.items)
        {
            let inner = if let Item::ToolResult(result) = item { result.content.as_slice() } else { &[] };
            all.extend(std::iter::once(item).chain(inner).filter_map(|item| match item {
                Item::CacheBreakpoint(point) => Some(point),
                _ => None,
            }));
        }
    }
    all
}

/// Shows each breakpoint, in the order of the prefix, and takes out those that are not to stay.
fn each(request: &mut Request, stays: &mut dyn FnMut(Area, &mut CacheBreakpoint) -> bool) {
    for tool in &mut request.tools {
        if let Tool::Function(tool) = tool
            && tool.cache.as_mut().is_some_and(|point| !stays(Area::Tools, point))
        {
            tool.cache = None;
        }
    }
    for (area, instructs) in [(Area::Instructions, true), (Area::Messages, false)] {
        for turn in request.turns.iter_mut().filter(|turn| turn.role.instructs() == instructs) {
            turn.items.retain_mut(|item| match item {
                Item::CacheBreakpoint(point) => stays(area, point),
                Item::ToolResult(result) => {
                    result.content.retain_mut(|item| match item {
                        Item::CacheBreakpoint(point) => stays(area, point),
                        _ => true,
                    });
                    true
                }
                _ => true,
            });
        }
    }
}

#[cfg(test)]
mod tests;
