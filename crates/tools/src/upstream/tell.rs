//! What an upstream tells whoever looks at the numbers. All of it is known anyway; nothing is counted for it on the way of
//! a call.

mod row;

use super::Upstream;
use crate::catalogue::Why;
use crate::machine::State;
use mcp::Method;
use protection::guard::Overview;
use resilience::breaker;
use row::Row;
use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::Ordering;
use telemetry::names::{self, OTHER};
use telemetry::snapshot::{Snapshot, Values};

/// What a tool's numbers stand under: a method, and the tool or nothing.
type Place = (String, String);

impl Upstream {
    /// Tells how it is.
    pub(crate) fn tell(&self, snapshot: &mut Snapshot) {
        let (name, status, catalogue) = (self.settings.name.as_str(), self.status(), self.catalogue());
        for word in State::WORDS {
            let is = u8::from(word == status.state.word());
            snapshot.put(&names::UPSTREAM_STATE, &[name, word], f64::from(is));
        }
        snapshot.count(&names::UPSTREAM_RESTARTS, &[name], status.restarts);
        snapshot.count(&names::UPSTREAM_IN_FLIGHT, &[name], self.in_flight() as u64);
        snapshot.count(&names::UPSTREAM_LIMIT, &[name], self.settings.limits.calls as u64);
        snapshot.count(&names::UPSTREAM_FAILURES, &[name], self.failures.load(Ordering::Relaxed));
        snapshot.count(&names::UPSTREAM_TOOLS, &[name], catalogue.tools.len() as u64);
        for why in Why::ALL {
            let waiting = catalogue.waiting().filter(|waits| waits.why == why).count();
            snapshot.count(&names::UPSTREAM_QUARANTINED, &[name, why.word()], waiting as u64);
        }
        let overview = self.guard.overview(true);
        tell_protection(snapshot, name, &overview);
        self.tell_cache(snapshot);
        let listed: HashSet<&str> = catalogue.tools.iter().map(|item| item.key.as_str()).collect();
        let rows = row::all(&overview.tools, |tool| self.place(tool, &listed));
        tell_tools(snapshot, name, rows);
    }

    /// Where the numbers of a tool stand: under its own name, where the upstream lists it and the budget has room. It is the
    /// same budget that the durations of calls are kept within, so that both can be set side by side.
    fn place(&self, tool: &str, listed: &HashSet<&str>) -> Place {
        let call = Method::ToolsCall.name();
        let own = (call.to_owned(), tool.to_owned());
        if self.series.tells_apart(call, tool) {
            return own;
        }
        if listed.contains(tool) {
            self.series.operation(call, tool);
            return if self.series.tells_apart(call, tool) { own } else { (call.to_owned(), OTHER.to_owned()) };
        }
        match Method::from_name(tool) {
            Method::Other(_) => (call.to_owned(), OTHER.to_owned()),
            method => (method.name().to_owned(), String::new()),
        }
    }

    fn tell_cache(&self, snapshot: &mut Snapshot) {
        let (name, tally) = (self.settings.name.as_str(), self.results.tally());
        let all =
            [("hit", tally.hits), ("miss", tally.misses), ("shared", tally.joined), ("replica", tally.replicated)];
        let alike = self.results.alike.tally();
        snapshot.count(&names::CACHE_REQUESTS, &[name, "alike"], alike.given);
        for (result, count) in [("right", alike.right), ("wrong", alike.wrong)] {
            snapshot.count(&names::CACHE_CHECKS, &[name, result], count);
        }
        for (result, count) in all {
            snapshot.count(&names::CACHE_REQUESTS, &[name, result], count);
        }
        snapshot.count(&names::CACHE_ENTRIES, &[name], (tally.entries + alike.entries) as u64);
        snapshot.count(&names::CACHE_BYTES, &[name], (tally.bytes + alike.bytes) as u64);
        snapshot.count(&names::CACHE_EVICTIONS, &[name], tally.evicted);
    }
}

/// How the calls of the upstream are protected as a whole.
fn tell_protection(snapshot: &mut Snapshot, name: &str, overview: &Overview) {
    let (whole, counts) = (&overview.whole, &overview.counts);
    for state in breaker::State::ALL {
        snapshot.put(&names::BREAKER_STATE, &[name, state.word()], f64::from(u8::from(state == whole.state)));
    }
    snapshot.put(&names::BREAKER_ADMITTED, &[name], whole.share);
    snapshot.count(&names::BREAKER_OPENED, &[name], whole.opened);
    snapshot.put(&names::BREAKER_NORMAL, &[name], whole.normal_errors);
    snapshot.put(&names::BREAKER_TOLERATED, &[name], whole.tolerance);
    if let Some(normal) = whole.normal_in_flight {
        snapshot.put(&names::UPSTREAM_NORMAL, &[name], normal);
    }
    let row = Row::of(whole, None);
    for (result, count) in row.window() {
        snapshot.count(&names::BREAKER_WINDOW, &[name, result], count);
    }
    for (quantile, latency) in row.latencies() {
        snapshot.put(&names::BREAKER_LATENCY, &[name, quantile], latency.as_secs_f64());
    }
    if let Some(slow_after) = row.slow_after {
        snapshot.put(&names::BREAKER_SLOW, &[name], slow_after.as_secs_f64());
    }
    for (reason, count) in [("breaker", counts.held_back), ("rate", counts.limited), ("full", counts.full)] {
        snapshot.count(&names::UPSTREAM_REFUSED, &[name, reason], count);
    }
    snapshot.count(&names::UPSTREAM_RETRIES, &[name], counts.repeated);
    snapshot.count(&names::UPSTREAM_HEDGES, &[name], counts.hedged);
    snapshot.count(&names::UPSTREAM_UNREPEATED, &[name], counts.without_budget);
    snapshot.count(&names::UPSTREAM_BUDGET, &[name], overview.budget.into());
}

fn tell_tools(snapshot: &mut Snapshot, name: &str, rows: BTreeMap<Place, Row>) {
    for ((method, tool), row) in rows {
        let labels: [&str; 3] = [&method, name, &tool];
        let values: Values = labels.into_iter().map(Box::from).collect();
        let one_more = |value: &str| -> Values { labels.into_iter().chain([value]).map(Box::from).collect() };
        snapshot.number(&names::TOOL_ADMITTED, &values, row.share);
        snapshot.number(&names::TOOL_REJECTED, &values, row.rejected as f64);
        snapshot.number(&names::TOOL_IN_FLIGHT, &values, row.in_flight as f64);
        for (result, count) in row.window() {
            snapshot.number(&names::TOOL_WINDOW, &one_more(result), count as f64);
        }
        for (quantile, latency) in row.latencies() {
            snapshot.number(&names::TOOL_LATENCY, &one_more(quantile), latency.as_secs_f64());
        }
        if let Some(slow_after) = row.slow_after {
            snapshot.number(&names::TOOL_SLOW, &values, slow_after.as_secs_f64());
        }
        if let Some(limit) = row.limit {
            snapshot.number(&names::TOOL_LIMIT, &values, limit as f64);
        }
    }
}
