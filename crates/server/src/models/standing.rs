//! How models stand, as JSON. Pure.

use base::Error;
use llm::{Behind, Standing};
use protection::limit::Standing as Limited;
use resilience::bucket::Rate;
use serde_json::{Value, json};
use std::time::Duration;

/// A name that can be asked for, and the deployments behind it.
pub(crate) fn shown(standing: &Standing) -> Value {
    json!({
        "name": standing.name,
        "kind": standing.kind.word(),
        "strategy": standing.strategy,
        "fallback": standing.fallback,
        "learned": standing.learned.as_ref().map(learned),
        "deployments": standing.deployments.iter().map(behind).collect::<Vec<_>>(),
    })
}

/// What a route has learned.
fn learned(learned: &llm::Learned) -> Value {
    let seen = learned.seen.iter().map(|seen| {
        json!({
            "class": seen.class,
            "deployment": &*seen.deployment,
            "worth": rounded(seen.worth),
            "requests": rounded(seen.requests),
            "scores": rounded(seen.scores),
        })
    });
    json!({
        "decides": learned.decides,
        "decided": learned.decided,
        "explored": learned.explored,
        "agreed": learned.agreed,
        "seen": seen.collect::<Vec<_>>(),
    })
}

/// How the table of prices stands. Where newer ones come from is told to whoever runs the hub.
pub(crate) fn prices(table: &llm::prices::Standing, operator: bool) -> Value {
    json!({
        "source": if table.refreshed { "refreshed" } else { "built_in" },
        "version": table.version,
        "at": table.at.map(|at| at.as_secs()),
        "from": table.from.as_ref().filter(|_| operator),
        "failure": table.failure.as_ref().filter(|_| operator).map(Error::to_json),
    })
}

fn behind(behind: &Behind) -> Value {
    let (held, measured) = (&behind.held, &behind.measured);
    json!({
        "name": &*behind.name,
        "provider": behind.deployment.provider,
        "model": behind.deployment.model,
        "kind": behind.kind,
        "weight": behind.weight,
        "local": behind.local,
        "breaker": {"state": held.state, "share": rounded(held.share), "paused_for": seconds(held.paused)},
        "latency": seconds(measured.latency),
        "tokens_per_second": measured.throughput.map(rounded),
        "cache_hit_rate": rounded(measured.cache_hit_rate),
        "in_flight": measured.in_flight,
        "limits": behind.limits.iter().map(limit).collect::<Vec<_>>(),
        "price_version": &*behind.price_version,
        "context": behind.context.to_json(),
        "probe": behind.probed.as_ref().map(|probed| {
            json!({"at": probed.at.as_secs(), "failure": probed.failure.as_ref().map(Error::to_json)})
        }),
        "unprobed": behind.unprobed.as_ref().map(Error::to_json),
    })
}

fn limit(limit: &Limited) -> Value {
    let quota = &limit.settings.quota;
    let rate = |rate: Option<Rate>| rate.map(|rate| json!({"count": rate.count, "seconds": rate.per.as_secs_f64()}));
    json!({
        "of": &*limit.name,
        "concurrency": quota.running,
        "rate": rate(quota.rate),
        "tokens": rate(quota.units),
        "running": limit.running,
        "waiting": limit.waiting,
        "full": limit.full,
    })
}

fn seconds(time: Option<Duration>) -> Option<f64> {
    time.map(|time| rounded(time.as_secs_f64()))
}

fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
