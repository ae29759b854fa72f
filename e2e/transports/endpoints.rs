//! The hub's own endpoints on the other transports: `/sse`, `/ws` and a Unix socket.

use super::talk::{ALL, Kind, Talk};
use crate::harness::{Client, Http, Hub, Setup, eventually, trials};
use libtest_mimic::Trial;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

pub(crate) fn tests() -> Vec<Trial> {
    trials!("transports::endpoints":
        legacy_clients_are_served,
        modern_clients_are_served,
        h20_views_are_served,
        progress_cancellation_and_news_go_through,
        questions_reach_the_client,
        client_that_goes_cancels_what_is_under_way,
        client_that_sends_no_more_gets_its_answers,
        client_that_sends_no_more_and_goes_cancels,
        stop_lets_calls_end_and_says_goodbye,
        socket_file_is_private_and_goes,
        socket_that_is_taken_is_told,
    )
}

pub(super) fn socket(setup: &Setup) -> PathBuf {
    setup.path("hub.sock")
}

pub(super) fn setup() -> Setup {
    let setup = Setup::new().fixture("good", &[], json!({}));
    let path = setup.path_text("hub.sock");
    setup.with("socket", json!(path))
}

pub(super) fn base(hub: &Hub) -> String {
    hub.url.trim_end_matches("/mcp").to_owned()
}

pub(super) async fn open(hub: &Hub, kind: Kind) -> Talk {
    Talk::open(kind, &base(hub), &socket(&hub.setup)).await
}

pub(super) fn modern(params: Value) -> Value {
    let message = Client::modern("http://nowhere/").message(&json!(0), "x", params);
    message["params"].clone()
}

async fn legacy_clients_are_served() {
    let hub = setup().ready().await;
    for kind in ALL {
        let mut talk = open(&hub, kind).await;
        let (early, _) = talk.request("tools/list", json!({})).await;
        assert_eq!(early["error"]["data"]["code"], "T-0311", "{kind:?}: nothing before initialize: {early}");
        let greeting = talk.greet().await;
        assert_eq!(greeting["result"]["protocolVersion"], "2024-11-05", "{kind:?}: {greeting}");
        let (list, _) = talk.request("tools/list", json!({})).await;
        assert!(list["result"]["tools"].as_array().is_some_and(|tools| tools.len() > 5), "{kind:?}: {list}");
        let text = "grüße\n\u{2028}".repeat(10_000);
        let answer = talk.call("good__echo", json!({"message": text})).await;
        assert_eq!(answer["result"]["content"][0]["text"], text, "{kind:?}");
        assert_eq!(talk.request("ping", json!({})).await.0["result"], json!({}), "{kind:?}");
        let unknown = talk.call("good__nothing", json!({})).await;
        assert_eq!(unknown["error"]["data"]["code"], "T-0305", "{kind:?}: {unknown}");
    }
}

async fn modern_clients_are_served() {
    let hub = setup().ready().await;
    for kind in [Kind::WebSocket, Kind::Socket] {
        let mut talk = open(&hub, kind).await;
        let (discovered, _) = talk.request("server/discover", modern(json!({}))).await;
        assert_eq!(discovered["result"]["supportedVersions"], json!(["2026-07-28"]), "{kind:?}: {discovered}");
        let params = modern(json!({"name": "good__echo", "arguments": {"message": "hi"}}));
        let (answer, _) = talk.request("tools/call", params).await;
        assert_eq!(answer["result"]["resultType"], "complete", "{kind:?}: {answer}");
        // Both eras on one connection.
        talk.greet().await;
        assert_eq!(talk.call("good__echo", json!({"message": "x"})).await["result"]["content"][0]["text"], "x");
    }
    // The older HTTP transport belongs to the legacy era.
    let mut talk = open(&hub, Kind::Events).await;
    let (refused, _) = talk.request("tools/list", modern(json!({}))).await;
    assert_eq!(refused["error"]["code"], -32022, "{refused}");
}

async fn h20_views_are_served() {
    let setup = setup().with("views", json!({"small": {"tools": ["good__echo"]}}));
    let (all, small) = (setup.path_text("hub.sock"), setup.path("small.sock"));
    let hub = setup.with("socket", json!({"all": all, "small": small})).ready().await;
    let base = base(&hub);
    let mut everything = open(&hub, Kind::Socket).await;
    everything.greet().await;
    let (list, _) = everything.request("tools/list", json!({})).await;
    assert!(list["result"]["tools"].as_array().is_some_and(|tools| tools.len() > 5), "{list}");
    let mut talks = [
        Talk::events(&format!("{base}/sse/small")).await,
        Talk::web_socket(&base, "/ws/small", "").await.unwrap(),
        Talk::socket(&small).await,
    ];
    for talk in &mut talks {
        talk.greet().await;
        let (list, _) = talk.request("tools/list", json!({})).await;
        assert_eq!(list["result"]["tools"].as_array().map(Vec::len), Some(1), "{list}");
        for hidden in ["good__secret", "secret"] {
            let (refused, _) = talk.request("tools/call", json!({"name": hidden, "arguments": {}})).await;
            assert_eq!(refused["error"]["data"]["code"], "T-0305", "{refused}");
        }
    }
    let missing = Http::new("GET", &format!("{base}/sse/none")).header("accept", "text/event-stream").send().await;
    assert_eq!((missing.status, missing.text().contains("T-0320")), (404, true));
    let missing = Talk::web_socket(&base, "/ws/none", "").await.err().unwrap();
    assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");
}

async fn progress_cancellation_and_news_go_through() {
    let hub = setup().ready().await;
    let other = hub.client_of(crate::harness::Era::Legacy).await;
    for kind in ALL {
        let mut talk = open(&hub, kind).await;
        talk.greet().await;
        let params = json!({"name": "good__progress", "arguments": {"steps": 3}, "_meta": {"progressToken": "mine"}});
        let (_, before) = talk.request("tools/call", params).await;
        assert_eq!(before.iter().filter(|note| note["params"]["progressToken"] == "mine").count(), 3, "{before:?}");
        let name = format!("{kind:?}");
        let id = talk.begin("tools/call", json!({"name": "good__hold", "arguments": {"name": name}})).await;
        other.call("good__await_hold", json!({"name": name, "count": 1})).await.result();
        talk.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}})).await;
        wait_for_cancellation(&other, &name).await;
        other.call("good__change_tools", json!({})).await.result();
        let news = talk.next().await.unwrap();
        assert_eq!(news["method"], "notifications/tools/list_changed", "{kind:?}: {news}");
    }
}

async fn wait_for_cancellation(client: &Client, name: &str) {
    eventually("the upstream learns of the cancellation", || async {
        let reply = client.call("good__cancelled", json!({"at_least": 0})).await;
        let all = reply.structured()["cancelled"].as_array().cloned().unwrap_or_default();
        if all.iter().any(|entry| entry["arguments"]["name"] == name) { Ok(()) } else { Err(reply.raw) }
    })
    .await;
}

/// What an upstream asks goes to the client of the call, and its answer back.
async fn questions_reach_the_client() {
    let hub = setup().fixture("asks", &["--era", "legacy"], json!({})).ready().await;
    for kind in ALL {
        let mut talk = open(&hub, kind).await;
        let params = json!({
            "protocolVersion": "2025-11-25", "capabilities": {"roots": {}}, "clientInfo": {"name": "e", "version": "1"},
        });
        talk.request("initialize", params).await;
        talk.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
        let arguments = json!({"method": "roots/list", "params": {}});
        let id = talk.begin("tools/call", json!({"name": "asks__ask", "arguments": arguments})).await;
        let asked = talk.next().await.unwrap();
        assert_eq!(asked["method"], "roots/list", "{kind:?}: {asked}");
        let roots = json!({"roots": [{"uri": "file:///mine"}]});
        talk.send(&json!({"jsonrpc": "2.0", "id": asked["id"], "result": roots})).await;
        let (answer, _) = talk.answer(&id).await;
        assert!(answer.to_string().contains("file:///mine"), "{kind:?}: {answer}");
    }
}

async fn client_that_goes_cancels_what_is_under_way() {
    let hub = setup().ready().await;
    let other = hub.client_of(crate::harness::Era::Modern).await;
    for kind in ALL {
        let mut talk = open(&hub, kind).await;
        talk.greet().await;
        let name = format!("{kind:?}");
        talk.begin("tools/call", json!({"name": "good__hold", "arguments": {"name": name}})).await;
        other.call("good__await_hold", json!({"name": name, "count": 1})).await.result();
        drop(talk);
        wait_for_cancellation(&other, &name).await;
    }
}

fn held(id: &str, name: &str) -> Value {
    let params = modern(json!({"name": "good__hold", "arguments": {"name": name}}));
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
}

/// Such as `printf '…' | socat - UNIX-CONNECT:hub.sock`.
async fn client_that_sends_no_more_gets_its_answers() {
    let hub = setup().ready().await;
    let other = hub.client_of(crate::harness::Era::Modern).await;
    let mut talk = open(&hub, Kind::Socket).await;
    talk.send(&held("late", "half")).await;
    let list = json!({"jsonrpc": "2.0", "id": "last", "method": "tools/list", "params": modern(json!({}))});
    // The last line has no end.
    talk.send_bytes(list.to_string().as_bytes()).await;
    talk.end_input().await;
    let (listed, _) = talk.answer(&json!("last")).await;
    assert!(listed["result"]["tools"].is_array(), "{listed}");
    other.call("good__await_hold", json!({"name": "half", "count": 1})).await.result();
    other.call("good__release", json!({"name": "half"})).await.result();
    let (late, _) = talk.answer(&json!("late")).await;
    assert!(late["result"].is_object(), "{late}");
    assert_eq!(talk.next().await, None, "the hub has no more to say");
    // A line that ends in the middle of a message is told of, and so is one that never began.
    let mut talk = open(&hub, Kind::Socket).await;
    talk.send_bytes(b"\n{\"jsonrpc\": \"2.0\", \"id\": 1, \"meth").await;
    talk.end_input().await;
    let told = talk.next().await.unwrap();
    assert_eq!((&told["error"]["code"], &told["id"]), (&json!(-32700), &Value::Null), "{told}");
    assert_eq!(talk.next().await, None);
}

async fn client_that_sends_no_more_and_goes_cancels() {
    let hub = setup().ready().await;
    let other = hub.client_of(crate::harness::Era::Modern).await;
    let mut talk = open(&hub, Kind::Socket).await;
    talk.send(&held("gone", "half")).await;
    talk.end_input().await;
    other.call("good__await_hold", json!({"name": "half", "count": 1})).await.result();
    drop(talk);
    wait_for_cancellation(&other, "half").await;
}

async fn stop_lets_calls_end_and_says_goodbye() {
    let mut hub = setup().ready().await;
    let gate = hub.setup.path_text("gate");
    let mut talks = Vec::new();
    for kind in ALL {
        let mut talk = open(&hub, kind).await;
        talk.greet().await;
        let name = format!("{kind:?}");
        let arguments = json!({"name": name, "file": gate});
        let id = talk.begin("tools/call", json!({"name": "good__hold", "arguments": arguments})).await;
        hub.call("good__await_hold", json!({"name": name, "count": 1})).await.result();
        talks.push((kind, talk, id));
    }
    hub.signal(Signal::TERM);
    // Nobody new comes in; then what is under way may end.
    let path = socket(&hub.setup);
    eventually("the hub does not listen any more", || async {
        match tokio::net::TcpStream::connect(base(&hub).trim_start_matches("http://")).await {
            Ok(_) => Err("it does".to_owned()),
            Err(_) => Ok(()),
        }
    })
    .await;
    std::fs::write(&gate, "").unwrap();
    for (kind, mut talk, id) in talks {
        let (answer, _) = talk.answer(&id).await;
        assert!(answer["result"].is_object(), "{kind:?}: {answer}");
        assert_eq!(talk.next().await, None, "{kind:?}: it ends");
        if kind == Kind::WebSocket {
            assert_eq!(talk.closed, Some(1001));
        }
    }
    assert!(hub.end().await.success());
    assert!(!path.exists(), "the file of the socket goes with the hub");
}

async fn socket_file_is_private_and_goes() {
    let mut hub = setup().ready().await;
    let path = socket(&hub.setup);
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    // A hub that was killed leaves its file, which the next one replaces.
    hub.signal(Signal::KILL);
    hub.end().await;
    assert!(path.exists());
    let second = Setup::new().with("socket", json!(path)).start().await;
    let mut talk = Talk::socket(&path).await;
    assert!(talk.greet().await["result"].is_object());
    drop(second);
    assert!(!path.exists());
}

async fn socket_that_is_taken_is_told() {
    let hub = setup().ready().await;
    let taken = hub.setup.path_text("hub.sock");
    let file = hub.setup.path_text("file");
    std::fs::write(&file, "mine").unwrap();
    let home = hub.setup.path_text("other-home");
    for path in [&taken, &file] {
        let arguments = ["up", "--listen", "127.0.0.1:0", "--socket", path.as_str()];
        let run = crate::harness::tutti(&arguments, &[("TUTTI_HOME", &home), ("HOME", &home)]).await;
        assert_eq!((run.code, run.stderr.contains("T-0503")), (Some(6), true), "{}", run.stderr);
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    hub.assert_good().await;
}
