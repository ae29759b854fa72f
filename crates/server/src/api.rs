//! What the hub is doing, as JSON. Documented in `docs/reference/json.md`; fields are added, never changed.

pub(crate) mod approval;
pub(crate) mod document;
mod input;
pub(crate) mod login;
pub(crate) mod memory;
pub(crate) mod models;
pub(crate) mod operation;
pub(crate) mod plans;
pub(crate) mod prompts;
pub(crate) mod registry;
pub(crate) mod runs;
pub(crate) mod secrets;
pub(crate) mod table;
pub(crate) mod tools;
pub(crate) mod webhooks;

use crate::Shared;
use crate::answer::{Refusal, plain_json, refusal, text};
use crate::protection;
use ::tools::machine::State as Stage;
use ::tools::upstream::Upstream;
use axum::extract::State;
use axum::response::Response;
use base::{Code, Error, clock};
use input::{Asked, Name};
use mcp::raw;
use serde_json::{Value, json as value};
use std::sync::Arc;
use std::time::Duration;
use store::redis::Status;
use table::{AFTER, REQUIRE, SETTLE, VERBOSE};

/// The process is there.
pub(crate) async fn health() -> Response {
    plain_json(value!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}).to_string())
}

/// The process is there; says nothing else, for an address without a key.
pub(crate) async fn alive() -> Response {
    plain_json(value!({"status": "ok"}).to_string())
}

/// The hub takes requests, for an address without a key.
pub(crate) async fn serving(State(shared): State<Arc<Shared>>) -> Response {
    match check_running(&shared) {
        Ok(()) => plain_json(value!({"status": "ready"}).to_string()),
        Err(error) => refusal(&error),
    }
}

/// The hub takes requests; not so while it is being stopped, and not so while one of the servers that `require` names, or
/// one of `all`, does not work. `verbose` tells of each server.
pub(crate) async fn ready(State(shared): State<Arc<Shared>>, asked: Asked) -> Result<Response, Refusal> {
    let (required, verbose) = (asked.text(&REQUIRE)?.unwrap_or_default(), asked.flag(&VERBOSE)?);
    check_running(&shared)?;
    check_required(&shared, required)?;
    let mut said = value!({"status": "ready"});
    if verbose {
        let all: Vec<Value> = shared.hub.upstreams().iter().map(|upstream| describe_state(upstream)).collect();
        said["servers"] = all.into();
        if let Some(redis) = shared.sessions.memory.redis() {
            said["redis"] = describe_redis(&redis.status());
        }
    }
    Ok(plain_json(said.to_string()))
}

fn check_running(shared: &Shared) -> Result<(), Error> {
    if shared.shutdown.is_cancelled() {
        return Err(Error::new(Code::Interrupted, "the hub is being stopped", "wait for its successor"));
    }
    Ok(())
}

/// Whether the servers in `required`, names with commas between or `all`, work. One that nobody has called yet does: the
/// first call starts it.
fn check_required(shared: &Shared, required: &str) -> Result<(), Error> {
    let named = required.split(',').map(str::trim).filter(|name| !name.is_empty());
    let upstreams = if required == "all" {
        let all = shared.hub.upstreams();
        all.into_iter().filter(|upstream| upstream.settings.enabled).collect()
    } else {
        named.map(|name| find(shared, name)).collect::<Result<Vec<_>, _>>()?
    };
    let works = |upstream: &Upstream| match upstream.status().state {
        Stage::Ready => true,
        Stage::Idle => upstream.is_known(),
        _ => false,
    };
    let failed: Vec<String> = upstreams
        .iter()
        .filter(|upstream| !works(upstream))
        .map(|upstream| format!("`{}` is {}", upstream.settings.name, upstream.status().state.word()))
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    let next = "see `tutti server list`, or ask /readyz without `require`";
    Err(Error::new(Code::NotReady, failed.join(", "), next))
}

fn describe_state(upstream: &Upstream) -> Value {
    let status = upstream.status();
    value!({
        "name": upstream.settings.name,
        "state": status.state.word(),
        "seconds": clock::now().saturating_duration_since(status.since).as_secs(),
        "error": status.error.as_ref().map(Error::to_json),
    })
}

fn describe_redis(status: &Status) -> Value {
    value!({
        "state": if status.error.is_none() { "up" } else { "away" },
        "seconds": clock::now().saturating_duration_since(status.since).as_secs(),
        "error": status.error.as_ref().map(Error::to_json),
        "other_secret": status.foreign,
    })
}

/// All numbers, for Prometheus.
pub(crate) async fn metrics(State(shared): State<Arc<Shared>>) -> Result<Response, Refusal> {
    Ok(text(shared.hub.telemetry().write_out().await?, telemetry::text::CONTENT_TYPE))
}

/// All upstreams; with `settle`, when none is being started.
pub(crate) async fn servers(State(shared): State<Arc<Shared>>, asked: Asked) -> Result<Response, Refusal> {
    if let Some(seconds) = asked.whole(&SETTLE)? {
        shared.hub.settle(Duration::from_secs(seconds)).await;
    }
    let all: Vec<Value> = shared.hub.upstreams().iter().map(|upstream| describe(&shared, upstream, false)).collect();
    let faults: Vec<Value> = shared.hub.faults().iter().map(Error::to_json).collect();
    let said = value!({"servers": all, "views": shared.hub.view_names(), "faults": faults});
    Ok(plain_json(said.to_string()))
}

/// One upstream.
pub(crate) async fn server(State(shared): State<Arc<Shared>>, Name(name): Name) -> Result<Response, Refusal> {
    Ok(plain_json(describe(&shared, &*find(&shared, &name)?, true).to_string()))
}

/// What an upstream wrote.
pub(crate) async fn logs(
    State(shared): State<Arc<Shared>>,
    Name(name): Name,
    asked: Asked,
) -> Result<Response, Refusal> {
    let upstream = find(&shared, &name)?;
    let lines = upstream.tail.since(asked.whole(&AFTER)?.unwrap_or(0));
    let lines: Vec<Value> = lines
        .iter()
        .map(|line| {
            let source = format!("{:?}", line.source).to_lowercase();
            value!({"number": line.number, "at": clock::rfc3339(line.at), "source": source, "text": line.text})
        })
        .collect();
    Ok(plain_json(value!({"name": name, "lines": lines}).to_string()))
}

/// Starts an upstream anew, and answers when it works or why it does not.
pub(crate) async fn restart(State(shared): State<Arc<Shared>>, Name(name): Name) -> Result<Response, Refusal> {
    let upstream = find(&shared, &name)?;
    upstream.restart().await?;
    Ok(plain_json(describe(&shared, &upstream, true).to_string()))
}

fn find(shared: &Shared, name: &str) -> Result<Arc<Upstream>, Error> {
    shared.hub.upstream(name).ok_or_else(|| {
        let known: Vec<String> = shared.hub.upstreams().iter().map(|upstream| upstream.settings.name.clone()).collect();
        let name: String = name.chars().filter(|character| !character.is_control()).take(64).collect();
        Error::new(
            Code::ServerUnknown,
            format!("there is no server `{name}`"),
            format!("servers: {}", known.join(", ")),
        )
    })
}

/// What is known of an upstream. `tools` says whether each of its tools is to be described.
fn describe(shared: &Shared, upstream: &Upstream, tools: bool) -> Value {
    let status = upstream.status();
    let catalogue = upstream.catalogue();
    let (noise, unmatched) = upstream.oddities();
    let settings = &upstream.settings;
    let seconds = clock::now().saturating_duration_since(status.since).as_secs();
    let greeting = status.greeting.as_ref();
    let info = greeting.map(|greeting| greeting.server_info.as_str()).unwrap_or("{}");
    let said = |key| raw::get(info, key).and_then(raw::text).map(std::borrow::Cow::into_owned);
    value!({
        "name": settings.name,
        "state": status.state.word(),
        "seconds": seconds,
        "error": status.error.as_ref().map(Error::to_json),
        "transport": settings.transport.carrier(),
        "target": settings.summary(),
        "era": greeting.map(|greeting| greeting.era.word()),
        "version": greeting.map(|greeting| greeting.version.clone()),
        "software": said("name").map(|name| format!("{name} {}", said("version").unwrap_or_default()).trim().to_owned()),
        "pid": status.pid,
        "tools": catalogue.tools.len(),
        "prompts": catalogue.prompts.len(),
        "resources": catalogue.resources.len(),
        "templates": catalogue.templates.len(),
        "left_out": catalogue.left_out.iter().map(|left_out| left_out.to_error(&settings.name).to_json()).collect::<Vec<_>>(),
        "pins": settings.pins.word(),
        "unpinned": settings.unpinned(),
        "lint": settings.lint.word(),
        "quarantined": approval::quarantined(upstream),
        "flagged": approval::flagged(shared, upstream),
        "stale": status.stale,
        "restarts": status.restarts,
        "calls": upstream.calls.load(std::sync::atomic::Ordering::Relaxed),
        "failures": upstream.failures.load(std::sync::atomic::Ordering::Relaxed),
        "in_flight": upstream.in_flight(),
        "noise": noise,
        "unmatched": unmatched,
        "breaker": protection::shown(upstream, tools),
    })
}
