use super::*;
use crate::Telemetry;
use std::time::Duration;

#[test]
fn a_session_counts_when_it_is_over_and_not_before() {
    let telemetry = Telemetry::new("0");
    let began = clock::now();
    let session = telemetry.client_session(Carrier::SOCKET, "2025-06-18").since(began);
    assert!(!telemetry.text().contains("mcp_server_session"), "it goes on");
    session.over_at(began + Duration::from_secs(400));
    drop(telemetry.client_session(Carrier::WEBSOCKET, "2026-07-28"));
    let text = telemetry.text();
    for line in [
        r#"mcp_server_session_duration_seconds_bucket{mcp_protocol_version="2025-06-18",network_transport="unix",le="300"} 0"#,
        r#"mcp_server_session_duration_seconds_bucket{mcp_protocol_version="2025-06-18",network_transport="unix",le="1800"} 1"#,
        r#"mcp_server_session_duration_seconds_sum{mcp_protocol_version="2025-06-18",network_transport="unix"} 400"#,
        r#"mcp_server_session_duration_seconds_count{mcp_protocol_version="2026-07-28",network_transport="tcp",network_protocol_name="websocket"} 1"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\nin\n{text}");
    }
}

#[test]
fn a_session_with_an_upstream_says_how_it_failed() {
    let telemetry = Telemetry::new("0");
    telemetry.upstream_session("files", Carrier::STDIO, "2025-11-25").failed("upstream_exited");
    drop(telemetry.upstream_session("files", Carrier::STDIO, "2025-11-25"));
    let labels = r#"tutti_upstream="files",mcp_protocol_version="2025-11-25",network_transport="pipe""#;
    let text = telemetry.text();
    for labels in [labels.to_owned(), format!(r#"{labels},error_type="upstream_exited""#)] {
        let line = format!("mcp_client_session_duration_seconds_count{{{labels}}} 1");
        assert!(text.lines().any(|found| found == line), "{line}\nin\n{text}");
    }
}
