//! The upstream over HTTP. These are also the tests of the harness's own clients.

use crate::harness::{Client, Era, Http, HttpUpstream, eventually, trials};
use crate::upstream::{VENDOR, definitions};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    trials!("upstream":
        http_serves_both_eras,
        http_answers_with_plain_json,
        http_sessions,
        http_headers_are_checked,
        http_legacy_only,
        http_modern_only,
        http_streams_changes,
        http_disconnect_is_a_cancel,
        http_legacy_cancel,
        http_progress_on_its_stream,
        http_wants_a_header,
        http_starts_late,
        http_exit_and_kill,
    )
}

async fn http_serves_both_eras() {
    let upstream = HttpUpstream::start(&["--tools", "25", "--page-size", "10"]).await;
    for era in Era::BOTH {
        let client = Client::of(era, &upstream.url).await;
        assert_eq!(client.tool_names().await.len(), definitions().len() + 25, "{}", era.word());
        let reply = client.call("echo", json!({"message": "hi"})).await;
        assert_eq!(reply.text(), "hi");
        assert!(reply.raw.contains(VENDOR), "the raw text is kept: {}", reply.raw);
        assert_eq!(reply.result().get("resultType").is_some(), era == Era::Modern);
        let read = client.request("resources/read", json!({"uri": "test://static"})).await;
        assert_eq!(read.result()["contents"][0]["text"], "static of fixture");
        assert_eq!(client.call("nothing", json!({})).await.error()["code"], -32602);
    }
}

async fn http_answers_with_plain_json() {
    let upstream = HttpUpstream::start(&["--json"]).await;
    for era in Era::BOTH {
        let client = Client::of(era, &upstream.url).await;
        let message = client.message(&json!(1), "tools/call", json!({"name": "add", "arguments": {"a": 1, "b": 1}}));
        let answer = client.post(&message).send().await;
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.json()["result"]["structuredContent"]["sum"], 2.0);
        let with_token = json!({"name": "progress", "arguments": {"steps": 2}, "_meta": {"progressToken": 1}});
        let reply = client.request("tools/call", with_token).await;
        assert_eq!(reply.notifications("notifications/progress").len(), 2, "a stream, where there is more to send");
    }
}

async fn http_sessions() {
    let upstream = HttpUpstream::start(&[]).await;
    let first = Client::legacy(&upstream.url).await;
    let second = Client::legacy(&upstream.url).await;
    assert_ne!(first.session, second.session);
    assert_eq!(first.close().await.status, 200);
    let ended = first.post(&first.message(&json!(1), "tools/list", json!({}))).send().await;
    assert_eq!(ended.status, 404);
    assert_eq!(ended.json()["error"]["code"], -32001);
    assert_eq!(second.call("forget", json!({})).await.text(), "forgotten");
    assert_eq!(second.post(&second.message(&json!(1), "ping", json!({}))).send().await.status, 404);
    let bare = Client::bare(Era::Legacy, &upstream.url);
    assert_eq!(bare.post(&bare.message(&json!(1), "tools/list", json!({}))).send().await.status, 400);
    assert_eq!(Http::new("GET", &upstream.url).send().await.status, 400);
}

async fn http_headers_are_checked() {
    let upstream = HttpUpstream::start(&[]).await;
    let client = Client::modern(&upstream.url);
    let message = client.message(&json!(1), "tools/call", json!({"name": "echo", "arguments": {"message": "ü"}}));
    let wrong = [("mcp-name", "add"), ("mcp-method", "tools/list"), ("mcp-protocol-version", "2025-11-25")];
    for (name, value) in wrong {
        for request in [client.post(&message).header(name, value), client.post(&message).without(name)] {
            let answer = request.send().await;
            assert_eq!(answer.status, 400, "{name}");
            assert_eq!(answer.json()["error"]["code"], -32020, "{name}");
        }
    }
    let encoded = client.post(&message).header("mcp-name", "=?base64?ZWNobw==?=").send().await;
    assert_eq!(encoded.status, 200, "base64 is read");
}

async fn http_legacy_only() {
    let upstream = HttpUpstream::start(&["--era", "legacy"]).await;
    let modern = Client::modern(&upstream.url);
    let answer = modern.post(&modern.message(&json!(1), "server/discover", json!({}))).send().await;
    assert_eq!((answer.status, &answer.json()["error"]["code"]), (400, &json!(-32000)), "no modern error");
    assert_eq!(Client::legacy(&upstream.url).await.call("add", json!({})).await.structured()["sum"], 0.0);
}

async fn http_modern_only() {
    let upstream = HttpUpstream::start(&["--era", "modern"]).await;
    let client = Client::modern(&upstream.url);
    let discovered = client.request("server/discover", json!({})).await;
    assert_eq!(discovered.result()["supportedVersions"], json!(["2026-07-28"]));
    let initialize =
        json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25"}});
    let legacy = Client::bare(Era::Legacy, &upstream.url);
    let answer = legacy.post(&initialize).send().await;
    assert_eq!((answer.status, &answer.json()["error"]["code"]), (400, &json!(-32022)));
    assert_eq!(Http::new("GET", &upstream.url).send().await.status, 405);
    assert_eq!(legacy.close().await.status, 405);
}

async fn http_streams_changes() {
    let upstream = HttpUpstream::start(&[]).await;
    for era in Era::BOTH {
        let client = Client::of(era, &upstream.url).await;
        let mut stream = client.listen().await;
        client.call("change_tools", json!({})).await;
        let note = stream.next_notification("notifications/tools/list_changed").await;
        let id = &note["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"];
        assert_eq!(*id, if era == Era::Modern { json!("listen") } else { Value::Null });
    }
}

async fn http_disconnect_is_a_cancel() {
    for flags in [&[][..], &["--json"]] {
        let upstream = HttpUpstream::start(flags).await;
        let client = Client::modern(&upstream.url);
        let held = client.start_call("hold", json!({"name": "a"}));
        client.call("await_hold", json!({"name": "a"})).await;
        assert!(!held.is_over());
        drop(held);
        let reply = client.call("cancelled", json!({"at_least": 1})).await;
        let entry = &reply.structured()["cancelled"][0];
        assert_eq!((&entry["how"], &entry["tool"]), (&json!("disconnect"), &json!("hold")), "{flags:?}: {entry}");
    }
}

async fn http_legacy_cancel() {
    let upstream = HttpUpstream::start(&[]).await;
    let client = Client::legacy(&upstream.url).await;
    let held = client.start_call("hold", json!({"name": "a"}));
    client.call("await_hold", json!({"name": "a"})).await;
    assert_eq!(client.notify("notifications/cancelled", json!({"requestId": held.id})).await.status, 202);
    let reply = client.call("cancelled", json!({"at_least": 1})).await;
    let entry = &reply.structured()["cancelled"][0];
    assert_eq!((&entry["how"], &entry["requestId"]), (&json!("notification"), &held.id), "{entry}");
}

async fn http_progress_on_its_stream() {
    let upstream = HttpUpstream::start(&[]).await;
    for era in Era::BOTH {
        let client = Client::of(era, &upstream.url).await;
        let start = |label: &str| {
            let arguments = json!({"steps": 2, "label": label, "hold": label});
            client.start(
                "tools/call",
                json!({"name": "progress", "arguments": arguments, "_meta": {"progressToken": "t"}}),
            )
        };
        let (one, two) = (start("one"), start("two"));
        for label in ["one", "two"] {
            client.call("await_hold", json!({"name": label})).await;
            client.call("release", json!({"name": label})).await;
        }
        for (pending, label) in [(one, "one"), (two, "two")] {
            let reply = pending.finish().await;
            let seen: Vec<&Value> = reply.before.iter().map(|note| &note["params"]["message"]).collect();
            assert_eq!(seen, [&json!(format!("{label} 1 of 2")), &json!(format!("{label} 2 of 2"))]);
        }
    }
}

async fn http_wants_a_header() {
    let upstream = HttpUpstream::start(&["--require-header", "Authorization: Bearer right"]).await;
    let without = Client::modern(&upstream.url);
    assert_eq!(without.post(&without.message(&json!(1), "tools/list", json!({}))).send().await.status, 401);
    let with = without.with_header("authorization", "Bearer right");
    assert_eq!(with.call("add", json!({})).await.structured()["sum"], 0.0);
}

async fn http_starts_late() {
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    let upstream = HttpUpstream::start(&["--start-delay-file", go.to_str().unwrap()]).await;
    let client = Client::modern(&upstream.url);
    let pending = client.start_call("add", json!({}));
    assert!(!pending.is_over());
    std::fs::write(&go, "").unwrap();
    assert_eq!(pending.finish().await.structured()["sum"], 0.0);
}

async fn http_exit_and_kill() {
    let upstream = HttpUpstream::start(&[]).await;
    let client = Client::modern(&upstream.url);
    let message = client.message(&json!(1), "tools/call", json!({"name": "exit"}));
    // The connection breaks before or after the head of the answer: either way there is no answer.
    if let Ok(stream) = client.post(&message).try_open().await {
        assert_eq!(stream.finish().await.text(), "");
    }
    let mut upstream = HttpUpstream::start(&[]).await;
    upstream.kill().await;
    eventually("the port refuses", || async {
        Http::new("GET", &upstream.url).try_open().await.err().ok_or_else(|| "it answers".to_owned())
    })
    .await;
}
