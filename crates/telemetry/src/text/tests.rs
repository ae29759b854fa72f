use crate::Telemetry;
use crate::names::{METRICS, TOOL_ERROR, UPSTREAM_STATE};
use crate::snapshot::Snapshot;
use std::time::Duration;

#[test]
fn a_histogram_adds_up_and_leaves_empty_labels_out() {
    let telemetry = Telemetry::new("1.2.3");
    let sides = telemetry.upstream("files").operation("tools/call", "read");
    sides.server.record(Duration::from_millis(3), None);
    sides.server.record(Duration::from_millis(300), None);
    sides.server.record(Duration::from_secs(1000), Some(TOOL_ERROR));
    let text = telemetry.text();
    let labels = r#"mcp_method_name="tools/call",tutti_upstream="files",gen_ai_tool_name="read""#;
    for line in [
        "# TYPE mcp_server_operation_duration_seconds histogram".to_owned(),
        format!(r#"mcp_server_operation_duration_seconds_bucket{{{labels},le="0.002"}} 0"#),
        format!(r#"mcp_server_operation_duration_seconds_bucket{{{labels},le="0.005"}} 1"#),
        format!(r#"mcp_server_operation_duration_seconds_bucket{{{labels},le="+Inf"}} 2"#),
        format!("mcp_server_operation_duration_seconds_count{{{labels}}} 2"),
        format!(r#"mcp_server_operation_duration_seconds_bucket{{{labels},error_type="tool_error",le="300"}} 0"#),
        r#"tutti_build_info{version="1.2.3"} 1"#.to_owned(),
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\nin\n{text}");
    }
}

#[test]
fn a47_a118_a_name_cannot_break_out_of_its_line() {
    let mut snapshot = Snapshot::default();
    let name = "a\"} 1\nevil{x=\"\\ \u{1b}[31m\u{202e}\r";
    snapshot.put(&UPSTREAM_STATE, &[name, "ready"], 1.0);
    let text = super::render(&snapshot);
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.contains(r#"tutti_upstream="a\"} 1\nevil{x=\"\\ \\u{1b}[31m\\u{202e}\\u{d}""#), "{text}");
}

#[test]
fn every_metric_has_its_head_once() {
    let text = Telemetry::new("0").text();
    for metric in METRICS {
        let head = format!("# TYPE {} {}", metric.prometheus, metric.kind.word());
        assert!(text.matches(&head).count() <= 1, "{head}");
    }
}
