//! Every name that leaves the process: metrics, spans, attributes. Nowhere else does one stand, so that a convention
//! that renames costs one change.
//!
//! Sources: the conventions of OpenTelemetry for MCP (`open-telemetry/semantic-conventions-genai`, `docs/gen-ai/mcp.md`
//! at 0393513, status *development*), its general attributes (semantic-conventions 1.41), and for the process the names
//! that Prometheus' own clients use. What no convention names begins with `tutti`.

pub mod attribute;
#[cfg(test)]
mod page;

/// What a metric counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// A share, 0 to 1.
    Ratio,
    /// Things, or nothing.
    None,
}

impl Unit {
    /// The unit in the notation of OpenTelemetry, which is UCUM.
    pub const fn ucum(self) -> &'static str {
        match self {
            Unit::Seconds => "s",
            Unit::Bytes => "By",
            Unit::Ratio | Unit::None => "1",
        }
    }
}

/// What kind of number a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, while the process lives.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How many were how long.
    Histogram,
    /// The same of what lasts for hours rather than seconds.
    LongHistogram,
}

impl Kind {
    /// The word that Prometheus has for it.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram | Kind::LongHistogram => "histogram",
        }
    }

    /// The upper bounds of the buckets, in seconds, where it is a histogram.
    pub const fn bounds(self) -> &'static Bounds {
        match self {
            Kind::LongHistogram => &LONG_BOUNDS,
            _ => &BOUNDS,
        }
    }
}

/// A metric: its two names, and what it means.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// The name in OpenTelemetry.
    pub name: &'static str,
    /// The name in Prometheus.
    pub prometheus: &'static str,
    /// What kind of number it is.
    pub kind: Kind,
    /// What it counts in.
    pub unit: Unit,
    /// The names of its attributes, in OpenTelemetry.
    pub attributes: &'static [&'static str],
    /// What it means, in one line.
    pub help: &'static str,
}

macro_rules! metrics {
    ($($name:ident = $otel:literal, $prometheus:literal, $kind:ident, $unit:ident, [$($attribute:expr),*], $help:literal;)*) => {
        $(
            #[doc = $help]
            pub static $name: Metric = Metric {
                name: $otel,
                prometheus: $prometheus,
                kind: Kind::$kind,
                unit: Unit::$unit,
                attributes: &[$($attribute),*],
                help: $help,
            };
        )*

        /// Every metric, in the order of this file.
        pub static METRICS: &[&Metric] = &[$(&$name),*];
    };
}

use attribute::{
    CODE, DIRECTION, ERROR, HTTP_STATUS, METHOD, PRINCIPAL, PROTOCOL, PROTOCOL_VERSION, PROVIDER, QUANTILE, REASON,
    RESULT, ROUTE, SIGNAL, STATE, SUBJECT, TOOL, TRANSPORT, UPSTREAM, VERSION,
};

/// The value of [`attribute::OPERATION`] for a tool call.
pub const EXECUTE_TOOL: &str = "execute_tool";
/// The error type of a tool that ran and reported a failure.
pub const TOOL_ERROR: &str = "tool_error";
/// The error type of a request whose answer nobody wanted any more.
pub const CANCELLED: &str = "cancelled";
/// Stands for every name beyond the budget, and for every name that a stranger made up.
pub const OTHER: &str = "other";
/// The scope of all that Tutti measures.
pub const SCOPE: &str = "tutti";
/// The value of [`attribute::TRANSPORT`] of HTTP.
pub const TCP: &str = "tcp";
/// The value of [`attribute::TRANSPORT`] of a socket of the file system.
pub const SOCKET: &str = "unix";
/// The value of [`attribute::TRANSPORT`] of standard input and output.
pub const PIPE: &str = "pipe";

/// The value of [`attribute::PROTOCOL`] of HTTP.
pub const HTTP: &str = "http";
/// The value of [`attribute::PROTOCOL`] of a WebSocket.
pub const WEBSOCKET: &str = "websocket";

/// The keys of trace context in `params._meta` and in HTTP (SEP-414; W3C Trace Context and Baggage).
pub mod context {
    /// Trace, span and flags.
    pub const PARENT: &str = "traceparent";
    /// What vendors say.
    pub const STATE: &str = "tracestate";
    /// What applications say.
    pub const BAGGAGE: &str = "baggage";
}

metrics! {
    SERVER_OPERATION = "mcp.server.operation.duration", "mcp_server_operation_duration_seconds", Histogram, Seconds,
        [METHOD, UPSTREAM, TOOL, ERROR],
        "How long requests and notifications of clients took, until their answer was ready";
    CLIENT_OPERATION = "mcp.client.operation.duration", "mcp_client_operation_duration_seconds", Histogram, Seconds,
        [METHOD, UPSTREAM, TOOL, ERROR],
        "How long requests to upstreams took, until their answer was there";
    SERVER_SESSION = "mcp.server.session.duration", "mcp_server_session_duration_seconds", LongHistogram, Seconds,
        [PROTOCOL_VERSION, TRANSPORT, PROTOCOL],
        "How long sessions of clients lasted that are over";
    CLIENT_SESSION = "mcp.client.session.duration", "mcp_client_session_duration_seconds", LongHistogram, Seconds,
        [UPSTREAM, PROTOCOL_VERSION, TRANSPORT, PROTOCOL, ERROR],
        "How long sessions with upstreams lasted that are over";
    ERRORS = "tutti.errors", "tutti_errors_total", Counter, None, [CODE],
        "Errors of the hub that clients were given, by their code";
    UNKNOWN_TOOL_CALLS = "tutti.unknown_tool.calls", "tutti_unknown_tool_calls_total", Counter, None, [],
        "Calls of tools that do not exist";
    HTTP_RESPONSES = "tutti.http.responses", "tutti_http_responses_total", Counter, None, [HTTP_STATUS],
        "Answers over HTTP, by their status";
    CLIENT_BYTES = "tutti.client.io", "tutti_client_bytes_total", Counter, Bytes, [DIRECTION],
        "Bytes of messages from and to clients";
    UPSTREAM_BYTES = "tutti.upstream.io", "tutti_upstream_bytes_total", Counter, Bytes, [UPSTREAM, DIRECTION],
        "Bytes of params to upstreams and of answers from them";
    SESSIONS = "tutti.sessions", "tutti_sessions", Gauge, None, [],
        "Sessions of legacy clients that are open";
    REQUESTS = "tutti.requests", "tutti_requests_in_flight", Gauge, None, [],
        "Requests over HTTP under way";
    PRINCIPAL_REQUESTS = "tutti.principal.requests", "tutti_principal_requests_total", Counter, None, [PRINCIPAL],
        "Requests over HTTP by the name of their key, with the others beyond a hundred together";
    CONNECTIONS = "tutti.connections", "tutti_connections", Gauge, None, [],
        "Connections of clients that are open";
    MODEL_REQUESTS = "tutti.model.requests", "tutti_model_requests_total", Counter, None, [PROVIDER, RESULT],
        "Requests to a provider of models that are over: answered, failed before an answer began, broken_off in its middle, refused by the request's own fault, or left by the client";
    MODEL_CACHE_REQUESTS = "tutti.model_cache.requests", "tutti_model_cache_requests_total", Counter, None, [ROUTE, RESULT],
        "Requests for models to a route that keeps answers: answered by what is kept (hit), by what is kept for a text that means the same (alike), by another's answer (shared), or sent: to be kept (miss), or not (bypass)";
    MODEL_CACHE_CHECKS = "tutti.model_cache.checks", "tutti_model_cache_checks_total", Counter, None, [ROUTE, RESULT],
        "Answers of models that could have been given for texts that mean the same, and were compared with real ones: right or wrong";
    MODEL_CACHE_ENTRIES = "tutti.model_cache.entries", "tutti_model_cache_entries", Gauge, None, [],
        "Answers of models that are kept";
    MODEL_CACHE_BYTES = "tutti.model_cache.size", "tutti_model_cache_bytes", Gauge, Bytes, [],
        "Room that kept answers of models take";
    MODEL_CACHE_EVICTIONS = "tutti.model_cache.evictions", "tutti_model_cache_evictions_total", Counter, None, [],
        "Kept answers of models that made room for others";
    UPSTREAM_STATE = "tutti.upstream.state", "tutti_upstream_state", Gauge, None, [UPSTREAM, STATE],
        "1 for the state that an upstream is in, 0 for the others";
    UPSTREAM_RESTARTS = "tutti.upstream.restarts", "tutti_upstream_restarts_total", Counter, None, [UPSTREAM],
        "How often an upstream was started again";
    UPSTREAM_IN_FLIGHT = "tutti.upstream.requests", "tutti_upstream_requests_in_flight", Gauge, None, [UPSTREAM],
        "Requests to an upstream under way";
    UPSTREAM_LIMIT = "tutti.upstream.request_limit", "tutti_upstream_requests_limit", Gauge, None, [UPSTREAM],
        "Requests to an upstream that may be under way at once";
    UPSTREAM_NORMAL = "tutti.upstream.normal_requests", "tutti_upstream_requests_normal", Gauge, None, [UPSTREAM],
        "Requests to an upstream that are under way normally, once that is known";
    UPSTREAM_FAILURES = "tutti.upstream.failures", "tutti_upstream_failures_total", Counter, None, [UPSTREAM],
        "Requests that failed by the upstream's fault";
    UPSTREAM_TOOLS = "tutti.upstream.tools", "tutti_upstream_tools", Gauge, None, [UPSTREAM],
        "Tools that an upstream has";
    UPSTREAM_QUARANTINED = "tutti.upstream.quarantined_tools", "tutti_upstream_quarantined_tools", Gauge, None,
        [UPSTREAM, REASON],
        "Tools, and what else models read, that wait for an approval: changed since it was given, new, or new with no room left to remember them";
    UPSTREAM_REFUSED = "tutti.upstream.refused", "tutti_upstream_refused_total", Counter, None, [UPSTREAM, REASON],
        "Calls turned away before they reached an upstream: by a breaker, a configured rate, or too many at once (full)";
    UPSTREAM_RETRIES = "tutti.upstream.retries", "tutti_upstream_retries_total", Counter, None, [UPSTREAM],
        "Calls that were sent again";
    UPSTREAM_HEDGES = "tutti.upstream.hedges", "tutti_upstream_hedges_total", Counter, None, [UPSTREAM],
        "Second requests that were sent beside a slow first one";
    UPSTREAM_UNREPEATED = "tutti.upstream.denied_retries", "tutti_upstream_retries_denied_total", Counter, None, [UPSTREAM],
        "Calls that were not sent again, or not twice, because the budget of repeats was spent";
    UPSTREAM_BUDGET = "tutti.upstream.retry_budget", "tutti_upstream_retry_budget", Gauge, None, [UPSTREAM],
        "Repeats of calls that are left at the moment";
    BREAKER_STATE = "tutti.upstream.breaker.state", "tutti_upstream_breaker_state", Gauge, None, [UPSTREAM, STATE],
        "1 for the state that the breaker of an upstream is in, 0 for the others";
    BREAKER_ADMITTED = "tutti.upstream.breaker.admitted", "tutti_upstream_breaker_admitted_ratio", Gauge, Ratio,
        [UPSTREAM],
        "Share of the calls of an upstream that its breaker lets through";
    BREAKER_OPENED = "tutti.upstream.breaker.opened", "tutti_upstream_breaker_opened_total", Counter, None, [UPSTREAM],
        "How often the breaker of an upstream opened";
    BREAKER_WINDOW = "tutti.upstream.breaker.window", "tutti_upstream_breaker_window_calls", Gauge, None,
        [UPSTREAM, RESULT],
        "Calls of the last seconds, on which the breaker of an upstream decides: ok, slow or failed";
    BREAKER_NORMAL = "tutti.upstream.breaker.failures.normal", "tutti_upstream_breaker_normal_failures_ratio", Gauge,
        Ratio, [UPSTREAM],
        "Share of the calls of an upstream that fails normally";
    BREAKER_TOLERATED = "tutti.upstream.breaker.failures.tolerated", "tutti_upstream_breaker_tolerated_failures_ratio",
        Gauge, Ratio, [UPSTREAM],
        "Share of failures above which the breaker of an upstream lets fewer calls through";
    BREAKER_LATENCY = "tutti.upstream.breaker.latency", "tutti_upstream_breaker_latency_seconds", Gauge, Seconds,
        [UPSTREAM, QUANTILE],
        "What this share of the calls of an upstream takes at most normally, once that is known";
    BREAKER_SLOW = "tutti.upstream.breaker.slow", "tutti_upstream_breaker_slow_after_seconds", Gauge, Seconds, [UPSTREAM],
        "After which time a call counts as slow for this upstream, once that is known";
    TOOL_ADMITTED = "tutti.tool.breaker.admitted", "tutti_tool_breaker_admitted_ratio", Gauge, Ratio,
        [METHOD, UPSTREAM, TOOL],
        "Share of the calls of a tool that its breaker lets through";
    TOOL_REJECTED = "tutti.tool.breaker.rejected", "tutti_tool_breaker_rejected_total", Counter, None,
        [METHOD, UPSTREAM, TOOL],
        "Calls of a tool that its breaker turned away";
    TOOL_WINDOW = "tutti.tool.breaker.window", "tutti_tool_breaker_window_calls", Gauge, None,
        [METHOD, UPSTREAM, TOOL, RESULT],
        "Calls of the last seconds, on which the breaker of a tool decides: ok, slow or failed";
    TOOL_LATENCY = "tutti.tool.breaker.latency", "tutti_tool_breaker_latency_seconds", Gauge, Seconds,
        [METHOD, UPSTREAM, TOOL, QUANTILE],
        "What this share of the calls of a tool takes at most normally, once that is known";
    TOOL_SLOW = "tutti.tool.breaker.slow", "tutti_tool_breaker_slow_after_seconds", Gauge, Seconds,
        [METHOD, UPSTREAM, TOOL],
        "After which time a call counts as slow for this tool, once that is known";
    TOOL_IN_FLIGHT = "tutti.tool.requests", "tutti_tool_requests_in_flight", Gauge, None, [METHOD, UPSTREAM, TOOL],
        "Calls of a tool under way";
    TOOL_LIMIT = "tutti.tool.request_limit", "tutti_tool_requests_limit", Gauge, None, [METHOD, UPSTREAM, TOOL],
        "Calls of a tool that may be under way at once, where that is configured";
    CACHE_REQUESTS = "tutti.result_cache.requests", "tutti_result_cache_requests_total", Counter, None,
        [UPSTREAM, RESULT],
        "Requests whose result may be kept: answered by what is kept (hit, or replica), by what is kept for a text that means the same (alike), by another's answer (shared), or sent (miss)";
    CACHE_CHECKS = "tutti.result_cache.checks", "tutti_result_cache_checks_total", Counter, None, [UPSTREAM, RESULT],
        "Results that could have been given for texts that mean the same, and were compared with real ones: right or wrong";
    CACHE_ENTRIES = "tutti.result_cache.entries", "tutti_result_cache_entries", Gauge, None, [UPSTREAM],
        "Results that are kept";
    CACHE_BYTES = "tutti.result_cache.size", "tutti_result_cache_bytes", Gauge, Bytes, [UPSTREAM],
        "Room that kept results take";
    CACHE_EVICTIONS = "tutti.result_cache.evictions", "tutti_result_cache_evictions_total", Counter, None, [UPSTREAM],
        "Kept results that made room for others";
    TOOL_SEARCHES = "tutti.tool_search.duration", "tutti_tool_search_duration_seconds", Histogram, Seconds, [RESULT],
        "How long searches for tools took, of clients and of the API, that found some or none (empty)";
    EMBEDDINGS = "tutti.embeddings", "tutti_embeddings_total", Counter, None, [SUBJECT, RESULT],
        "Texts of tools and of queries for them whose vectors were wanted: computed, or known before (cached)";
    TOKENS_SAVED = "tutti.saved_tokens", "tutti_saved_tokens_total", Counter, None, [REASON],
        "Tokens that answers said to have saved: tools found or described in the place of all definitions (discovery), less shown of results (shaping), plans in the place of their calls (plan)";
    PLANS = "tutti.plan.duration", "tutti_plan_duration_seconds", Histogram, Seconds, [RESULT],
        "How long plans took that are over: done, failed, cancelled, or refused before anything ran";
    PLAN_CALLS = "tutti.plan.calls", "tutti_plan_calls_total", Counter, None, [RESULT],
        "Calls of plans that have ended: worked, failed, or without any server asked (cached)";
    PLAN_SAVED = "tutti.plan.saved_time", "tutti_plan_saved_seconds_total", Counter, Seconds, [],
        "By how much plans were shorter than their calls one after the other";
    EXPORTED = "tutti.telemetry.exported", "tutti_telemetry_exported_total", Counter, None, [SIGNAL, RESULT],
        "Spans and metric points for the collector: sent, failed, or dropped because too many waited";
    STORE_COMMITS = "tutti.store.commits", "tutti_store_commits_total", Counter, None, [],
        "Commits of the store; each may hold many changes";
    STORE_CHANGES = "tutti.store.changes", "tutti_store_changes_total", Counter, None, [],
        "Units of work that the commits of the store held";
    REDIS_UP = "tutti.redis.up", "tutti_redis_up", Gauge, None, [],
        "1 while the Redis that replicas share is there, 0 while it is away";
    REDIS_LOSSES = "tutti.redis.losses", "tutti_redis_losses_total", Counter, None, [],
        "How often the Redis that replicas share was away";
    REDIS_REFUSED = "tutti.redis.refused", "tutti_redis_refused_total", Counter, None, [],
        "Entries and messages in the Redis that no hub with the same secret has written, which are ignored";
    BUILD = "tutti.build.info", "tutti_build_info", Gauge, None, [VERSION],
        "Always 1; the version of Tutti";
    PROCESS_CPU = "process.cpu.time", "process_cpu_seconds_total", Counter, Seconds, [],
        "Time on a processor, of the user and the system";
    PROCESS_MEMORY = "process.memory.usage", "process_resident_memory_bytes", Gauge, Bytes, [],
        "Memory of the process that is in use";
    PROCESS_FILES = "process.open_file_descriptor.count", "process_open_fds", Gauge, None, [],
        "File descriptors that are open";
    PROCESS_FILES_LIMIT = "process.file_descriptor.limit", "process_max_fds", Gauge, None, [],
        "File descriptors that may be open";
    PROCESS_START = "process.start_time", "process_start_time_seconds", Gauge, Seconds, [],
        "When the process was started, in seconds since 1970";
}

/// The upper bounds of the buckets of a histogram, in seconds.
pub type Bounds = [f64; 18];

/// Those of requests: the convention's, and finer ones below, for the hub itself adds a fraction of a millisecond.
pub static BOUNDS: Bounds =
    [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];

/// Those of sessions: the convention's, and coarser ones above, for most sessions last longer than five minutes.
pub static LONG_BOUNDS: Bounds =
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 1800.0, 3600.0, 14400.0, 86400.0];

/// An attribute's name as a label of Prometheus: dots become underscores.
pub fn label(attribute: &str) -> String {
    attribute.replace('.', "_")
}

#[cfg(test)]
mod tests;
