//! How many breakpoints of the provider's cache a request may have, where, and for how long.

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
    /// In a result of a tool, or right behind one.
    Results,
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

/// The request with one breakpoint where one stands in a result and one right behind it: both are the same place for whoever has none
/// in results. The one behind stays, for as long as it says.
pub(crate) fn merged<'a>(request: &'a Request, losses: &mut Losses) -> Cow<'a, Request> {
    let mut request = Cow::Borrowed(request);
    if !request.turns.iter().any(|turn| turn.items.windows(2).any(is_doubled)) {
        return request;
    }
    for turn in &mut request.to_mut().turns {
        for place in 0..turn.items.len() {
            let Some(two) = turn.items.get_mut(place..place + 2) else { break };
            if is_doubled(two)
                && let [Item::ToolResult(result), Item::CacheBreakpoint(behind)] = two
            {
                result.content.retain(|item| match item {
                    Item::CacheBreakpoint(inside) => {
                        losses.add_if(inside.ttl != behind.ttl, "cache_breakpoint.ttl");
                        false
                    }
                    _ => true,
                });
            }
        }
    }
    request
}

fn is_doubled(two: &[Item]) -> bool {
    matches!(two, [Item::ToolResult(result), Item::CacheBreakpoint(_)]
        if result.content.iter().any(|item| matches!(item, Item::CacheBreakpoint(_))))
}

/// The request without breakpoints.
pub(crate) fn none<'a>(request: &'a Request, losses: &mut Losses) -> Cow<'a, Request> {
    without(request, |_| true, losses)
}

/// The request with breakpoints only behind what is said: none in its tools, and none of or behind a result of one.
pub(crate) fn of_words<'a>(request: &'a Request, losses: &mut Losses) -> Cow<'a, Request> {
    without(request, |area| matches!(area, Area::Tools | Area::Results), losses)
}

fn without<'a>(request: &'a Request, refused: impl Fn(Area) -> bool, losses: &mut Losses) -> Cow<'a, Request> {
    let mut request = Cow::Borrowed(request);
    if all(&request).is_empty() {
        return request;
    }
    let mut any = false;
    each(request.to_mut(), &mut |area, _| {
        any |= refused(area);
        !refused(area)
    });
    losses.add_if(any, "cache_breakpoint");
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
        let mut here = area;
        for turn in request.turns.iter_mut().filter(|turn| turn.role.instructs() == instructs) {
            turn.items.retain_mut(|item| match item {
                Item::CacheBreakpoint(point) => stays(here, point),
                Item::ToolResult(result) => {
                    here = Area::Results;
                    result.content.retain_mut(|item| match item {
                        Item::CacheBreakpoint(point) => stays(here, point),
                        _ => true,
                    });
                    true
                }
                _ => {
                    here = area;
                    true
                }
            });
        }
    }
}

#[cfg(test)]
mod tests;
