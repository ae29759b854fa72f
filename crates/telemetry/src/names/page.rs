//! The page of the metrics for people, which a test holds to be what the names say.

use super::{METRICS, label};

/// The page of the metrics for people, `docs/reference/metrics.md`.
pub(super) fn page() -> String {
    let mut out = String::from(HEAD);
    for metric in METRICS {
        let labels: Vec<String> = metric.attributes.iter().map(|name| format!("`{}`", label(name))).collect();
        let labels = labels.join(" ");
        let (name, kind, help) = (metric.prometheus, metric.kind.word(), metric.help);
        out.push_str(&format!("| `{name}` | {kind} | {labels} | {help} |\n"));
    }
    out.push_str("\n## Names in OpenTelemetry\n\n| Prometheus | OpenTelemetry | unit |\n|---|---|---|\n");
    for metric in METRICS {
        out.push_str(&format!("| `{}` | `{}` | `{}` |\n", metric.prometheus, metric.name, metric.unit.ucum()));
    }
    out
}

const HEAD: &str = "\
# Metrics

Served as `/metrics` in the text format of Prometheus, and sent to a collector of OpenTelemetry where one is configured
(see `telemetry` in [configuration.md](configuration.md)). This page is made from `crates/telemetry/src/names.rs`; a test
compares them, and `TUTTI_UPDATE_SNAPSHOTS=1 cargo test -p telemetry` writes it.

Labels have a budget. `gen_ai_tool_name` is the upstream's own name of a tool that it lists; of one upstream at most 200
are told apart. `mcp_method_name` is a method of the protocol. All else is `other`, so that no client and no server can
make up series. A label without a value is left out. `error_type` is the code of the JSON-RPC error, `tool_error` for a
tool that ran and reported a failure, `cancelled`, or, where an upstream gave no answer, the label of the hub's own error
code, such as `upstream_call_timeout`.

Tools are those that were called. What a breaker does for requests that are no tool's, such as `resources/read`, stands
under `mcp_method_name` without a tool. Beyond the budget a gauge says how the worst of the rest are: of shares the least,
of times the longest; counts and calls under way are sums. The metrics of a tool are no parts of those of its upstream,
whose breaker decides on all calls together.

`mcp_server_session_duration_seconds` counts a session of a legacy client when the client ends it or is not heard of any
more (then until its last request), and a connection of its own, such as standard input and output or a WebSocket, when it
ends. Modern clients have no sessions over HTTP, and so have none there. The same holds for sessions with upstreams in
`mcp_client_session_duration_seconds`; there `error_type` says what ended the session, if it was a failure.

## Metrics

| name | kind | labels | meaning |
|---|---|---|---|
";
