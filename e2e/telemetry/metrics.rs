//! `/metrics`, as a client of HTTP sees it.

use crate::harness::{Era, Http, Hub, Setup, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::json;

pub(crate) fn tests() -> Vec<Trial> {
    let both = trials_of_both_eras!("telemetry": calls_are_counted_and_timed);
    let once = trials!("telemetry":
        a17_a117_made_up_names_make_no_series,
        states_of_upstreams_are_told,
    );
    both.into_iter().chain(once).collect()
}

/// The lines of `/metrics`.
pub(super) async fn metrics(hub: &Hub) -> Vec<String> {
    let answer = Http::new("GET", &hub.at("/metrics")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    answer.text().lines().map(str::to_owned).collect()
}

/// The number of the series whose line begins with `series`, zero where there is none.
#[track_caller]
pub(super) fn number(lines: &[String], series: &str) -> f64 {
    let found = lines.iter().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    found.map_or(0.0, |number| number.parse().unwrap_or_else(|_| panic!("a number: {series} {number}")))
}

/// The series that counts calls of a tool.
fn count(side: &str, tool: &str, error: &str) -> String {
    let error = if error.is_empty() { String::new() } else { format!(",error_type=\"{error}\"") };
    let labels = format!(r#"mcp_method_name="tools/call",tutti_upstream="good",gen_ai_tool_name="{tool}""#);
    format!("mcp_{side}_operation_duration_seconds_count{{{labels}{error}}}")
}

async fn calls_are_counted_and_timed(era: Era) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    for _ in 0..3 {
        client.call("good__add", json!({"a": 1, "b": 2})).await;
    }
    client.call("good__fail", json!({"text": "no"})).await;
    client.call("good__error", json!({"code": -32050, "message": "no"})).await;
    client.call("good__error", json!({"code": -32602, "message": "no"})).await;
    let lines = metrics(&hub).await;
    for side in ["server", "client"] {
        assert_eq!(number(&lines, &count(side, "add", "")), 3.0, "{side}: {lines:#?}");
        assert_eq!(number(&lines, &count(side, "fail", "tool_error")), 1.0, "{side}");
        assert_eq!(number(&lines, &count(side, "error", "-32050")), 1.0, "{side}");
        assert_eq!(number(&lines, &count(side, "error", "-32602")), 1.0, "{side}");
    }
    for direction in ["in", "out"] {
        assert!(number(&lines, &format!("tutti_client_bytes_total{{tutti_direction=\"{direction}\"}}")) > 500.0);
    }
    let sessions = if era == Era::Legacy { 1.0 } else { 0.0 };
    assert_eq!(number(&lines, "tutti_sessions"), sessions);
    assert!(number(&lines, "process_resident_memory_bytes") > 1e6);
    assert!(number(&lines, "process_cpu_seconds_total") > 0.0);
}

async fn a17_a117_made_up_names_make_no_series() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client().await;
    let unknown = number(&metrics(&hub).await, "tutti_unknown_tool_calls_total");
    for number in 0..50 {
        client.call(&format!("good__madeup{number}"), json!({})).await;
        client.request(&format!("madeup/{number}/\u{202e}ü"), json!({})).await;
    }
    let long = format!("madeup{}", "x".repeat(1 << 20));
    client.request(&long, json!({})).await;
    let message = json!({"jsonrpc": "2.0", "method": long});
    client.post(&message).send().await;
    let lines = metrics(&hub).await;
    let found: Vec<_> = lines.iter().filter(|line| line.contains("madeup")).collect();
    assert!(found.is_empty(), "{found:#?}");
    assert_eq!(number(&lines, "tutti_unknown_tool_calls_total") - unknown, 50.0);
    let other = r#"mcp_server_operation_duration_seconds_count{mcp_method_name="other""#;
    assert_eq!(number(&lines, &format!("{other},error_type=\"-32601\"}}")), 51.0, "{lines:#?}");
    assert_eq!(number(&lines, &format!("{other}}}")), 1.0, "the notification");
    assert_eq!(number(&lines, r#"tutti_errors_total{tutti_error_code="T-0305"}"#), 50.0);
}

async fn states_of_upstreams_are_told() {
    let hub = Setup::pair(&["--never-start"], json!({})).start().await;
    hub.wait_for("faulty", "it is given up for now", |server| server["state"] == "backing_off").await;
    let lines = metrics(&hub).await;
    let state = |name, state| {
        number(&lines, &format!(r#"tutti_upstream_state{{tutti_upstream="{name}",tutti_state="{state}"}}"#))
    };
    assert_eq!((state("faulty", "ready"), state("good", "disabled")), (0.0, 0.0));
    let of = |name: &str| {
        let begin = format!(r#"tutti_upstream_state{{tutti_upstream="{name}","#);
        lines.iter().filter(|line| line.starts_with(&begin) && line.ends_with(" 1")).count()
    };
    assert_eq!((of("faulty"), of("good")), (1, 1), "each is in one state: {lines:#?}");
}
