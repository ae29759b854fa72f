//! Grandchildren die with their upstream, and upstreams with the hub, however the hub ends.

use super::assert_none_left;
use crate::harness::{Hub, Setup, alive, eventually, trial};
use libtest_mimic::Trial;
use rustix::process::Signal;
use serde_json::json;

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = Vec::new();
    for (word, daemonise) in [("grandchild", false), ("daemon", true)] {
        let name = |end: &str| format!("process::a55_{word}_dies_when_{end}");
        tests.push(trial(name("the_upstream_exits"), move || a55_h05_dies_with_the_upstream(daemonise, "exit")));
        tests.push(trial(name("the_upstream_aborts"), move || a55_h05_dies_with_the_upstream(daemonise, "die")));
        tests.push(trial(name("the_upstream_is_removed"), move || a55_dies_when_removed(daemonise)));
        tests.push(trial(name("the_hub_gets_sigterm"), move || a55_h05_dies_with_the_hub(daemonise, Signal::TERM)));
        tests.push(trial(name("the_hub_gets_sigint"), move || a55_h05_dies_with_the_hub(daemonise, Signal::INT)));
        tests.push(trial(name("the_hub_gets_sigkill"), move || a55_h05_dies_with_the_hub(daemonise, Signal::KILL)));
    }
    tests.push(trial("process::a55_stubborn_upstream_dies_when_the_hub_gets_sigterm", || {
        a55_stubborn_dies(Signal::TERM)
    }));
    tests.push(trial("process::a55_stubborn_upstream_dies_when_the_hub_gets_sigkill", || {
        a55_stubborn_dies(Signal::KILL)
    }));
    tests.push(trial("process::a55_hub_ends_while_an_upstream_starts", a55_hub_ends_while_an_upstream_starts));
    tests
}

/// Starts a grandchild that is deaf to polite signals and holds the pipes of its parent.
async fn with_grandchild(daemonise: bool, flags: &[&str]) -> (Hub, u32) {
    let entry = json!({"backoff": {"first": "1ms", "max": "1ms"}, "timeouts": {"stop": "500ms"}});
    let hub = Setup::pair(flags, entry).ready().await;
    let arguments = json!({"file": hub.setup.path("grandchild"), "daemonise": daemonise});
    let reply = hub.call("faulty__fork", arguments).await;
    let pid = reply.structured()["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).expect("it has an id");
    assert!(alive(pid), "the grandchild runs");
    (hub, pid)
}

async fn assert_dies(pid: u32) {
    eventually("the grandchild is dead", || async { if alive(pid) { Err(format!("{pid} lives")) } else { Ok(()) } })
        .await;
}

async fn a55_h05_dies_with_the_upstream(daemonise: bool, how: &str) {
    let (hub, pid) = with_grandchild(daemonise, &[]).await;
    // It holds the pipe, so the end of the process shows in nothing that is read from there.
    let reply = hub.call(&format!("faulty__{how}"), json!({})).await;
    reply.assert_fault(&["T-0202"], "faulty");
    assert_dies(pid).await;
    assert_eq!(hub.call_after_backoff("faulty__echo", json!({"message": "new"})).await.text(), "new");
    hub.assert_good().await;
}

async fn a55_dies_when_removed(daemonise: bool) {
    let (mut hub, pid) = with_grandchild(daemonise, &[]).await;
    hub.reconfigure(|config| {
        config["servers"].as_object_mut().expect("`servers` is an object").remove("faulty");
    });
    assert_dies(pid).await;
    assert_none_left(&hub.setup.marker("faulty")).await;
    hub.assert_good().await;
}

async fn a55_h05_dies_with_the_hub(daemonise: bool, signal: Signal) {
    let (mut hub, pid) = with_grandchild(daemonise, &[]).await;
    hub.signal(signal);
    hub.end().await;
    assert_dies(pid).await;
    assert_none_left(&hub.setup.marker_of_all()).await;
}

async fn a55_stubborn_dies(signal: Signal) {
    let (mut hub, pid) = with_grandchild(false, &["--stubborn"]).await;
    hub.signal(signal);
    hub.end().await;
    assert_dies(pid).await;
    assert_none_left(&hub.setup.marker_of_all()).await;
}

async fn a55_hub_ends_while_an_upstream_starts() {
    for signal in [Signal::TERM, Signal::KILL] {
        let setup = Setup::pair(&["--silent", "--stubborn"], json!({"timeouts": {"stop": "200ms"}}));
        let mut hub = setup.start().await;
        hub.wait_for_record("faulty", "server/discover").await;
        hub.signal(signal);
        hub.end().await;
        assert_none_left(&hub.setup.marker_of_all()).await;
    }
}
