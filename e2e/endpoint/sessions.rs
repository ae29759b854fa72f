//! Sessions of legacy clients, and that modern ones need none.

use crate::harness::{Era, Http, HttpUpstream, Setup, eventually, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::collections::HashSet;

pub(crate) fn tests() -> Vec<Trial> {
    trials!("endpoint":
        sessions_are_opened_and_ended,
        h03_sessions_outlive_the_hub_or_end_clearly,
        session_headers_of_modern_clients_are_ignored,
        h02_one_session_is_one_of_each_upstream,
        h04_more_sessions_than_allowed_are_refused,
        h04_unused_sessions_make_room,
        ping_is_answered,
        notifications_are_accepted,
        h03_handshake_comes_first,
    )
}

async fn sessions_are_opened_and_ended() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let mut known = HashSet::new();
    for _ in 0..20 {
        let client = hub.client().await;
        let session = client.session.clone().unwrap();
        assert!(session.len() >= 16 && session.bytes().all(|byte| (0x21..=0x7e).contains(&byte)), "{session}");
        assert!(known.insert(session), "no session comes twice");
    }
    let client = hub.client().await;
    let answer = client.close().await;
    assert!([200, 202, 204].contains(&answer.status), "DELETE ends the session: {}", answer.status);
    let message = client.message(&json!(1), "tools/list", json!({}));
    let answer = client.post(&message).send().await;
    assert_eq!((answer.status, &answer.json()["error"]["data"]["code"]), (404, &json!("T-0312")));
    assert_eq!(client.close().await.status, 404, "it cannot be ended twice");
}

/// A client must either go on or be told 404, on which it greets again; anything else leaves it stuck.
async fn h03_sessions_outlive_the_hub_or_end_clearly() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let old = hub.client().await;
    let hub = hub.stop().await.ready().await;
    let client = old.at(&hub.url);
    let message = client.message(&json!(1), "tools/call", json!({"name": "good__add", "arguments": {}}));
    let answer = client.post(&message).send().await;
    if answer.status != 200 {
        assert_eq!((answer.status, &answer.json()["error"]["data"]["code"]), (404, &json!("T-0312")));
        assert_eq!(hub.client().await.call("good__add", json!({})).await.structured()["sum"], 0.0);
    }
}

async fn session_headers_of_modern_clients_are_ignored() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.modern().with_header("mcp-session-id", "left-over").with_header("last-event-id", "7");
    assert_eq!(client.call("good__add", json!({"a": 1})).await.structured()["sum"], 1.0);
    let message = client.message(&json!(1), "tools/list", json!({}));
    let answer = client.post(&message).send().await;
    assert!(answer.header("mcp-session-id").is_none(), "a modern client gets no session");
}

async fn h04_more_sessions_than_allowed_are_refused() {
    let hub = Setup::pair(&[], json!({})).with("limits", json!({"sessions": 5})).ready().await;
    let mut open = Vec::new();
    for _ in 0..5 {
        open.push(hub.client().await);
    }
    let answer = hub.bare(Era::Legacy).post(&initialize()).send().await;
    assert_eq!((answer.status, &answer.json()["error"]["data"]["code"]), (429, &json!("T-0313")));
    for client in &open {
        assert_eq!(client.call("good__add", json!({})).await.structured()["sum"], 0.0, "the others go on");
    }
    open.pop().unwrap().close().await;
    hub.client().await;
    hub.assert_good().await;
}

fn initialize() -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "e2e", "version": "1"},
    }})
}

/// Most clients never end their sessions. One that nobody uses goes; one whose client listens stays.
async fn h04_unused_sessions_make_room() {
    let limits = json!({"sessions": 2, "session_idle": "3s"});
    let hub = Setup::pair(&[], json!({})).with("limits", limits).ready().await;
    let listening = hub.client().await;
    let _stream = listening.listen().await;
    let left = hub.client().await;
    eventually("the session that nobody uses makes room", || async {
        let answer = hub.bare(Era::Legacy).post(&initialize()).send().await;
        if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
    let reply = left.request("ping", json!({})).await;
    assert_eq!((reply.status, reply.code()), (404, Some("T-0312")));
    listening.request("ping", json!({})).await.result();
}

/// A client has one session, whatever is behind the hub: each upstream has its own, of which the client knows nothing.
async fn h02_one_session_is_one_of_each_upstream() {
    let mut setup = Setup::new();
    let mut upstreams = Vec::new();
    for name in ["one", "two"] {
        let record = setup.record(name);
        let flags = ["--name", name, "--era", "legacy", "--record", record.to_str().unwrap()];
        let upstream = HttpUpstream::start(&flags).await;
        setup = setup.remote(name, &upstream.url, json!({}));
        upstreams.push(upstream);
    }
    let hub = setup.ready().await;
    let clients = [hub.client().await, hub.client().await];
    let sessions = clients.each_ref().map(|client| client.session.clone().unwrap());
    assert_ne!(sessions[0], sessions[1]);
    let echoes = async |client: &crate::harness::Client| {
        for name in ["one", "two"] {
            assert_eq!(client.call(&format!("{name}__echo"), json!({"message": name})).await.text(), name);
        }
    };
    for client in &clients {
        echoes(client).await;
    }
    // What ends at one upstream, or for one client, ends nowhere else.
    clients[0].call("one__forget", json!({})).await.result();
    echoes(&clients[0]).await;
    assert_eq!(clients[0].session.as_deref(), Some(&*sessions[0]));
    assert_eq!(clients[0].close().await.status, 204);
    echoes(&clients[1]).await;
    assert_eq!(hub.recorded_method("two", "initialize").len(), 1, "all clients share the session of an upstream");
    assert!(hub.recorded_method("one", "initialize").len() >= 2, "one that was forgotten is followed by another");
}

async fn ping_is_answered() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    assert_eq!(*hub.client().await.request("ping", json!({})).await.result(), json!({}));
    let reply = hub.modern().request("ping", json!({})).await;
    assert_eq!(reply.assert_code(&["T-0303"])["code"], -32601, "the modern era has no ping");
}

async fn notifications_are_accepted() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    for era in Era::BOTH {
        let client = hub.client_of(era).await;
        for method in ["notifications/cancelled", "notifications/roots/list_changed", "notifications/x-unknown"] {
            let answer = client.notify(method, json!({"requestId": 12345})).await;
            assert_eq!((answer.status, answer.body.len()), (202, 0), "{method}: {}", answer.text());
        }
    }
    hub.assert_good().await;
}

async fn h03_handshake_comes_first() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.bare(Era::Legacy);
    let message = client.message(&json!(1), "tools/list", json!({}));
    let answer = client.post(&message).send().await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(answer.json()["error"]["data"]["code"], "T-0311");
    let answer = Http::new("GET", &hub.url).header("accept", "text/event-stream").send().await;
    assert!([400, 405].contains(&answer.status), "a stream needs a session: {}", answer.status);
}
