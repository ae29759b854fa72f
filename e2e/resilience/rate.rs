//! How many requests one client may send.

use crate::harness::{Era, Hub, Setup, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::json;

pub(super) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("resilience::rate":
        client_that_sends_too_much_is_told_when_to_come_again,
        rate_of_an_upstream_says_when_to_come_again,
        rate_of_a_tool_says_when_to_come_again,
    );
    tests.extend(trials!("resilience::rate":
        each_session_has_its_own_rate,
        a27_sessions_do_not_multiply_the_rate,
        nothing_is_limited_unless_configured,
    ));
    tests
}

async fn client_that_sends_too_much_is_told_when_to_come_again(era: Era) {
    let hub = Setup::pair(&[], json!({})).with("limits", json!({"rate": "20/h"})).start().await;
    let client = hub.client_of(era).await;
    let ask = || client.post(&client.message(&json!("mine"), "tools/list", json!({})));
    let mut answer = ask().send().await;
    assert_eq!(answer.header("ratelimit-limit"), Some("20"));
    let left: u64 = answer.header("ratelimit-remaining").unwrap().parse().unwrap();
    assert!(left < 20 && answer.header("ratelimit-reset").is_some());
    for _ in 0..=left {
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer = ask().send().await;
    }
    assert_eq!(answer.status, 429, "{}", answer.text());
    let message = answer.json();
    assert_eq!((&message["id"], &message["error"]["data"]["code"]), (&json!("mine"), &json!("T-0325")), "{message}");
    // Not -32002, which a legacy client knows as a resource that is not there.
    assert_eq!(message["error"]["code"], -32015, "{message}");
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((100..=180).contains(&wait), "one comes every 180 s: {wait}");
    assert_eq!(answer.header("ratelimit-remaining"), Some("0"));
}

/// Calls `tool` as often as its rate of `most` an hour allows, and once more.
async fn exceed(hub: &Hub, era: Era, tool: &str, most: u32) {
    let client = hub.client_of(era).await;
    let params = json!({"name": tool, "arguments": {"message": "hi", "a": 1, "b": 1}});
    for accept in ["application/json, text/event-stream", "application/json"] {
        let ask =
            || client.post(&client.message(&json!("mine"), "tools/call", params.clone())).header("accept", accept);
        for _ in 0..if accept.len() > 16 { most } else { 0 } {
            let answer = ask().send().await;
            assert_eq!((answer.status, answer.header("retry-after")), (200, None), "{}", answer.text());
        }
        let answer = ask().send().await;
        // Some legacy clients give up the session for another status.
        assert_eq!(answer.status, if era == Era::Modern { 429 } else { 200 }, "{}", answer.text());
        let error = &answer.json()["error"];
        assert_eq!((&error["code"], &error["data"]["code"]), (&json!(-32015), &json!("T-0216")), "{error}");
        let number = |name: &str| answer.header(name).unwrap_or_default().parse::<u64>().expect("a number");
        assert_eq!((number("ratelimit-limit"), number("ratelimit-remaining")), (u64::from(most), 0));
        let (wait, reset) = (number("retry-after"), number("ratelimit-reset"));
        assert!((3000 / u64::from(most)..=3600 / u64::from(most)).contains(&wait), "{wait}");
        assert!((3000..=3600).contains(&reset), "{reset}");
        let exact = error["data"]["retry_after_ms"].as_u64().expect("it says so without headers too");
        assert!(exact <= wait * 1000 && exact + 1000 >= wait * 1000, "{exact} is {wait} s");
    }
}

async fn rate_of_an_upstream_says_when_to_come_again(era: Era) {
    let hub = Setup::pair(&[], json!({"rate": "3/h"})).ready().await;
    exceed(&hub, era, "faulty__echo", 3).await;
    hub.call("faulty__add", json!({"a": 1, "b": 1})).await.assert_code(&["T-0216"]);
    hub.assert_good().await;
}

async fn rate_of_a_tool_says_when_to_come_again(era: Era) {
    let hub = Setup::pair(&[], json!({"tools": {"ec*": {"rate": "2/h"}}})).ready().await;
    exceed(&hub, era, "faulty__echo", 2).await;
    let other = hub.call("faulty__add", json!({"a": 1, "b": 1})).await;
    assert_eq!(other.structured()["sum"], 2.0, "another tool has none: {}", other.raw);
}

async fn each_session_has_its_own_rate() {
    let hub = Setup::pair(&[], json!({})).with("limits", json!({"rate": "10/h"})).start().await;
    let (one, other) = (hub.client().await, hub.client().await);
    let ask = |client: &crate::harness::Client| client.post(&client.message(&json!(1), "ping", json!({})));
    while ask(&one).send().await.status == 200 {}
    assert_eq!(ask(&other).send().await.status, 200);
}

/// Whoever opens a new session for each request counts as one client; so does whoever makes up ids of sessions.
async fn a27_sessions_do_not_multiply_the_rate() {
    let hub = Setup::pair(&[], json!({})).with("limits", json!({"rate": "10/h"})).start().await;
    let mut statuses = Vec::new();
    for number in 0..30 {
        let client = hub.bare(Era::Legacy).with_header("mcp-session-id", &format!("made-up-{number}"));
        let hello =
            json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "e", "version": "1"}});
        statuses.push(client.post(&client.message(&json!(1), "initialize", hello)).send().await.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 10, "{statuses:?}");
    assert!(statuses[10..].iter().all(|status| *status == 429), "{statuses:?}");
}

async fn nothing_is_limited_unless_configured() {
    let hub = Setup::pair(&[], json!({})).start().await;
    let client = hub.client().await;
    for _ in 0..300 {
        let answer = client.post(&client.message(&json!(1), "ping", json!({}))).send().await;
        assert_eq!((answer.status, answer.header("ratelimit-limit")), (200, None));
    }
}
