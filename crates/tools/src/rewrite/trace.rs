//! Trace context in `_meta` (SEP-414): the upstream is told which span its work is part of.

use mcp::raw;
use std::borrow::Cow;
use telemetry::names::context::{BAGGAGE, PARENT, STATE};
use telemetry::trace::Carried;

/// What is to stand in `_meta`.
#[derive(Debug, Clone, Copy)]
pub struct Trace<'a> {
    /// The span of the request to the upstream, as a `traceparent`.
    pub parent: &'a str,
    /// What goes with it.
    pub carried: &'a Carried,
}

/// `meta`, an object, with that context. What else stands in it stays.
pub(super) fn set<'a>(meta: &'a str, trace: &Trace<'_>) -> Cow<'a, str> {
    let replaced = |member: &raw::Member<'_>| member.is(PARENT) || (trace.carried.state.is_some() && member.is(STATE));
    let rest = raw::without(meta, replaced).into_owned();
    let state = trace.carried.state.as_ref().and_then(Option::as_deref);
    let pairs = [(PARENT, Some(trace.parent)), (STATE, state), (BAGGAGE, trace.carried.baggage.as_deref())];
    let mut out = String::from("{");
    for (name, value) in pairs {
        if let Some(value) = value {
            out.push_str(if out.len() > 1 { "," } else { "" });
            out.push_str(&format!("\"{name}\":{}", raw::quote(value)));
        }
    }
    let inner = rest.trim().strip_prefix('{').unwrap_or("}");
    out.push_str(if raw::members(&rest).next().is_some() { "," } else { "" });
    out.push_str(inner);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests;
