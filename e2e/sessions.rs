//! Sessions of legacy clients that outlive the hub.

mod crowd;
mod restart;

use crate::harness::{Client, Era, Hub, Setup, eventually, trials};
use libtest_mimic::Trial;
use serde_json::json;

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials!("sessions":
        h03_session_survives_a_restart,
        session_survives_the_end_by_force,
        what_a_session_has_set_survives_a_restart,
        a26_ended_session_stays_ended_after_a_restart,
        a26_session_of_another_secret_is_unknown,
        a26_h27_session_is_bound_to_its_view,
        modern_state_survives_a_restart,
    );
    tests.extend(restart::tests());
    tests
}

async fn restarted(hub: Hub) -> Hub {
    hub.stop().await.ready().await
}

fn moved(client: Client, hub: &Hub) -> Client {
    client.at(&hub.url)
}

async fn h03_session_survives_a_restart() {
    let hub = Setup::pair(&["--era", "legacy"], json!({})).ready().await;
    let client = hub.bare(Era::Legacy).able(&json!({"roots": {}})).shake_hands("2025-06-18").await;
    client.call("faulty__echo", json!({"message": "before"})).await.result();
    let hub = restarted(hub).await;
    let client = moved(client, &hub);
    assert_eq!(client.call("faulty__echo", json!({"message": "after"})).await.text(), "after");
    // What it said of itself is remembered with it.
    let answer = |_: &str, _: &serde_json::Value| Ok(json!({"roots": []}));
    let ended = client.call_and_answer("faulty__ask", json!({"method": "roots/list"}), answer).await;
    assert_eq!(ended.asked.len(), 1, "{}", ended.reply.raw);
    // It is a session like any other: it can be ended.
    assert_eq!(client.close().await.status, 204);
    let reply = client.request("ping", json!({})).await;
    assert_eq!((reply.status, reply.code()), (404, Some("T-0312")));
}

async fn session_survives_the_end_by_force() {
    let mut hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client().await;
    hub.signal(rustix::process::Signal::KILL);
    hub.end().await;
    let hub = std::mem::replace(&mut hub.setup, Setup::new()).ready().await;
    let client = moved(client, &hub);
    assert_eq!(client.call("good__echo", json!({"message": "still"})).await.text(), "still");
}

async fn what_a_session_has_set_survives_a_restart() {
    let hub = Setup::legacy_pair().ready().await;
    let client = hub.client().await;
    client.request("logging/setLevel", json!({"level": "error"})).await.result();
    let uri = client.list("resources/list", "resources").await[0]["uri"].as_str().expect("an address").to_owned();
    client.request("resources/subscribe", json!({"uri": uri})).await.result();
    let hub = restarted(hub).await;
    let client = moved(client, &hub);
    let mut stream = client.listen().await;
    let (own, original) = uri.strip_prefix("tutti://").and_then(|rest| rest.split_once('/')).expect("a mapped address");
    eventually("the new process is subscribed to", || async {
        let touched = client.call(&format!("{own}__touch"), json!({"uri": original})).await;
        if touched.structured()["subscribed"] == true { Ok(()) } else { Err(touched.raw) }
    })
    .await;
    let note = stream.next_notification("notifications/resources/updated").await;
    assert_eq!(note["params"]["uri"], uri);
    let quiet = json!({"name": "good__log", "arguments": {"level": "info", "text": "t"}});
    let reply = client.request("tools/call", quiet).await;
    assert!(reply.notifications("notifications/message").is_empty(), "below the level that it had set: {reply:?}");
}

async fn a26_ended_session_stays_ended_after_a_restart() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client().await;
    assert_eq!(client.close().await.status, 204);
    let hub = restarted(hub).await;
    let reply = moved(client, &hub).request("ping", json!({})).await;
    assert_eq!((reply.status, reply.code()), (404, Some("T-0312")));
}

async fn a26_session_of_another_secret_is_unknown() {
    let (one, other) = (Setup::pair(&[], json!({})).ready().await, Setup::pair(&[], json!({})).ready().await);
    let client = one.client().await;
    let reply = moved(client, &other).request("ping", json!({})).await;
    assert_eq!((reply.status, reply.code()), (404, Some("T-0312")));
}

async fn a26_h27_session_is_bound_to_its_view() {
    let views = json!({"small": {"servers": ["good"]}});
    let hub = Setup::pair(&[], json!({})).with("views", views).ready().await;
    let client = hub.client().await;
    let hub = restarted(hub).await;
    let elsewhere = client.clone().at(&hub.at("/mcp/small"));
    let reply = elsewhere.request("ping", json!({})).await;
    assert_eq!((reply.status, reply.code()), (404, Some("T-0312")));
    moved(client, &hub).request("ping", json!({})).await.result();
}

/// A modern upstream's state is sealed in what the client holds, so another process can go on with it.
async fn modern_state_survives_a_restart() {
    let hub = Setup::pair(&["--era", "modern"], json!({})).ready().await;
    let client = hub.modern().able(&json!({"roots": {}}));
    let mut params = json!({"name": "faulty__ask", "arguments": {"method": "roots/list"}});
    let first = client.request("tools/call", params.clone()).await;
    params["requestState"] = first.result()["requestState"].clone();
    params["inputResponses"] = json!({"question": {"roots": []}});
    let hub = restarted(hub).await;
    let reply = moved(client, &hub).request("tools/call", params).await;
    assert_eq!(reply.structured()["result"], json!({"roots": []}), "{}", reply.raw);
}
