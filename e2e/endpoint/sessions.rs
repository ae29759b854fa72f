//! Sessions of legacy clients, and that modern ones need none.

use crate::harness::{Era, Http, Setup, trials};
use libtest_mimic::Trial;
use serde_json::json;
use std::collections::HashSet;

pub(crate) fn tests() -> Vec<Trial> {
    trials!("endpoint":
        sessions_are_opened_and_ended,
        sessions_outlive_the_hub_or_end_clearly,
        session_headers_of_modern_clients_are_ignored,
        h04_more_sessions_than_allowed_are_refused,
        ping_is_answered,
        notifications_are_accepted,
        handshake_comes_first,
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
async fn sessions_outlive_the_hub_or_end_clearly() {
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
    let initialize = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "e2e", "version": "1"},
    }});
    let answer = hub.bare(Era::Legacy).post(&initialize).send().await;
    assert_eq!((answer.status, &answer.json()["error"]["data"]["code"]), (429, &json!("T-0313")));
    for client in &open {
        assert_eq!(client.call("good__add", json!({})).await.structured()["sum"], 0.0, "the others go on");
    }
    open.pop().unwrap().close().await;
    hub.client().await;
    hub.assert_good().await;
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

async fn handshake_comes_first() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.bare(Era::Legacy);
    let message = client.message(&json!(1), "tools/list", json!({}));
    let answer = client.post(&message).send().await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(answer.json()["error"]["data"]["code"], "T-0311");
    let answer = Http::new("GET", &hub.url).header("accept", "text/event-stream").send().await;
    assert!([400, 405].contains(&answer.status), "a stream needs a session: {}", answer.status);
}
