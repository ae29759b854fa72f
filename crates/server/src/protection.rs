//! How the calls of an upstream are protected at the moment, as JSON.

use protection::guard::{Parts, Why};
use serde_json::{Map, Value, json};
use std::time::Duration;
use tools::upstream::Upstream;

/// How calls of `upstream` are protected. `tools` says whether tools that are as they should be are shown as well.
pub(crate) fn shown(upstream: &Upstream, tools: bool) -> Value {
    let overview = upstream.guard.overview(tools);
    let mut out = parts(&overview.whole);
    let all = overview.tools.iter().map(|of_tool| {
        let mut tool = Map::new();
        tool.insert("name".to_owned(), of_tool.name.as_str().into());
        tool.append(&mut parts(&of_tool.parts));
        Value::Object(tool)
    });
    out.insert("of_tools".to_owned(), all.collect());
    let counts = overview.counts;
    let counts = json!({
        "repeated": counts.repeated,
        "without_budget": counts.without_budget,
        "limited": counts.limited,
        "held_back": counts.held_back,
        "hedged": counts.hedged,
        "full": counts.full,
        "asked": counts.asked,
        "budget": overview.budget,
    });
    out.insert("counts".to_owned(), counts);
    let tally = upstream.results.tally();
    let alike = upstream.results.alike.tally();
    let alike = json!({
        "given": alike.given,
        "compared": alike.compared,
        "right": alike.right,
        "wrong": alike.wrong,
        "entries": alike.entries,
        "bytes": alike.bytes,
    });
    let cache = json!({
        "hits": tally.hits,
        "joined": tally.joined,
        "misses": tally.misses,
        "evicted": tally.evicted,
        "entries": tally.entries,
        "bytes": tally.bytes,
        "alike": alike,
    });
    out.insert("cache".to_owned(), cache);
    Value::Object(out)
}

fn parts(parts: &Parts) -> Map<String, Value> {
    let wait = |duration: Option<Duration>| duration.map(|duration| (duration.as_secs_f64() * 1000.0).round() / 1000.0);
    let share = |share: f64| (share * 1000.0).round() / 1000.0;
    let value = json!({
        "state": parts.state.word(),
        "share": share(parts.share),
        "why": parts.why.map(why),
        "seconds": parts.lasted.as_secs(),
        "window": {"ok": parts.ok, "failed": parts.failed, "slow": parts.slow, "in_row": parts.failures_in_row},
        "errors": {"normal": share(parts.normal_errors), "tolerated": share(parts.tolerance)},
        "latency": {
            "half": wait(parts.latency_half),
            "most": wait(parts.latency_most),
            "nearly_all": wait(parts.latency_nearly_all),
            "slow_after": wait(parts.slow_after),
        },
        "in_flight": {
            "now": parts.in_flight,
            "normal": parts.normal_in_flight.map(share),
            "jam_from": parts.jam_from.map(share),
        },
        "probe": {"due_in": wait(parts.probe_in), "worked": parts.probe_worked},
        "paused_for": wait(parts.paused_for),
        "rejected": parts.rejected,
        "opened": parts.opened,
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn why(why: Why) -> Value {
    match why {
        Why::Failed { failed, calls } => json!({"kind": "failed", "failed": failed, "calls": calls}),
        Why::Jammed { in_flight } => json!({"kind": "jammed", "in_flight": in_flight}),
    }
}
