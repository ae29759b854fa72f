//! How upstreams and their tools stand, in `/metrics`, after faults that are real.

use super::metrics::{metrics, number};
use crate::harness::{Client, HttpUpstream, Hub, Setup, eventually, replace, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    trials!("telemetry":
        gauges_follow_a_breaker_that_opens_and_closes,
        tools_that_are_held_back_are_told_apart,
        a117_tools_beyond_the_budget_share_their_gauges,
        refusals_are_counted_by_their_reason,
        results_that_are_kept_are_counted,
        tools_in_quarantine_are_counted,
        sessions_are_counted_when_they_end,
    )
}

/// An entry whose breaker moves quickly. It stays open as long as nobody calls: a probe is a call.
pub(super) fn quick() -> Value {
    let breaker = json!({"step": "50ms", "probe": "100ms", "probe_max": "100ms", "window": "10m"});
    json!({"breaker": breaker, "retry": {"attempts": 1}})
}

/// A hub in front of an upstream over HTTP, whose connections end one by one.
pub(super) async fn over_http(entry: Value, change: impl FnOnce(Setup) -> Setup) -> (Hub, HttpUpstream) {
    let setup = Setup::new();
    let record = setup.record("faulty");
    let upstream = HttpUpstream::start(&["--name", "faulty", "--record", record.to_str().unwrap()]).await;
    let hub = change(setup.remote("faulty", &upstream.url, entry)).ready().await;
    (hub, upstream)
}

/// Calls until the upstream as a whole gets nothing any more. Each tool fails by itself too; all of them together are the
/// first to be held back.
pub(super) async fn open_the_breaker(client: &Client) {
    eventually("the upstream as a whole is held back", || async {
        let mut told = String::new();
        for tool in ["flaky", "flaky_read", "flaky_put"] {
            let arguments = json!({"key": "k", "fail": 1_000_000, "how": "reset"});
            let reply = client.call(&format!("faulty__{tool}"), arguments).await;
            let open = reply.code() == Some("T-0215") && reply.raw.contains("only a probe");
            told = reply.message["error"]["data"]["message"].as_str().unwrap_or_default().to_owned();
            if open && told.starts_with("`faulty` failed too often") {
                return Ok(());
            }
        }
        Err(told)
    })
    .await;
}

/// The number of a gauge of the upstream `faulty`, which may have more labels.
fn of(lines: &[String], name: &str, labels: &str) -> f64 {
    let comma = if labels.is_empty() { "" } else { "," };
    number(lines, &format!(r#"{name}{{tutti_upstream="faulty"{comma}{labels}}}"#))
}

/// The number of a gauge of one of its tools.
fn of_tool(lines: &[String], name: &str, tool: &str, labels: &str) -> f64 {
    let own = format!(r#"mcp_method_name="tools/call",tutti_upstream="faulty",gen_ai_tool_name="{tool}""#);
    let comma = if labels.is_empty() { "" } else { "," };
    number(lines, &format!("{name}{{{own}{comma}{labels}}}"))
}

/// The words of the states of the breaker that are 1.
fn states(lines: &[String]) -> Vec<&'static str> {
    let is = |word: &&str| of(lines, "tutti_upstream_breaker_state", &format!(r#"tutti_state="{word}""#)) == 1.0;
    ["closed", "limited", "open"].into_iter().filter(is).collect()
}

async fn gauges_follow_a_breaker_that_opens_and_closes() {
    let (hub, _upstream) = over_http(quick(), |setup| setup).await;
    let client = hub.client().await;
    client.call("faulty__echo", json!({"message": "hi"})).await.result();
    let lines = metrics(&hub).await;
    assert_eq!((states(&lines), of(&lines, "tutti_upstream_breaker_admitted_ratio", "")), (vec!["closed"], 1.0));
    assert!(of(&lines, "tutti_upstream_breaker_window_calls", r#"tutti_result="ok""#) >= 1.0, "{lines:#?}");
    assert!(of(&lines, "tutti_upstream_breaker_tolerated_failures_ratio", "") > 0.0);
    assert!(of(&lines, "tutti_upstream_breaker_latency_seconds", r#"tutti_quantile="0.99""#) > 0.0);
    // The hub soon asks the upstream itself how it is, and then lets some calls through, which fail again.
    let lines = eventually("it is told that the breaker is open", || async {
        open_the_breaker(&client).await;
        let lines = metrics(&hub).await;
        let told = (states(&lines), of(&lines, "tutti_upstream_breaker_admitted_ratio", ""));
        if told == (vec!["open"], 0.0) { Ok(lines) } else { Err(format!("{told:?}")) }
    })
    .await;
    assert!(of(&lines, "tutti_upstream_breaker_opened_total", "") >= 1.0);
    assert!(of(&lines, "tutti_upstream_refused_total", r#"tutti_reason="breaker""#) >= 1.0, "{lines:#?}");
    eventually("all is let through again", || async {
        client.call("faulty__echo", json!({"message": "hi"})).await;
        let lines = metrics(&hub).await;
        let share = of(&lines, "tutti_upstream_breaker_admitted_ratio", "");
        if share == 1.0 && states(&lines) == ["closed"] { Ok(()) } else { Err(share.to_string()) }
    })
    .await;
}

async fn tools_that_are_held_back_are_told_apart() {
    let hub = Setup::pair(&[], quick()).ready().await;
    let client = hub.client().await;
    client.call("faulty__echo", json!({"message": "hi"})).await.result();
    client.request("resources/read", json!({"uri": "tutti://faulty/e2e://nothing"})).await;
    eventually("a call is held back", || async {
        let reply = client.call("faulty__flaky_read", json!({"key": "k", "fail": 1_000_000})).await;
        if reply.code() == Some("T-0215") { Ok(()) } else { Err(reply.raw) }
    })
    .await;
    let lines = metrics(&hub).await;
    let share = |tool| of_tool(&lines, "tutti_tool_breaker_admitted_ratio", tool, "");
    assert_eq!(share("echo"), 1.0);
    assert!(share("flaky_read") < 1.0, "{lines:#?}");
    assert!(of_tool(&lines, "tutti_tool_breaker_rejected_total", "flaky_read", "") >= 1.0);
    assert_eq!(of_tool(&lines, "tutti_tool_breaker_window_calls", "echo", r#"tutti_result="ok""#), 1.0);
    assert_eq!(states(&lines), ["closed"], "the upstream answers, so it goes on as a whole");
    assert_eq!(
        of_tool(&lines, "tutti_tool_breaker_admitted_ratio", "hold", ""),
        0.0,
        "never called, so it is not there"
    );
    let other: Vec<_> = lines.iter().filter(|line| line.contains(r#"gen_ai_tool_name="other""#)).collect();
    assert!(other.is_empty(), "{other:#?}");
}

async fn a117_tools_beyond_the_budget_share_their_gauges() {
    let rules = json!({"tool_*": {"calls": 3}});
    let hub = Setup::pair(&["--tools", "230"], json!({"tools": rules, "breaker": {"window": "1h"}})).ready().await;
    let client = hub.client().await;
    for number in 1..=230 {
        client.call(&format!("faulty__tool_{number:04}"), json!({})).await.result();
    }
    let lines = metrics(&hub).await;
    let of_faulty = |name: &str| {
        let begin = format!(r#"{name}{{mcp_method_name="tools/call",tutti_upstream="faulty",gen_ai_tool_name=""#);
        lines.iter().filter(|line| line.starts_with(&begin)).count()
    };
    for name in ["tutti_tool_breaker_admitted_ratio", "mcp_client_operation_duration_seconds_count"] {
        assert_eq!(of_faulty(name), 201, "{name}");
    }
    assert_eq!(of_faulty("tutti_tool_requests_limit"), 200, "of several together there is no limit");
    assert_eq!(of_tool(&lines, "tutti_tool_breaker_window_calls", "other", r#"tutti_result="ok""#), 30.0);
    let own = of_tool(&lines, "mcp_client_operation_duration_seconds_count", "tool_0001", "");
    assert_eq!((own, of_tool(&lines, "tutti_tool_requests_limit", "tool_0001", "")), (1.0, 3.0));
}

async fn refusals_are_counted_by_their_reason() {
    let rules = json!({"ec*": {"rate": "2/h"}, "hold": {"calls": 1}});
    let entry = json!({"tools": rules, "limits": {"calls": 5}});
    let hub = Setup::pair(&[], entry).ready().await;
    let client = hub.client().await;
    for _ in 0..5 {
        client.call("faulty__echo", json!({"message": "hi"})).await;
    }
    let held = client.start_call("faulty__hold", json!({"name": "held"}));
    client.call("faulty__await_hold", json!({"name": "held"})).await.result();
    client.call("faulty__hold", json!({"name": "held"})).await.assert_fault(&["T-0211"], "faulty");
    let lines = metrics(&hub).await;
    let refused = |reason| of(&lines, "tutti_upstream_refused_total", &format!(r#"tutti_reason="{reason}""#));
    assert_eq!((refused("rate"), refused("full"), refused("breaker")), (3.0, 1.0, 0.0));
    assert_eq!(of(&lines, "tutti_upstream_requests_limit", ""), 5.0);
    assert_eq!(of(&lines, "tutti_upstream_requests_in_flight", ""), 1.0);
    assert_eq!(of_tool(&lines, "tutti_tool_requests_in_flight", "hold", ""), 1.0);
    assert_eq!(of_tool(&lines, "tutti_tool_requests_limit", "hold", ""), 1.0);
    assert!(of(&lines, "tutti_upstream_retry_budget", "") >= 10.0, "{lines:#?}");
    client.call("faulty__release", json!({"name": "held"})).await.result();
    held.finish().await.result();
    assert_eq!(of(&metrics(&hub).await, "tutti_upstream_requests_in_flight", ""), 0.0);
}

async fn results_that_are_kept_are_counted() {
    let rules = json!({"flaky_read": {"cache": {"ttl": "1h", "scope": "public"}}});
    let hub = Setup::pair(&[], json!({"tools": rules, "breaker": {"window": "1h"}})).ready().await;
    let client = hub.client().await;
    for key in ["a", "a", "a", "b"] {
        client.call("faulty__flaky_read", json!({"key": key})).await.result();
    }
    let lines = metrics(&hub).await;
    let count = |result| of(&lines, "tutti_result_cache_requests_total", &format!(r#"tutti_result="{result}""#));
    assert_eq!((count("hit"), count("miss"), count("shared")), (2.0, 2.0, 0.0), "{lines:#?}");
    assert_eq!(of(&lines, "tutti_result_cache_entries", ""), 2.0);
    assert!(of(&lines, "tutti_result_cache_bytes", "") > 100.0);
    assert_eq!(of(&lines, "tutti_result_cache_evictions_total", ""), 0.0);
    assert_eq!(of_tool(&lines, "tutti_tool_breaker_window_calls", "flaky_read", r#"tutti_result="ok""#), 2.0);
}

async fn tools_in_quarantine_are_counted() {
    let tools = |description: &str| {
        let tool = |name: &str| json!({"name": name, "description": description, "inputSchema": {"type": "object"}});
        let named = |name: &str| json!({"name": name, "inputSchema": {"type": "object"}});
        json!([named("echo"), tool("send"), tool("post"), named("change_tools")]).to_string()
    };
    let setup = Setup::new();
    replace(&setup.path("tools.json"), &tools("Sends a mail."));
    let file = setup.path_text("tools.json");
    let hub = setup.fixture("faulty", &["--era", "legacy", "--tools-file", &file], json!({})).ready().await;
    let count = |lines: &[String], reason: &str| {
        of(lines, "tutti_upstream_quarantined_tools", &format!(r#"tutti_reason="{reason}""#))
    };
    assert_eq!(count(&metrics(&hub).await, "changed"), 0.0);
    replace(&hub.setup.path("tools.json"), &tools("Sends it elsewhere."));
    hub.call("faulty__change_tools", json!({})).await.result();
    hub.wait_for("faulty", "the tool is in quarantine", |server| !server["quarantined"][1].is_null()).await;
    let lines = metrics(&hub).await;
    assert_eq!((count(&lines, "changed"), count(&lines, "new"), count(&lines, "full")), (2.0, 0.0, 0.0));
}

async fn sessions_are_counted_when_they_end() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let (stays, ends) = (hub.client().await, hub.client().await);
    let of_clients = r#"mcp_server_session_duration_seconds_count{mcp_protocol_version="2025-11-25",network_transport="tcp",network_protocol_name="http"}"#;
    assert_eq!(number(&metrics(&hub).await, of_clients), 0.0);
    ends.close().await;
    hub.modern().call("faulty__echo", json!({"message": "no session"})).await.result();
    let lines = metrics(&hub).await;
    assert_eq!((number(&lines, of_clients), number(&lines, "tutti_sessions")), (1.0, 1.0), "{lines:#?}");
    stays.call("faulty__exit", json!({})).await;
    eventually("the session with the upstream is counted", || async {
        let lines = metrics(&hub).await;
        let is_it = |line: &&String| {
            line.starts_with(r#"mcp_client_session_duration_seconds_count{tutti_upstream="faulty","#)
                && line.contains(r#"network_transport="pipe""#)
                && line.ends_with(r#"error_type="upstream_exited"} 1"#)
        };
        lines.iter().find(is_it).map(drop).ok_or_else(|| format!("{lines:#?}"))
    })
    .await;
}
