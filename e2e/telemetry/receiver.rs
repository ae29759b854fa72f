//! A collector that others wrote, with a receiver of OTLP over HTTP: Rotel. It says in its log what it received.
//! `cargo xtask test` installs it and says where it is; without that the test is ignored.

use super::real::{Running, program};
use crate::harness::{Setup, eventually, trial};
use libtest_mimic::Trial;
use serde_json::json;
use std::collections::HashSet;

/// The variable that says where the program is.
const ROTEL: &str = "TUTTI_E2E_ROTEL";

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        trial("telemetry::real_otlp_receiver_takes_traces_and_metrics", real_otlp_receiver_takes_traces_and_metrics)
            .with_ignored_flag(std::env::var_os(ROTEL).is_none()),
    ]
}

/// Starts it on free ports. Its receivers must have different addresses: it finds them again by these.
fn start(setup: &Setup) -> Running {
    let mut command = program(ROTEL);
    command.args(["start", "--otlp-http-endpoint", "127.0.0.1:0", "--otlp-grpc-endpoint", "127.0.0.2:0"]);
    command.args(["--exporter", "blackhole", "--batch-timeout", "50ms", "--debug-log-verbosity", "detailed"]);
    command.args(["--debug-log", "traces", "--debug-log", "metrics"]).arg("--pid-file").arg(setup.path("rotel.pid"));
    command.env("NO_COLOR", "1");
    Running::start(command, false)
}

/// The port that a process listens on at 127.0.0.1, which it does not say: among all listeners the one that it holds.
fn port(process: u32) -> Option<u16> {
    let open = std::fs::read_dir(format!("/proc/{process}/fd")).ok()?;
    let links = open.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok()?.into_os_string().into_string().ok());
    let own: HashSet<String> =
        links.filter_map(|link| Some(link.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())).collect();
    let all = std::fs::read_to_string(format!("/proc/{process}/net/tcp")).ok()?;
    let mut all = all.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let is_it = |fields: &Vec<&str>| fields.get(3) == Some(&"0A") && fields.get(9).is_some_and(|id| own.contains(*id));
    let address =
        all.find_map(|fields| is_it(&fields).then(|| fields[1].strip_prefix("0100007F:").map(str::to_owned))?)?;
    u16::from_str_radix(&address, 16).ok()
}

async fn real_otlp_receiver_takes_traces_and_metrics() {
    let setup = Setup::pair(&[], json!({}));
    let receiver = start(&setup);
    let port = eventually("the receiver listens", || async {
        port(receiver.process()).ok_or_else(|| receiver.lines().join("\n"))
    })
    .await;
    let otlp = json!({"endpoint": format!("http://127.0.0.1:{port}"), "interval": "1s"});
    let hub = setup.with("telemetry", json!({"otlp": otlp})).ready().await;
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let params = json!({"name": "good__fail", "arguments": {"text": "no"}, "_meta": {"traceparent": parent}});
    hub.client().await.request("tools/call", params).await;
    let spans =
        receiver.wait_for("both spans of the call", |lines| spans_of(lines, "4bf92f3577b34da6a3ce929d0e0e4736")).await;
    let [server, client] = &spans;
    for (span, wanted) in [
        (server, ["Parent ID      : 00f067aa0ba902b7", "Name           : tools/call good__fail"]),
        (client, [&*format!("Parent ID      : {}", id(server)), "Name           : tools/call fail"]),
    ] {
        let of_both =
            ["Status code    : STATUS_CODE_ERROR", "-> error.type: Str(tool_error)", "-> tutti.upstream: Str(good)"];
        for line in wanted.into_iter().chain(of_both) {
            assert!(span.iter().any(|found| found.trim() == line), "{line} in {span:#?}");
        }
    }
    for (metric, kind, attributes, number) in [
        ("mcp.server.operation.duration", "Histogram", &["gen_ai.tool.name: Str(fail)"][..], "Count: 1"),
        ("tutti.upstream.breaker.admitted", "Gauge", &["tutti.upstream: Str(good)"], "Value: 1"),
        ("tutti.upstream.breaker.state", "Gauge", &["tutti.upstream: Str(good)", "tutti.state: Str(open)"], "Value: 0"),
        ("tutti.tool.breaker.admitted", "Gauge", &["gen_ai.tool.name: Str(fail)"], "Value: 1"),
        ("tutti.http.responses", "Sum", &["http.response.status_code: Str(202)"], "Value: 1"),
    ] {
        receiver
            .wait_for(&format!("{metric} of {attributes:?} is there"), |lines| {
                let points = points_of(lines, metric, kind);
                let is_it = |point: &&[String]| {
                    let holds = |wanted: &str| point.iter().any(|line| line.trim().trim_start_matches("-> ") == wanted);
                    attributes.iter().all(|attribute| holds(attribute)) && holds(number)
                };
                points.iter().copied().find(is_it).map(drop)
            })
            .await;
    }
}

/// The lines of everything that begins with `head`, each up to the next head of the same or another kind.
fn blocks<'a>(lines: &'a [String], head: &str) -> Vec<&'a [String]> {
    let is_head = |line: &String| {
        let heads = ["ResourceSpans #", "ResourceMetrics #", "Span #", "Metric #"];
        line.starts_with(head) || heads.iter().any(|other| line.starts_with(other))
    };
    let starts: Vec<usize> = (0..lines.len()).filter(|at| is_head(&lines[*at])).chain([lines.len()]).collect();
    // The last one may not be whole yet.
    let whole = starts.windows(2).filter(|pair| pair[1] < lines.len());
    whole.map(|pair| &lines[pair[0]..pair[1]]).filter(|block| block[0].starts_with(head)).collect()
}

/// The server's and the client's span of a trace, once both are there.
fn spans_of(lines: &[String], trace: &str) -> Option<[Vec<String>; 2]> {
    let holds = |span: &[String], end: &str| span.iter().any(|line| line.trim_end().ends_with(end));
    let all = blocks(lines, "Span #");
    let of = |kind: &str| all.iter().find(|span| holds(span, trace) && holds(span, kind)).map(|span| span.to_vec());
    Some([of("SPAN_KIND_SERVER")?, of("SPAN_KIND_CLIENT")?])
}

/// The id of a span.
fn id(span: &[String]) -> &str {
    let line = span.iter().find_map(|line| line.trim().strip_prefix("ID "));
    line.and_then(|line| line.split(": ").nth(1)).expect("a span has an id")
}

/// The points of a metric of this kind.
fn points_of<'a>(lines: &'a [String], metric: &str, kind: &str) -> Vec<&'a [String]> {
    let has = |block: &[String], line: &str| block.iter().any(|found| found.trim() == line);
    let head = if kind == "Histogram" { "HistogramDataPoints #" } else { "NumberDataPoints #" };
    let of_metric = blocks(lines, "Metric #").into_iter();
    let of_metric = of_metric
        .filter(|block| has(block, &format!("-> Name: {metric}")) && has(block, &format!("-> DataType: {kind}")));
    of_metric.flat_map(|block| block.chunk_by(|_, next| !next.starts_with(head))).collect()
}
