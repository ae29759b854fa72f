//! Calls whose answer gets lost without an end of their connection, and servers that end again and again.

use super::calls;
use crate::harness::{Client, HttpUpstream, Setup, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("resilience::silence":
        lost_answer_is_asked_for_again_over_http,
        lost_answer_is_asked_for_again_over_stdio,
        server_that_works_in_between_is_always_back_at_once,
    )
}

/// So many calls teach the hub how long calls of a tool take.
const KNOWN: usize = 20;

async fn lost_answer_is_asked_for_again_over_http() {
    let setup = Setup::new();
    let record = setup.record("faulty");
    let upstream = HttpUpstream::start(&["--name", "faulty", "--record", record.to_str().unwrap()]).await;
    lost_answer_is_asked_for_again(setup.remote("faulty", &upstream.url, entry())).await;
}

async fn lost_answer_is_asked_for_again_over_stdio() {
    lost_answer_is_asked_for_again(Setup::new().fixture("faulty", &[], entry())).await;
}

/// Whatever is not sent again fails after this time, which tells the two apart.
fn entry() -> Value {
    json!({"timeouts": {"call": "5s"}})
}

async fn lost_answer_is_asked_for_again(setup: Setup) {
    let hub = setup.ready().await;
    let client: Client = hub.client().await;
    for tool in ["flaky_read", "flaky_put", "flaky"] {
        for _ in 0..KNOWN {
            client.call(&format!("faulty__{tool}"), json!({"key": "usual"})).await.result();
        }
    }
    let ask = |tool: &str| {
        let arguments = json!({"key": tool, "fail": 1, "how": "stall"});
        client.start_call(&format!("faulty__{tool}"), arguments)
    };
    let (read, put, write) = (ask("flaky_read"), ask("flaky_put"), ask("flaky"));
    for (pending, tool) in [(read, "flaky_read"), (put, "flaky_put")] {
        let reply = pending.finish().await;
        assert_eq!(reply.structured()["calls"], 2, "{tool}: {}", reply.raw);
        assert_eq!(calls(&hub, "faulty", tool), 2, "{tool}");
    }
    let reply = write.finish().await;
    assert!(reply.message.get("error").is_some(), "what may do harm twice is not sent again: {}", reply.raw);
    assert_eq!(calls(&hub, "faulty", "flaky"), 1);
}

/// Waits that double with each end would soon be longer than any caller waits.
async fn server_that_works_in_between_is_always_back_at_once() {
    // On a busy machine the ends take long enough for the breaker of that tool to see a server that keeps failing.
    let entry = json!({"backoff": {"first": "20ms", "max": "10m"}, "breaker": {"enabled": false}});
    let hub = Setup::new().fixture("faulty", &[], entry).ready().await;
    let client = hub.client().await;
    for life in 0..14 {
        for _ in 0..12 {
            let reply = client.call("faulty__add", json!({"a": life, "b": 1})).await;
            assert_eq!(reply.structured()["sum"], f64::from(life + 1), "life {life}: {}", reply.raw);
        }
        client.call("faulty__die", json!({})).await.assert_fault(&["T-0202"], "faulty");
    }
}
