//! What is sent again, and what never is. The upstream counts.

use super::{breaker, calls};
use crate::harness::{Era, HttpUpstream, Hub, Setup, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("resilience::retry":
        only_what_may_be_done_twice_is_sent_again,
        h30_operators_word_goes_before_the_hints,
    );
    tests.extend(trials!("resilience::retry":
        every_kind_of_failure_is_mended,
        failures_that_stay_are_passed_on,
        retry_after_is_honoured,
        server_that_is_asked_too_much_is_left_alone,
        killed_process_costs_no_idempotent_call,
        a92_storm_of_failures_is_not_made_worse,
        slow_call_gets_a_second_request_where_that_is_wanted,
    ));
    tests
}

/// A hub with the fixture over HTTP as `faulty`, which records.
async fn remote(entry: Value) -> (Hub, HttpUpstream) {
    let setup = Setup::new();
    let record = setup.record("faulty");
    let upstream = HttpUpstream::start(&["--name", "faulty", "--record", record.to_str().unwrap()]).await;
    (setup.remote("faulty", &upstream.url, entry).ready().await, upstream)
}

async fn only_what_may_be_done_twice_is_sent_again(era: Era) {
    let (hub, _upstream) = remote(json!({})).await;
    let client = hub.client_of(era).await;
    for how in ["reset", "garbage", "error"] {
        for (tool, again) in [("flaky_read", true), ("flaky_put", true), ("flaky", false)] {
            let key = format!("{how} {tool} {}", era.word());
            let arguments = json!({"key": key, "fail": 1, "how": how});
            let reply = client.call(&format!("faulty__{tool}"), arguments).await;
            assert_eq!(reply.message.get("result").is_some(), again, "{key}: {}", reply.raw);
            assert_eq!(calls(&hub, "faulty", &key), if again { 2 } else { 1 }, "{key}");
        }
    }
}

async fn h30_operators_word_goes_before_the_hints(era: Era) {
    let tools = json!({"flaky_read": {"effect": "write"}, "flak*": {"effect": "idempotent"}});
    let (hub, _upstream) = remote(json!({"tools": tools})).await;
    let client = hub.client_of(era).await;
    for (tool, again) in [("flaky_read", false), ("flaky", true)] {
        let reply = client.call(&format!("faulty__{tool}"), json!({"key": tool, "fail": 1, "how": "reset"})).await;
        assert_eq!(reply.message.get("result").is_some(), again, "{tool}: {}", reply.raw);
        assert_eq!(calls(&hub, "faulty", tool), if again { 2 } else { 1 }, "{tool}");
    }
}

async fn every_kind_of_failure_is_mended() {
    let off = json!({"enabled": false});
    let entry =
        json!({"timeouts": {"call": "300ms"}, "retry": {"tool_errors": true, "budget": "100%"}, "breaker": off});
    let (hub, _upstream) = remote(entry).await;
    for (how, status) in [
        ("reset", 0),
        ("garbage", 0),
        ("error", 0),
        ("stall", 0),
        ("tool_error", 0),
        ("status", 500),
        ("status", 502),
        ("status", 503),
        ("status", 429),
    ] {
        let key = format!("{how} {status}");
        let arguments = json!({"key": key, "fail": 2, "how": how, "status": status});
        let reply = hub.call("faulty__flaky_read", arguments).await;
        assert_eq!(reply.structured()["calls"], 3, "{key}: {}", reply.raw);
    }
    let counts = &breaker(&hub, "faulty").await["counts"];
    assert_eq!(counts["repeated"], 18, "{counts}");
}

async fn failures_that_stay_are_passed_on() {
    let (hub, _upstream) = remote(json!({})).await;
    for (code, sent) in [(-32602, 1), (-32002, 1), (-32603, 3), (-32000, 3), (7, 1)] {
        let key = format!("error {code}");
        let arguments = json!({"key": key, "fail": 100, "code": code});
        let reply = hub.call("faulty__flaky_read", arguments).await;
        assert_eq!(reply.error()["code"], code, "the upstream's own error: {}", reply.raw);
        assert_eq!(calls(&hub, "faulty", &key), sent, "{key}");
    }
    let arguments = json!({"key": "tool", "fail": 1, "how": "tool_error"});
    let reply = hub.call("faulty__flaky_read", arguments).await;
    assert_eq!(reply.result()["isError"], true, "what a tool says is for the client: {}", reply.raw);
}

async fn retry_after_is_honoured() {
    let (hub, _upstream) = remote(json!({})).await;
    let start = std::time::Instant::now();
    let arguments = json!({"key": "soon", "fail": 1, "how": "status", "status": 503, "retry_after": "1"});
    let reply = hub.call("faulty__flaky_read", arguments).await;
    assert_eq!(reply.structured()["calls"], 2, "{}", reply.raw);
    assert!(start.elapsed().as_millis() >= 1000, "not before the server wants it: {:?}", start.elapsed());
    // Longer than a client is let wait: it is told instead.
    let arguments = json!({"key": "late", "fail": 1, "how": "status", "status": 503, "retry_after": "50"});
    let reply = hub.call("faulty__flaky_read", arguments).await;
    reply.assert_fault(&["T-0209"], "faulty");
    assert_eq!(reply.error()["data"]["retry_after_ms"], 50_000, "{}", reply.raw);
    assert_eq!(calls(&hub, "faulty", "late"), 1);
}

/// 429 is for all calls, whatever they do; and a call that was refused was not begun, so any may be sent again.
async fn server_that_is_asked_too_much_is_left_alone() {
    let (hub, _upstream) = remote(json!({})).await;
    let arguments = json!({"key": "much", "fail": 1, "how": "status", "status": 429, "retry_after": "1"});
    let reply = hub.call("faulty__flaky", arguments).await;
    assert_eq!(reply.structured()["calls"], 2, "{}", reply.raw);
    let arguments = json!({"key": "more", "fail": 1, "how": "status", "status": 429, "retry_after": "40"});
    let reply = hub.call("faulty__flaky", arguments).await;
    reply.assert_fault(&["T-0211"], "faulty");
    let reply = hub.call("faulty__echo", json!({"message": "now"})).await;
    reply.assert_fault(&["T-0217"], "faulty");
    assert!(reply.error()["data"]["retry_after_ms"].as_u64().is_some_and(|wait| wait > 20_000), "{}", reply.raw);
    assert!(breaker(&hub, "faulty").await["paused_for"].as_f64().is_some_and(|wait| wait > 20.0));
}

/// Calls that were under way when their process was killed are made again in the next one, if they may be.
async fn killed_process_costs_no_idempotent_call() {
    let backoff = json!({"first": "5ms", "max": "50ms"});
    let entry = json!({"backoff": backoff, "tools": {"hold": {"effect": "idempotent"}}});
    let hub = Setup::pair(&[], entry).ready().await;
    let client = hub.client().await;
    let waiting: Vec<_> = (0..5).map(|_| client.start_call("faulty__hold", json!({"name": "kill"}))).collect();
    let lost = client.start_call("faulty__progress", json!({"steps": 2, "hold": "kill"}));
    client.call("faulty__await_hold", json!({"name": "kill", "count": 6})).await.result();
    let pid = hub.server("faulty").await["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).unwrap();
    crate::harness::send_signal(pid, rustix::process::Signal::KILL);
    lost.finish().await.assert_fault(&["T-0202"], "faulty");
    client.call("faulty__await_hold", json!({"name": "kill", "count": 5})).await.result();
    client.call("faulty__release", json!({"name": "kill", "times": 5})).await.result();
    for call in waiting {
        call.finish().await.result();
    }
}

/// However many calls fail, hardly more are sent than clients sent.
async fn a92_storm_of_failures_is_not_made_worse() {
    let entry = json!({"breaker": {"enabled": false}, "retry": {"first": "1ms"}});
    let (hub, _upstream) = remote(entry).await;
    let client = hub.client().await;
    for _ in 0..400 {
        let arguments = json!({"key": "storm", "fail": 1_000_000, "how": "status", "status": 500});
        client.call("faulty__flaky_read", arguments).await.assert_fault(&["T-0209"], "faulty");
    }
    let sent = calls(&hub, "faulty", "storm");
    // Four in a hundred, and the dozen that is there for the first hiccup.
    assert!(sent <= 400 + 16 + 16, "{sent} were sent");
    let counts = &breaker(&hub, "faulty").await["counts"];
    assert!(counts["without_budget"].as_u64().is_some_and(|count| count > 300), "{counts}");
}

/// The first answer counts, and the request that lost is cancelled.
async fn slow_call_gets_a_second_request_where_that_is_wanted() {
    let tools = json!({"flaky_read": {"effect": "read", "hedge": {"least": "50ms"}}});
    let hub = Setup::pair(&[], json!({"tools": tools})).ready().await;
    let client = hub.client().await;
    for count in 1..=25 {
        let reply = client.call("faulty__flaky_read", json!({"key": "learn"})).await;
        assert_eq!(reply.structured()["calls"], count, "quick calls are sent once: {}", reply.raw);
    }
    let reply = client.call("faulty__flaky_read", json!({"key": "slow", "fail": 1, "how": "stall"})).await;
    assert_eq!(reply.structured()["calls"], 2, "{}", reply.raw);
    let reply = client.call("faulty__cancelled", json!({"at_least": 1})).await;
    assert_eq!(reply.structured()["cancelled"][0]["tool"], "flaky_read", "{}", reply.raw);
    let shown = breaker(&hub, "faulty").await;
    assert_eq!((&shown["counts"]["hedged"], &shown["in_flight"]["now"]), (&json!(1), &json!(0)), "{shown}");
}
