//! How many requests one client may send.

use crate::harness::{Era, Setup, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::json;

pub(super) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("resilience::rate": client_that_sends_too_much_is_told_when_to_come_again,);
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
