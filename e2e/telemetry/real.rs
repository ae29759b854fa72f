//! The same with software that others wrote: Prometheus, its checker, and a collector that reads with the official
//! definitions of OTLP. `cargo xtask test` installs them and says where they are; without that these tests are ignored.

use super::economy::{SERIES, save, saving};
use super::gauges::{open_the_breaker, over_http, quick};
use crate::harness::{Era, Http, Hub, Setup, eventually, trial};
use crate::security::STRONG;
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

/// Variables that say where a program is.
const PROMETHEUS: &str = "TUTTI_E2E_PROMETHEUS";
const PROMTOOL: &str = "TUTTI_E2E_PROMTOOL";
const PYTHON: &str = "TUTTI_E2E_OTLP_PYTHON";

pub(crate) fn tests() -> Vec<Trial> {
    let lacks = |name: &str| std::env::var_os(name).is_none();
    vec![
        trial("telemetry::real_promtool_finds_no_fault", real_promtool_finds_no_fault)
            .with_ignored_flag(lacks(PROMTOOL)),
        trial("telemetry::real_prometheus_scrapes", real_prometheus_scrapes).with_ignored_flag(lacks(PROMETHEUS)),
        trial(
            "telemetry::real_prometheus_sees_a_breaker_open_and_close",
            real_prometheus_sees_a_breaker_open_and_close,
        )
        .with_ignored_flag(lacks(PROMETHEUS)),
        trial("telemetry::real_prometheus_sees_what_is_saved", real_prometheus_sees_what_is_saved)
            .with_ignored_flag(lacks(PROMETHEUS)),
        trial("telemetry::real_definitions_read_what_is_sent", real_definitions_read_what_is_sent)
            .with_ignored_flag(lacks(PYTHON)),
    ]
}

pub(super) fn program(variable: &str) -> Command {
    Command::new(std::env::var_os(variable).unwrap_or_else(|| panic!("{variable} names a program")))
}

/// A program that runs, and the lines that it writes.
pub(super) struct Running {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Running {
    /// `errors` says whether its lines come on standard error.
    pub(super) fn start(mut command: Command, errors: bool) -> Self {
        let (output, error) = if errors { (Stdio::null(), Stdio::piped()) } else { (Stdio::piped(), Stdio::inherit()) };
        let mut child = command.stdin(Stdio::null()).stdout(output).stderr(error).spawn().expect("it can be started");
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&lines);
        let reader: Box<dyn std::io::Read + Send> = match (child.stdout.take(), child.stderr.take()) {
            (Some(output), _) => Box::new(output),
            (None, error) => Box::new(error.expect("one of them is a pipe")),
        };
        std::thread::spawn(move || {
            for line in BufReader::new(reader).lines().map_while(Result::ok) {
                kept.lock().expect("no holder of this lock panics").push(line);
            }
        });
        Self { child, lines }
    }

    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("no holder of this lock panics").clone()
    }

    /// Waits for something in the lines.
    pub(super) async fn wait_for<T>(&self, what: &str, look: impl Fn(&[String]) -> Option<T>) -> T {
        eventually(what, || async {
            let lines = self.lines();
            look(&lines).ok_or_else(|| lines.join("\n"))
        })
        .await
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A hub with a history: calls that went well, failed and were refused.
async fn busy() -> Hub {
    let hub = Setup::pair(&["--never-start"], json!({})).with("key", json!(STRONG)).start().await;
    hub.wait_for_tool("good__echo").await;
    for era in Era::BOTH {
        let client = hub.client_of(era).await;
        client.call("good__add", json!({"a": 1, "b": 2})).await.result();
        client.call("good__fail", json!({"text": "no"})).await;
        client.call("good__error", json!({"code": -32050, "message": "no"})).await;
        client.call("good__madeup", json!({})).await;
        client.call("faulty__echo", json!({})).await;
        client.list("tools/list", "tools").await;
    }
    hub
}

async fn metrics(hub: &Hub) -> String {
    let request = Http::new("GET", &hub.at("/metrics")).header("authorization", &format!("Bearer {STRONG}"));
    request.send().await.text()
}

async fn real_promtool_finds_no_fault() {
    let text = metrics(&busy().await).await;
    let mut command = program(PROMTOOL);
    command.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it can be started");
    child.stdin.take().expect("its input is a pipe").write_all(text.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.trim().is_empty(), "{said}\nin\n{text}");
}

/// Starts Prometheus, which scrapes the hub every second; with it comes its own address.
async fn prometheus(hub: &Hub) -> (Running, String) {
    let address = hub.url.trim_start_matches("http://").trim_end_matches("/mcp");
    let scrape = json!({"job_name": "tutti", "scrape_interval": "1s", "static_configs": [{"targets": [address]}],
        "authorization": {"credentials": STRONG}});
    let config = hub.setup.path("prometheus.yml");
    std::fs::write(&config, json!({"scrape_configs": [scrape]}).to_string()).expect("the folder can be written");
    let mut command = program(PROMETHEUS);
    command.arg(format!("--config.file={}", config.display()));
    command.arg(format!("--storage.tsdb.path={}", hub.setup.path("series").display()));
    command.arg("--web.listen-address=127.0.0.1:0");
    let prometheus = Running::start(command, true);
    let own = prometheus
        .wait_for("Prometheus says where it listens", |lines| {
            lines.iter().find_map(|line| line.split_once("\"Listening on\" address=").map(|(_, own)| own.to_owned()))
        })
        .await;
    (prometheus, own)
}

async fn real_prometheus_scrapes() {
    let hub = busy().await;
    let (_prometheus, own) = prometheus(&hub).await;
    let calls = r#"mcp_method_name="tools/call",tutti_upstream="good",gen_ai_tool_name"#;
    for (query, wanted) in [
        (r#"up{job="tutti"}"#.to_owned(), 1.0),
        (format!(r#"mcp_server_operation_duration_seconds_count{{{calls}="add",error_type=""}}"#), 2.0),
        (format!(r#"mcp_client_operation_duration_seconds_count{{{calls}="fail",error_type="tool_error"}}"#), 2.0),
        (format!(r#"mcp_client_operation_duration_seconds_count{{{calls}="error",error_type="-32050"}}"#), 2.0),
        (r#"tutti_upstream_state{tutti_upstream="good",tutti_state="ready"}"#.to_owned(), 1.0),
        ("tutti_unknown_tool_calls_total".to_owned(), 2.0),
        ("count(tutti_build_info)".to_owned(), 1.0),
        ("tutti_sessions".to_owned(), 1.0),
        ("process_resident_memory_bytes > bool 1e6".to_owned(), 1.0),
        (
            format!(
                r#"histogram_quantile(0.5, mcp_server_operation_duration_seconds_bucket{{{calls}="add"}}) < bool 60"#
            ),
            1.0,
        ),
    ] {
        wait_for_answer(&own, &query, wanted).await;
    }
}

async fn real_prometheus_sees_what_is_saved() {
    let hub = saving(Setup::pair(&[], json!({}))).with("key", json!(STRONG)).ready().await;
    save(&hub.modern().at(&hub.at("/mcp/saving"))).await;
    let (_prometheus, own) = prometheus(&hub).await;
    for (series, wanted) in SERIES {
        wait_for_answer(&own, series, wanted).await;
    }
    for query in [
        r#"tutti_saved_tokens_total{tutti_reason="shaping"} > bool 500"#,
        r#"tutti_saved_tokens_total{tutti_reason="discovery"} > bool 100"#,
        r#"tutti_embeddings_total{tutti_subject="tool",tutti_result="computed"} > bool 1"#,
        "tutti_plan_saved_seconds_total >= bool 0",
    ] {
        wait_for_answer(&own, query, 1.0).await;
    }
}

/// Waits until Prometheus answers with the number.
async fn wait_for_answer(address: &str, query: &str, wanted: f64) {
    eventually(&format!("Prometheus answers {query} with {wanted}"), || ask(address, query, wanted)).await;
}

async fn real_prometheus_sees_a_breaker_open_and_close() {
    // Open for longer than it takes until Prometheus has seen it several times.
    let mut entry = quick();
    entry["breaker"]["probe"] = json!("15s");
    entry["breaker"]["probe_max"] = json!("15s");
    let (hub, _upstream) = over_http(entry, |setup| setup.with("key", json!(STRONG))).await;
    let client = hub.client().await;
    client.call("faulty__echo", json!({"message": "hi"})).await.result();
    let (_prometheus, own) = prometheus(&hub).await;
    let open = r#"tutti_upstream_breaker_state{tutti_upstream="faulty",tutti_state="open"}"#;
    let least = "min by (tutti_upstream) (tutti_upstream_breaker_admitted_ratio)";
    for (query, wanted) in [(open, 0.0), (least, 1.0)] {
        wait_for_answer(&own, query, wanted).await;
    }
    open_the_breaker(&client).await;
    let refused = r#"increase(tutti_upstream_refused_total{tutti_reason="breaker"}[1m]) > bool 0"#;
    // The labels are those of the durations of calls, so that both can be set side by side.
    let side_by_side = "count(tutti_tool_breaker_admitted_ratio * on (mcp_method_name, tutti_upstream, gen_ai_tool_name) \
                        mcp_client_operation_duration_seconds_count{error_type=\"\",gen_ai_tool_name=\"echo\"})";
    for (query, wanted) in [(open, 1.0), (least, 0.0), (refused, 1.0), (side_by_side, 1.0)] {
        wait_for_answer(&own, query, wanted).await;
    }
    eventually("all is let through again", || async {
        client.call("faulty__echo", json!({"message": "hi"})).await;
        let shown = hub.server("faulty").await["breaker"]["share"].clone();
        if shown == json!(1.0) { Ok(()) } else { Err(shown.to_string()) }
    })
    .await;
    let opened = r#"tutti_upstream_breaker_opened_total{tutti_upstream="faulty"} > bool 0"#;
    let closed = r#"tutti_upstream_breaker_state{tutti_upstream="faulty",tutti_state="closed"}"#;
    let was_open = format!("max_over_time({open}[1m])");
    for (query, wanted) in [(closed, 1.0), (open, 0.0), (least, 1.0), (opened, 1.0), (&was_open, 1.0)] {
        wait_for_answer(&own, query, wanted).await;
    }
}

/// Asks Prometheus; `Err` is what it says instead.
async fn ask(address: &str, query: &str, wanted: f64) -> Result<(), String> {
    let escape = |byte: u8| format!("%{byte:02X}");
    let escaped: String = query.bytes().map(escape).collect();
    let answer = Http::new("GET", &format!("http://{address}/api/v1/query?query={escaped}")).send().await;
    // While it reads what it kept it answers nothing.
    if answer.status != 200 {
        return Err(answer.text());
    }
    let value = answer.json()["data"]["result"][0]["value"][1].as_str().and_then(|value| value.parse::<f64>().ok());
    if value == Some(wanted) { Ok(()) } else { Err(answer.text()) }
}

async fn real_definitions_read_what_is_sent() {
    let mut command = program(PYTHON);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../e2e/telemetry/collector.py"));
    let collector = Running::start(command, false);
    let first = collector.wait_for("the collector says where it listens", |lines| lines.first().cloned()).await;
    let url: Value = serde_json::from_str(&first).expect("its first line is JSON");
    let otlp = json!({"endpoint": url["url"], "interval": "1s"});
    let hub = Setup::pair(&[], json!({})).with("telemetry", json!({"otlp": otlp})).ready().await;
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let params = json!({"name": "good__fail", "arguments": {"text": "no"}, "_meta": {"traceparent": parent}});
    hub.client().await.request("tools/call", params).await;
    let spans = collector.wait_for("both spans", |lines| spans_of(lines, "S/kvNXezTaajzpKdDg5HNg==")).await;
    check_spans(&hub, &spans);
    let point =
        collector.wait_for("the histogram of the call", |lines| lines.iter().find_map(|line| point_of(line))).await;
    let total: u64 = point["bucketCounts"].as_array().unwrap().iter().map(number).sum();
    assert_eq!((number(&point["count"]), total), (1, 1), "{point}");
    assert_eq!(point["explicitBounds"].as_array().unwrap().len() + 1, point["bucketCounts"].as_array().unwrap().len());
}

/// A whole number of 64 bits is a text in the JSON of Protocol Buffers.
fn number(value: &Value) -> u64 {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("a number: {value}"))
}

/// The server's and the client's span of a trace, once both are there.
fn spans_of(lines: &[String], trace: &str) -> Option<[Value; 2]> {
    let messages = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let resources = messages.flat_map(|message| message["resourceSpans"].as_array().cloned().unwrap_or_default());
    let spans: Vec<Value> = resources
        .inspect(|resource| assert_eq!(attribute(&resource["resource"], "service.name"), "tutti"))
        .flat_map(|resource| resource["scopeSpans"][0]["spans"].as_array().cloned().unwrap_or_default())
        .filter(|span| span["traceId"] == trace)
        .collect();
    let of = |kind: &str| spans.iter().find(|span| span["kind"] == kind).cloned();
    Some([of("SPAN_KIND_SERVER")?, of("SPAN_KIND_CLIENT")?])
}

/// The value of an attribute as text; empty where there is none.
fn attribute(holder: &Value, name: &str) -> String {
    let all = holder["attributes"].as_array().cloned().unwrap_or_default();
    let found = all.iter().find(|pair| pair["key"] == name).map(|pair| pair["value"].clone());
    found.map(|value| value["stringValue"].as_str().unwrap_or_default().to_owned()).unwrap_or_default()
}

fn check_spans(hub: &Hub, [server, client]: &[Value; 2]) {
    assert_eq!((&server["name"], &client["name"]), (&json!("tools/call good__fail"), &json!("tools/call fail")));
    assert_eq!(server["parentSpanId"], "APBnqgupArc=", "the span that the client named");
    assert_eq!(client["parentSpanId"], server["spanId"]);
    for (span, tool) in [(server, "good__fail"), (client, "fail")] {
        for (name, value) in [
            ("mcp.method.name", "tools/call"),
            ("gen_ai.operation.name", "execute_tool"),
            ("gen_ai.tool.name", tool),
            ("error.type", "tool_error"),
            ("tutti.upstream", "good"),
        ] {
            assert_eq!(attribute(span, name), value, "{name} of {span}");
        }
        assert_eq!(span["status"]["code"], "STATUS_CODE_ERROR", "{span}");
        assert!(number(&span["startTimeUnixNano"]) <= number(&span["endTimeUnixNano"]), "{span}");
        assert!(
            !attribute(span, "jsonrpc.request.id").is_empty() && !attribute(span, "mcp.protocol.version").is_empty()
        );
    }
    assert_eq!(
        (attribute(server, "network.transport"), attribute(client, "network.transport")),
        ("tcp".to_owned(), "pipe".to_owned())
    );
    assert_eq!((attribute(server, "tutti.view"), attribute(server, "mcp.session.id").len()), ("all".to_owned(), 32));
    let told = hub.recorded_method("good", "tools/call");
    let told = told.last().expect("the upstream was called")["params"]["_meta"]["traceparent"].to_string();
    let own =
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, client["spanId"].as_str().unwrap()).unwrap();
    let own: String = own.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(told.contains(&own), "the upstream is told the client's span {own}: {told}");
}

/// The point of the server's histogram for the call that failed.
fn point_of(line: &str) -> Option<Value> {
    let message: Value = serde_json::from_str(line).ok()?;
    let metrics = message["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array()?.clone();
    let histogram = metrics.into_iter().find(|metric| metric["name"] == "mcp.server.operation.duration")?;
    assert_eq!(histogram["histogram"]["aggregationTemporality"], "AGGREGATION_TEMPORALITY_CUMULATIVE");
    let points = histogram["histogram"]["dataPoints"].as_array()?.clone();
    points.into_iter().find(|point| attribute(point, "error.type") == "tool_error")
}
