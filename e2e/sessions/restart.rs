//! The hub is restarted in good order and by force, while many clients of both eras are in the middle of something.

use super::crowd::{CLIENTS, Crowd};
use crate::harness::{Client, Hub, Pending, Setup, eventually, trials, within};
use crate::process::assert_none_left;
use libtest_mimic::Trial;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;

pub(super) fn tests() -> Vec<Trial> {
    trials!("sessions": h03_restart_under_two_hundred_clients_loses_nothing)
}

async fn h03_restart_under_two_hundred_clients_loses_nothing() {
    // Held calls pile up as those of a failing server do, which is not what this is about.
    let entry = json!({"breaker": {"enabled": false}});
    let legacy = ["--era", "legacy"];
    let setup = Setup::new().fixture("faulty", &legacy, entry).fixture("good", &legacy, json!({}));
    let hub = setup.ready().await;
    let marker = hub.setup.marker_of_all();
    let uri = resource_of_good(&hub.modern()).await;
    let crowd = Crowd::gather(&hub, &uri).await;
    crowd.is_back(1).await;
    let hub = restart_in_order(hub, &crowd).await;
    crowd.is_back(2).await;
    let hub = restart_by_force(hub, &crowd).await;
    crowd.is_back(3).await;
    assert_sessions_are_whole(&hub, &crowd, &uri).await;
    crowd.disperse().await;
    let setup = hub.stop().await;
    assert_none_left(&marker).await;
    drop(setup);
}

/// Each client has a call under way whose effect nobody knows. All of them are answered before the hub ends, and none is
/// sent to the upstream twice.
async fn restart_in_order(mut hub: Hub, crowd: &Crowd) -> Hub {
    let file = hub.setup.path("drained");
    let start = |client: Client, name: &str| client.start_call("faulty__hold", arguments(name, &file));
    let held: Vec<(&str, Pending)> =
        crowd.members.iter().map(|member| (&*member.name, start(member.client(), &member.name))).collect();
    wait_for_held(&hub, CLIENTS).await;
    hub.signal(Signal::TERM);
    eventually("the hub takes no more connections", || async {
        let request = hub.modern().post(&json!({}));
        if request.try_open().await.is_err() { Ok(()) } else { Err("it does".to_owned()) }
    })
    .await;
    crowd.lose_address();
    assert!(hub.is_running(), "it waits for what is under way");
    std::fs::write(&file, "").unwrap();
    for (name, call) in held {
        assert_eq!(call.finish().await.text(), format!("held {name}"));
    }
    let setup = hub.stopped().await;
    let hub = setup.start().await;
    let names = held_names(&hub);
    assert!(names.len() == CLIENTS && names.values().all(|count| *count == 1), "each was sent once: {names:?}");
    crowd.find_address(&hub, 2);
    hub
}

/// Each client has a call under way that it may repeat. All of them break off, and the next hub answers each.
async fn restart_by_force(mut hub: Hub, crowd: &Crowd) -> Hub {
    let file = hub.setup.path("forced");
    let held = crowd.members.iter().cloned().map(|member| {
        let arguments = arguments(&member.name, &file);
        tokio::spawn(async move { (member.name.clone(), member.call("faulty__hold", &arguments).await) })
    });
    let held: Vec<_> = held.collect();
    wait_for_held(&hub, 2 * CLIENTS).await;
    hub.signal(Signal::KILL);
    let _ = hub.end().await;
    crowd.lose_address();
    let hub = std::mem::replace(&mut hub.setup, Setup::new()).start().await;
    crowd.find_address(&hub, 3);
    wait_for_held(&hub, 3 * CLIENTS).await;
    std::fs::write(&file, "").unwrap();
    for call in held {
        let (name, answered) = within("a repeated call is answered", call).await.expect("the call does not panic");
        let (reply, broken) = answered.expect("it is not over");
        assert_eq!((reply.text(), broken), (&*format!("held {name}"), 1));
    }
    hub
}

/// No session is new, and what each has set is there.
async fn assert_sessions_are_whole(hub: &Hub, crowd: &Crowd, uri: &str) {
    let (toucher, original) = (hub.modern(), original(uri));
    crowd.is_told(async || drop(toucher.call("good__touch", json!({"uri": original})).await)).await;
    for member in &crowd.members {
        let client = member.client();
        if member.is_legacy() {
            client.request("ping", json!({})).await.result();
            let reply = client.call("good__log", json!({"level": "info", "text": "t"})).await;
            let notes = reply.notifications("notifications/message");
            assert!(notes.is_empty(), "{}: below the level that it had set: {reply:?}", member.name);
        } else {
            client.request("server/discover", json!({})).await.result();
        }
    }
}

fn arguments(name: &str, file: &Path) -> Value {
    json!({"name": name, "file": file})
}

/// The names of held calls that have arrived, and how often.
fn held_names(hub: &Hub) -> HashMap<String, usize> {
    let mut names = HashMap::new();
    for call in hub.recorded_method("faulty", "tools/call") {
        *names.entry(call["params"]["arguments"]["name"].to_string()).or_default() += 1;
    }
    names
}

async fn wait_for_held(hub: &Hub, all: usize) {
    eventually("all held calls have arrived", || async {
        let arrived = held_names(hub).values().sum::<usize>();
        if arrived == all { Ok(()) } else { Err(format!("{arrived} of {all}")) }
    })
    .await;
}

/// The address of a resource of `good`, as clients know it.
async fn resource_of_good(client: &Client) -> String {
    let resources = client.list("resources/list", "resources").await;
    let mut addresses = resources.iter().filter_map(|resource| resource["uri"].as_str());
    addresses.find(|uri| uri.starts_with(OF_GOOD)).expect("it has one").to_owned()
}

/// The same address as the upstream knows it.
fn original(uri: &str) -> &str {
    uri.strip_prefix(OF_GOOD).expect("it is one of its own")
}

const OF_GOOD: &str = "tutti://good/";
