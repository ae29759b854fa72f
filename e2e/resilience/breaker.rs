//! The breaker at work: it holds back what fails, lets the rest through, recovers by steps, and remembers.

use super::{breaker, calls};
use crate::harness::{Era, HttpUpstream, Hub, Reply, Setup, eventually, trials, trials_of_both_eras, tutti};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("resilience::breaker": failing_tool_is_held_back_and_comes_back_by_steps,);
    tests.extend(trials!("resilience::breaker":
        one_error_in_a_hundred_holds_nothing_back,
        what_is_held_back_outlives_a_restart_and_is_listed,
        rate_of_a_tool_is_kept,
        server_that_is_held_back_is_asked_how_it_is,
        program_that_was_jammed_is_asked_how_it_is,
        breaker_of_some_tools_is_their_own,
        a49_flapping_server_harms_no_other,
        breaker_of_a_tool_counts_calls_by_way_of_other_tools,
    ));
    tests
}

/// An entry whose breaker moves quickly, so that no test has to wait long.
fn quick() -> Value {
    json!({"breaker": {"step": "50ms", "probe": "100ms", "probe_max": "100ms", "window": "2s"}, "retry": {"attempts": 1}})
}

/// Calls until one is held back.
async fn until_held_back(hub: &Hub, fail: u64) -> Reply {
    eventually("a call is held back", || async {
        let reply = hub.call("faulty__flaky_read", json!({"key": "k", "fail": fail})).await;
        if reply.code() == Some("T-0215") { Ok(reply) } else { Err(reply.raw) }
    })
    .await
}

async fn failing_tool_is_held_back_and_comes_back_by_steps(era: Era) {
    let hub = Setup::pair(&[], quick()).ready().await;
    let client = hub.client_of(era).await;
    let refused = until_held_back(&hub, 25).await;
    let error = refused.assert_fault(&["T-0215"], "faulty");
    assert!(error["data"]["retry_after_ms"].is_u64(), "{}", refused.raw);
    // The other tools of the server, and the other servers, do not notice.
    assert_eq!(client.call("faulty__echo", json!({"message": "hi"})).await.text(), "hi");
    hub.assert_good().await;
    // It is called until it works again; between, hardly anything reaches it.
    let shares = std::cell::RefCell::new(Vec::new());
    eventually("all is let through again", || {
        let (client, shares, hub) = (&client, &shares, &hub);
        async move {
            client.call("faulty__flaky_read", json!({"key": "k", "fail": 25})).await;
            let shown = breaker(hub, "faulty").await;
            let of_tools = shown["of_tools"].as_array().cloned().unwrap_or_default();
            let tool = of_tools.iter().find(|tool| tool["name"] == "flaky_read").cloned().unwrap_or_default();
            shares.borrow_mut().push(tool["share"].as_f64().unwrap_or(-1.0));
            let over = tool["share"] == 1.0 && calls(hub, "faulty", "k") > 25;
            if over { Ok(()) } else { Err(format!("{tool} after {} calls", calls(hub, "faulty", "k"))) }
        }
    })
    .await;
    let between = shares.borrow().iter().filter(|share| **share > 0.0 && **share < 1.0).count();
    assert!(between > 0, "the share rises by steps: {shares:?}");
}

async fn one_error_in_a_hundred_holds_nothing_back() {
    let entry = json!({"retry": {"attempts": 1}});
    let hub = Setup::pair(&[], entry).ready().await;
    let client = hub.client().await;
    let mut failed = 0;
    for _ in 0..1000 {
        let reply = client.call("faulty__flaky", json!({"key": "k", "share": 0.01})).await;
        if reply.message.get("error").is_some() {
            assert_eq!(reply.error()["code"], -32603, "only the upstream's own errors: {}", reply.raw);
            failed += 1;
        }
    }
    assert!((1..40).contains(&failed), "{failed}");
    assert_eq!(calls(&hub, "faulty", "k"), 1000);
    assert_eq!(breaker(&hub, "faulty").await["counts"]["held_back"], 0);
}

async fn what_is_held_back_outlives_a_restart_and_is_listed() {
    let mut entry = quick();
    entry["breaker"]["probe"] = json!("1h");
    entry["breaker"]["probe_max"] = json!("1h");
    let hub = Setup::pair(&[], entry).ready().await;
    eventually("the breaker is open", || async {
        hub.call("faulty__flaky_read", json!({"key": "k", "fail": 1_000_000})).await;
        let server = hub.server("faulty").await;
        let tool = &server["breaker"]["of_tools"][0];
        if tool["state"] == "open" { Ok(()) } else { Err(server["breaker"].to_string()) }
    })
    .await;
    let listed = tutti(&["server", "list"], &[("TUTTI_URL", &hub.url)]).await;
    let line = listed.stdout.lines().find(|line| line.contains("faulty")).unwrap_or_default().to_owned();
    assert!(line.contains("1 tool held back"), "{}", listed.stdout);
    let why = listed.stdout.lines().find(|line| line.contains("`flaky_read`")).unwrap_or_default();
    assert!(why.starts_with("faulty: calls of") && why.contains(" calls failed"), "{}", listed.stdout);
    let line = listed.stdout.lines().find(|line| line.contains("good")).unwrap_or_default().to_owned();
    assert!(!line.contains("held back"), "{}", listed.stdout);
    let hub = hub.stop().await.ready().await;
    let shown = breaker(&hub, "faulty").await;
    assert_eq!(shown["of_tools"][0]["state"], "open", "{shown}");
    // The first call after the start is the probe; the next one is held back.
    let reply = hub.call("faulty__flaky_read", json!({"key": "k", "fail": 1_000_000})).await;
    assert_eq!(reply.error()["code"], -32603, "{}", reply.raw);
    let reply = hub.call("faulty__flaky_read", json!({"key": "k"})).await;
    reply.assert_fault(&["T-0215"], "faulty");
}

/// Nobody calls, and yet all is let through again: no call has to be the one that finds out.
async fn server_that_is_held_back_is_asked_how_it_is() {
    for (era, question) in [("legacy", "ping"), ("modern", "server/discover")] {
        let setup = Setup::new();
        let record = setup.record("faulty");
        let flags = ["--name", "faulty", "--era", era, "--record", record.to_str().unwrap()];
        let upstream = HttpUpstream::start(&flags).await;
        let hub = setup.remote("faulty", &upstream.url, quick()).ready().await;
        let before = hub.recorded_method("faulty", question).len();
        let reset = json!({"key": "k", "fail": 1_000_000, "how": "reset"});
        eventually("the whole server is held back", || async {
            let reply = hub.call("faulty__flaky_read", reset.clone()).await;
            let shown = breaker(&hub, "faulty").await;
            if shown["share"] == 0.0 { Ok(()) } else { Err(format!("{} {shown}", reply.raw)) }
        })
        .await;
        let calls_before = hub.recorded_method("faulty", "tools/call").len();
        eventually("all is let through again", || async {
            let shown = breaker(&hub, "faulty").await;
            if shown["share"] == 1.0 { Ok(()) } else { Err(shown.to_string()) }
        })
        .await;
        let shown = breaker(&hub, "faulty").await;
        let asked = hub.recorded_method("faulty", question).len() - before;
        assert!(asked >= 4 && shown["counts"]["asked"].as_u64().is_some_and(|asked| asked >= 4), "{asked}: {shown}");
        assert_eq!(hub.recorded_method("faulty", "tools/call").len(), calls_before, "no call was needed");
        assert_eq!(hub.call("faulty__echo", json!({"message": "hi"})).await.text(), "hi");
    }
}

async fn program_that_was_jammed_is_asked_how_it_is() {
    let mut entry = quick();
    entry["breaker"]["jam_least"] = json!(4);
    entry["timeouts"] = json!({"call": "3s"});
    let hub = Setup::pair(&["--era", "legacy"], entry).ready().await;
    let client = hub.client().await;
    for _ in 0..60 {
        assert_eq!(client.call("faulty__echo", json!({"message": "hi"})).await.text(), "hi");
    }
    // They take all the time that they may, and no other call ends meanwhile.
    let hang = || client.call("faulty__hang", json!({}));
    tokio::join!(hang(), hang(), hang(), hang(), hang(), hang());
    eventually("less was let through, and now all is again", || async {
        let shown = breaker(&hub, "faulty").await;
        let asked = shown["counts"]["asked"].as_u64().unwrap_or(0);
        if shown["share"] == 1.0 && asked > 0 { Ok(()) } else { Err(shown.to_string()) }
    })
    .await;
    assert!(!hub.recorded_method("faulty", "ping").is_empty(), "it was asked");
}

async fn breaker_of_some_tools_is_their_own() {
    let mut entry = quick();
    entry["tools"] = json!({"flaky_put": {"breaker": {"enabled": false}}});
    let hub = Setup::pair(&[], entry).ready().await;
    until_held_back(&hub, 1_000_000).await;
    for _ in 0..40 {
        let reply = hub.call("faulty__flaky_put", json!({"key": "p", "fail": 1_000_000})).await;
        assert_eq!(reply.error()["code"], -32603, "{}", reply.raw);
    }
    assert_eq!(calls(&hub, "faulty", "p"), 40, "each of them reached it");
}

async fn rate_of_a_tool_is_kept() {
    let tools = json!({"ec*": {"rate": "3/h"}});
    let hub = Setup::pair(&[], json!({"tools": tools})).ready().await;
    for _ in 0..3 {
        assert_eq!(hub.call("faulty__echo", json!({"message": "hi"})).await.text(), "hi");
    }
    let reply = hub.call("faulty__echo", json!({"message": "hi"})).await;
    let error = reply.assert_fault(&["T-0216"], "faulty");
    assert!(error["data"]["retry_after_ms"].as_u64().is_some_and(|wait| wait > 600_000), "{}", reply.raw);
    assert_eq!(hub.call("faulty__add", json!({"a": 1, "b": 2})).await.structured()["sum"], 3.0);
    hub.assert_good().await;
}

/// A server that ends all the time is waited for longer and longer; the others work as if it were not there.
async fn a49_flapping_server_harms_no_other() {
    let hub = Setup::pair(&[], json!({"retry": {"attempts": 1}})).ready().await;
    let client = hub.client().await;
    let healthy = crate::harness::Healthy::begin(&client).await;
    for _ in 0..4 {
        client.call("faulty__exit", json!({})).await;
    }
    let reply = eventually("it is backed off from", || async {
        let reply = client.call("faulty__exit", json!({})).await;
        if reply.code() == Some("T-0207") { Ok(reply) } else { Err(reply.raw) }
    })
    .await;
    assert!(reply.error()["data"]["retry_after_ms"].is_u64(), "{}", reply.raw);
    healthy.end(&hub).await;
}

/// A tool that fails is held back whichever way it is called, and whichever way the failures came.
async fn breaker_of_a_tool_counts_calls_by_way_of_other_tools() {
    let plain = json!({"name": "faulty__flaky_read", "arguments": {"key": "k", "fail": 1_000_000}});
    let step = json!({"name": "a", "tool": plain["name"], "arguments": plain["arguments"]});
    let plan = json!({"name": "run_plan", "arguments": {"steps": [step]}});
    let inside = json!({"name": "call_tool", "arguments": plain});
    let ways = [("/mcp", plain), ("/mcp", plan), ("/mcp?mode=search", inside)];
    for failing in [1, 2] {
        let mut entry = quick();
        entry["breaker"]["probe"] = json!("1h");
        entry["breaker"]["probe_max"] = json!("1h");
        let hub = Setup::pair(&[], entry).with("views", json!({"all": {"plans": true}})).ready().await;
        let call = |way: usize| {
            let (client, params) = (hub.modern().at(&hub.at(ways[way].0)), ways[way].1.clone());
            async move { client.request("tools/call", params).await.raw }
        };
        eventually("the breaker is open", || async {
            let reply = call(failing).await;
            let shown = breaker(&hub, "faulty").await;
            if shown["of_tools"][0]["state"] == "open" { Ok(()) } else { Err(format!("{shown}: {reply}")) }
        })
        .await;
        // The first call after it opened may be a probe.
        call(failing).await;
        let before = calls(&hub, "faulty", "k");
        for way in 0..ways.len() {
            let reply = call(way).await;
            assert!(reply.contains("T-0215"), "{failing} {way}: {reply}");
        }
        assert_eq!(calls(&hub, "faulty", "k"), before, "none of them reached the server");
        hub.assert_good().await;
    }
}
