//! Upstreams behind each of the transports: what works over stdio works there, and what breaks is told.

use crate::harness::{Era, Healthy, HttpUpstream, Hub, Pending, Setup, eventually, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("transports::upstreams":
        calls_go_through,
        progress_and_cancellation_go_through,
        news_of_lists_arrive,
        end_in_a_call_is_told_and_healed,
        a40_answer_above_the_limit_is_told,
        a41_answers_of_nobody_go_to_nobody,
        a53_garbage_is_counted,
        hang_ends_in_time,
        death_is_told,
    );
    tests.extend(trials!("transports::upstreams":
        eras_are_found_out,
        credentials_go_along,
        refusal_is_told,
        nobody_there_is_told,
        old_transport_is_found_without_being_named,
        named_transport_is_the_only_one_tried,
        a44_messages_go_to_no_other_origin,
        slow_server_stops_nobody,
    ));
    tests
}

/// The transports, by their flags. Only the first is bound to the legacy era.
const ALL: [&str; 3] = ["--sse", "--websocket", "--socket"];

async fn start(setup: &Setup, transport: &str, flags: &[&str]) -> HttpUpstream {
    let (socket, record) = (setup.path_text("faulty.sock"), setup.path_text("faulty.record"));
    let transport = if transport == "--socket" { vec![transport, socket.as_str()] } else { vec![transport] };
    let fixed = ["--name", "faulty", "--record", record.as_str()];
    HttpUpstream::over(&transport, &[&fixed, flags].concat()).await
}

/// A hub in front of the fixture on this transport, and a healthy one beside it.
async fn hub(transport: &str, flags: &[&str], entry: Value) -> (Hub, HttpUpstream) {
    let setup = Setup::new();
    let upstream = start(&setup, transport, flags).await;
    let setup = setup.remote("faulty", &upstream.url, entry).fixture("good", &[], json!({}));
    (setup.ready().await, upstream)
}

fn quick() -> Value {
    json!({"first": "20ms", "max": "200ms"})
}

async fn calls_go_through(era: Era) {
    for transport in ALL {
        let (hub, _upstream) = hub(transport, &[], json!({})).await;
        let client = hub.client_of(era).await;
        let reply = client.call("faulty__echo", json!({"message": "grüße\n\u{2028}"})).await;
        assert_eq!(reply.text(), "grüße\n\u{2028}", "{transport}");
        // Many at once over one connection, whose answers come in another order.
        let held: Vec<Pending> =
            (0..20).map(|at| client.start_call("faulty__hold", json!({"name": format!("h{at}")}))).collect();
        for at in (0..20).rev() {
            client.call("faulty__await_hold", json!({"name": format!("h{at}"), "count": 1})).await.result();
            client.call("faulty__release", json!({"name": format!("h{at}")})).await.result();
        }
        for (at, pending) in held.into_iter().enumerate() {
            let reply = pending.finish().await;
            assert!(reply.raw.contains(&format!("h{at}")), "{transport}: the answer of its own call: {}", reply.raw);
        }
        for (method, member) in [("prompts/list", "prompts"), ("resources/list", "resources")] {
            assert!(!client.list(method, member).await.is_empty(), "{transport}: {method}");
        }
        let large = "x".repeat(300_000);
        assert_eq!(client.call("faulty__echo", json!({"message": large})).await.text(), large, "{transport}");
        let listed = hub.server("faulty").await;
        let word = [("--sse", "http"), ("--websocket", "websocket"), ("--socket", "unix")];
        let word = word.iter().find(|(flag, _)| *flag == transport).map(|(_, word)| *word);
        assert_eq!(listed["transport"].as_str(), word, "{listed}");
    }
}

async fn progress_and_cancellation_go_through(era: Era) {
    for transport in ALL {
        let (hub, _upstream) = hub(transport, &[], json!({})).await;
        let client = hub.client_of(era).await;
        let params = json!({"name": "faulty__progress", "arguments": {"steps": 3}, "_meta": {"progressToken": "mine"}});
        let reply = client.request("tools/call", params).await;
        let steps = reply.notifications("notifications/progress");
        assert_eq!(steps.len(), 3, "{transport}: {:?}", reply.before);
        assert!(steps.iter().all(|step| step["params"]["progressToken"] == "mine"), "{transport}: {steps:?}");
        let pending = client.start_call("faulty__hold", json!({"name": "never"}));
        client.call("faulty__await_hold", json!({"name": "never", "count": 1})).await.result();
        if era == Era::Legacy {
            client.notify("notifications/cancelled", json!({"requestId": pending.id})).await;
            let _ = pending.end().await;
        } else {
            drop(pending);
        }
        let reply = client.call("faulty__cancelled", json!({"at_least": 1})).await;
        let entry = &reply.structured()["cancelled"][0];
        assert_eq!((&entry["tool"], &entry["how"]), (&json!("hold"), &json!("notification")), "{transport}: {entry}");
    }
}

async fn news_of_lists_arrive(era: Era) {
    for transport in ALL {
        let (hub, _upstream) = hub(transport, &[], json!({})).await;
        let client = hub.client_of(era).await;
        let mut stream = client.listen().await;
        client.call("faulty__change_tools", json!({})).await.result();
        let news = stream.next_message("the news of the list").await;
        assert_eq!(news["method"], "notifications/tools/list_changed", "{transport}: {news}");
        assert!(client.tool_names().await.contains(&"faulty__extra".to_owned()), "{transport}");
    }
}

async fn end_in_a_call_is_told_and_healed(era: Era) {
    for transport in ALL {
        let (hub, _upstream) = hub(transport, &[], json!({"backoff": quick()})).await;
        let client = hub.client_of(era).await;
        let healthy = Healthy::begin(&client).await;
        let held = client.start_call("faulty__hold", json!({"name": "lost"}));
        client.call("faulty__await_hold", json!({"name": "lost", "count": 1})).await.result();
        client.call("faulty__hang_up", json!({})).await.assert_fault(&["T-0202"], "faulty");
        held.finish().await.assert_fault(&["T-0202"], "faulty");
        eventually("the connection is opened again", || async {
            let reply = client.call("faulty__echo", json!({"message": "back"})).await;
            if reply.message["result"].is_object() { Ok(()) } else { Err(reply.raw) }
        })
        .await;
        healthy.end(&hub).await;
    }
}

async fn a40_answer_above_the_limit_is_told(era: Era) {
    for transport in ALL {
        let (hub, _upstream) = hub(transport, &[], json!({"limits": {"message": "1MiB"}, "backoff": quick()})).await;
        let client = hub.client_of(era).await;
        let healthy = Healthy::begin(&client).await;
        let reply = client.call("faulty__huge", json!({"megabytes": 4})).await;
        reply.assert_fault(&["T-0208"], "faulty");
        eventually("the next call works", || async {
            let reply = client.call("faulty__echo", json!({"message": "on"})).await;
            if reply.message["result"].is_object() { Ok(()) } else { Err(reply.raw) }
        })
        .await;
        healthy.end(&hub).await;
    }
}

async fn a41_answers_of_nobody_go_to_nobody(era: Era) {
    for transport in ALL {
        let (hub, _upstream) = hub(transport, &[], json!({"timeouts": {"call": "500ms"}})).await;
        let client = hub.client_of(era).await;
        client.call("faulty__wrong_id", json!({})).await.assert_fault(&["T-0204"], "faulty");
        assert_eq!(client.call("faulty__twice", json!({})).await.text(), "first", "{transport}");
        assert_eq!(client.call("faulty__echo", json!({"message": "mine"})).await.text(), "mine", "{transport}");
        let unmatched = hub.server("faulty").await["unmatched"].as_u64().unwrap_or_default();
        assert!(unmatched >= 4, "{transport}: what nobody waited for is counted: {unmatched}");
    }
}

async fn a53_garbage_is_counted(era: Era) {
    for transport in ALL {
        let (hub, _upstream) = hub(transport, &[], json!({})).await;
        let client = hub.client_of(era).await;
        assert_eq!(client.call("faulty__garbage", json!({})).await.text(), "after the garbage", "{transport}");
        let noise = hub.server("faulty").await["noise"].as_u64().unwrap_or_default();
        assert!(noise >= 9, "{transport}: what is no message is counted: {noise}");
        assert_eq!(hub.server("faulty").await["state"], "ready", "{transport}");
    }
}

async fn hang_ends_in_time(era: Era) {
    for transport in ALL {
        let (hub, _upstream) = hub(transport, &[], json!({"timeouts": {"call": "300ms"}})).await;
        let client = hub.client_of(era).await;
        client.call("faulty__hang", json!({})).await.assert_fault(&["T-0204"], "faulty");
        let reply = client.call("faulty__cancelled", json!({"at_least": 1})).await;
        assert_eq!(reply.structured()["cancelled"][0]["tool"], "hang", "{transport}: the upstream is told");
        hub.assert_good().await;
    }
}

async fn death_is_told(era: Era) {
    for transport in ALL {
        let (hub, mut upstream) = hub(transport, &[], json!({"backoff": quick(), "timeouts": {"start": "5s"}})).await;
        let client = hub.client_of(era).await;
        client.call("faulty__exit", json!({})).await.assert_fault(&["T-0202"], "faulty");
        upstream.kill().await;
        let reply = client.call("faulty__echo", json!({"message": "hi"})).await;
        reply.assert_fault(&["T-0205", "T-0207"], "faulty");
        hub.assert_good().await;
    }
}

/// The rules are those of stdio: ask, then greet, on another connection if the first one is taken or says nothing.
async fn eras_are_found_out() {
    let quick = json!({"timeouts": {"probe": "300ms"}});
    for (transport, flags, era) in [
        ("--sse", &["--era", "legacy"][..], "legacy"),
        ("--websocket", &["--era", "legacy"], "legacy"),
        ("--websocket", &["--era", "legacy", "--discover-error", "silent"], "legacy"),
        ("--websocket", &["--era", "modern"], "modern"),
        ("--websocket", &["--era", "dual"], "modern"),
        ("--socket", &["--era", "legacy", "--discover-error", "silent"], "legacy"),
        ("--socket", &["--era", "dual-pinned"], "modern"),
    ] {
        let (hub, _upstream) = hub(transport, flags, quick.clone()).await;
        assert_eq!(hub.server("faulty").await["era"], era, "{transport} {flags:?}");
        for client in Era::BOTH {
            assert_eq!(hub.client_of(client).await.call("faulty__echo", json!({"message": "x"})).await.text(), "x");
        }
    }
}

async fn credentials_go_along() {
    for transport in ["--sse", "--websocket"] {
        let entry = json!({"headers": {"Authorization": "Bearer right"}});
        let (hub, _upstream) = hub(transport, &["--require-header", "authorization: Bearer right"], entry).await;
        assert_eq!(hub.call("faulty__echo", json!({"message": "in"})).await.text(), "in", "{transport}");
        let client = hub.client_of(Era::Modern).await.with_header("cookie", "a=of-the-client");
        client.call("faulty__echo", json!({"message": "x"})).await.result();
        let leaked = hub.recorded("faulty").iter().any(|entry| entry.to_string().contains("of-the-client"));
        assert!(!leaked, "{transport}: what a client sends is for the hub");
    }
}

async fn refusal_is_told() {
    for transport in ["--sse", "--websocket"] {
        let setup = Setup::new();
        let upstream = start(&setup, transport, &["--require-header", "authorization: Bearer right"]).await;
        let entry = json!({"headers": {"Authorization": "Bearer secret-but-wrong"}});
        let hub = setup.remote("faulty", &upstream.url, entry).start().await;
        let refused = |server: &Value| server["error"]["code"] == "T-0206";
        let server = hub.wait_for("faulty", "the refusal is told", refused).await;
        assert!(!server.to_string().contains("secret-but-wrong"), "the credential is not shown: {server}");
    }
}

async fn nobody_there_is_told() {
    for transport in ALL {
        let setup = Setup::new();
        let mut upstream = start(&setup, transport, &[]).await;
        upstream.kill().await;
        let hub = setup.remote("faulty", &upstream.url, json!({})).fixture("good", &[], json!({})).start().await;
        let unreachable = |server: &Value| server["error"]["code"] == "T-0205";
        hub.wait_for("faulty", "that nobody is there", unreachable).await;
        hub.wait_for_tool("good__echo").await;
    }
}

async fn old_transport_is_found_without_being_named() {
    let (hub, _upstream) = hub("--sse", &[], json!({})).await;
    // What the address did not take: the question of the era, and the greeting.
    let posts = hub.recorded("faulty");
    let posts: Vec<&Value> = posts.iter().filter(|entry| entry["headers"][":method"] == "POST").collect();
    assert_eq!(posts[0]["message"]["method"], "server/discover", "{posts:?}");
    let greetings = hub.recorded_method("faulty", "initialize").len();
    assert!(greetings >= 2, "once refused, once taken: {greetings}");
}

async fn named_transport_is_the_only_one_tried() {
    let (named, _upstream) = hub("--sse", &[], json!({"transport": "sse"})).await;
    assert_eq!(named.server("faulty").await["transport"], "sse");
    assert_eq!(named.recorded("faulty")[0]["headers"][":method"], "GET", "nothing else was tried before");
    assert!(named.recorded_method("faulty", "server/discover").is_empty());
    let setup = Setup::new();
    let upstream = start(&setup, "--sse", &[]).await;
    let entry = json!({"transport": "http"});
    let hub = setup.remote("faulty", &upstream.url, entry).start().await;
    hub.wait_for("faulty", "its refusal", |server| server["error"]["code"] == "T-0209").await;
    assert!(hub.recorded("faulty").iter().all(|entry| entry["headers"][":method"] != "GET"));
}

async fn a44_messages_go_to_no_other_origin() {
    let other = HttpUpstream::over(&["--sse"], &[]).await;
    let elsewhere = other.url.replace("/sse", "/messages");
    for named in
        [elsewhere.as_str(), "//127.0.0.1:1/messages", "https://evil.example/", "file:///etc/passwd", "http://"]
    {
        let setup = Setup::new();
        let upstream = start(&setup, "--sse", &["--endpoint", named]).await;
        let entry = json!({"headers": {"Authorization": "Bearer of-this-origin"}, "transport": "sse"});
        let hub = setup.remote("faulty", &upstream.url, entry).start().await;
        let server = hub.wait_for("faulty", "the refusal", |server| server["error"]["code"] == "T-0209").await;
        let message = server["error"]["message"].as_str().unwrap_or_default().to_owned();
        assert!(message.contains("another origin"), "{message}");
        assert!(hub.recorded("faulty").iter().all(|entry| entry["headers"][":method"] == "GET"), "nothing was sent");
    }
}

/// Messages that the other end does not read wait, up to a limit; others are not held up by that.
async fn slow_server_stops_nobody() {
    for transport in ["--websocket", "--socket"] {
        let setup = Setup::new();
        let gate = setup.path_text("gate");
        let upstream = start(&setup, transport, &["--start-delay-file", &gate]).await;
        let setup = setup.remote("faulty", &upstream.url, json!({"timeouts": {"probe": "100ms", "start": "60s"}}));
        let hub = setup.fixture("good", &[], json!({})).start().await;
        hub.wait_for_tool("good__echo").await;
        let client = hub.client_of(Era::Legacy).await;
        let waiting = client.start_call("faulty__echo", json!({"message": "late"}));
        hub.assert_good().await;
        std::fs::write(&gate, "").unwrap();
        assert_eq!(waiting.finish().await.text(), "late", "{transport}");
    }
}
