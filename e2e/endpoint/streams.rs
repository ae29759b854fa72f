//! What goes back and forth beside the answer: progress, log messages, cancellation, updates, questions.

use crate::harness::{Client, Era, Http, Hub, Setup, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("endpoint":
        h08_progress_has_the_token_of_its_client,
        h07_cancel_reaches_the_right_call,
        h08_progress_keeps_a_long_call_alive,
        h08_progress_keeps_no_call_alive_for_ever,
        h12_log_messages_arrive,
    );
    tests.extend(trials!("endpoint":
        h08_same_token_of_two_clients,
        h07_cancel_reaches_a_remote_upstream,
        h07_cancel_of_another_client_is_none,
        h12_lowest_log_level_of_each_client,
        h10_subscribed_resources_are_announced_to_subscribers,
        h10_subscribed_resource_of_a_modern_upstream,
        questions_of_an_upstream_are_answered,
        h14_answers_are_not_held_back,
        h14_streams_say_that_nobody_may_gather_them,
    ));
    tests
}

fn progress(label: &str, token: &Value, hold: &str) -> Value {
    let arguments = json!({"steps": 3, "label": label, "hold": hold});
    json!({"name": "faulty__progress", "arguments": arguments, "_meta": {"progressToken": token}})
}

async fn release(hub: &Hub, name: &str) {
    hub.call("faulty__await_hold", json!({"name": name})).await.result();
    hub.call("faulty__release", json!({"name": name})).await.result();
}

async fn h08_progress_has_the_token_of_its_client(era: Era) {
    for speaks in ["legacy", "modern"] {
        let hub = Setup::pair(&["--era", speaks], json!({})).ready().await;
        let client = hub.client_of(era).await;
        for token in [json!("text"), json!("7"), json!(7), json!(0), json!(-1), json!("ünï \"code\"")] {
            let reply = client.request("tools/call", progress("p", &token, "")).await;
            let notes = reply.notifications("notifications/progress");
            let steps: Vec<_> = notes.iter().map(|note| note["params"]["progress"].as_i64().unwrap()).collect();
            assert_eq!(steps, [1, 2, 3], "{token}: all of them, in order, before the answer");
            assert!(notes.iter().all(|note| note["params"]["progressToken"] == token), "{token}: {notes:?}");
            assert!(notes.iter().all(|note| note["params"]["x-vendor"].is_object()), "the rest is kept: {notes:?}");
            assert_ne!(reply.structured()["token"], Value::Null, "the upstream got a token");
        }
        let silent = json!({"name": "faulty__progress", "arguments": {"steps": 3}});
        let reply = client.request("tools/call", silent).await;
        assert_eq!(reply.before.len(), 0, "without a token nothing is sent: {:?}", reply.before);
        assert_eq!(reply.structured()["token"], Value::Null, "and nothing is asked for");
    }
}

/// Tokens are the clients' own affair, so two of them may have the same: each gets only what belongs to its request.
async fn h08_same_token_of_two_clients() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    for token in [json!(1), json!("same")] {
        let clients = [hub.client().await, hub.client().await, hub.modern(), hub.modern()];
        let labels = ["one", "two", "three", "four"];
        // All are in the middle of their steps when the first one is let go.
        let pending: Vec<_> = clients
            .iter()
            .zip(labels)
            .map(|(client, label)| client.start("tools/call", progress(label, &token, label)))
            .collect();
        for label in labels {
            hub.call("faulty__await_hold", json!({"name": label})).await.result();
        }
        for label in labels.iter().rev() {
            release(&hub, label).await;
        }
        for (pending, label) in pending.into_iter().zip(labels) {
            let reply = pending.finish().await;
            let texts: Vec<_> = reply.before.iter().map(|note| note["params"]["message"].as_str().unwrap()).collect();
            assert_eq!(texts, [format!("{label} 1 of 3"), format!("{label} 2 of 3"), format!("{label} 3 of 3")]);
            assert!(reply.before.iter().all(|note| note["params"]["progressToken"] == token), "{:?}", reply.before);
        }
    }
}

/// A call may take longer than the limit as long as it shows signs of life.
async fn h08_progress_keeps_a_long_call_alive(era: Era) {
    let hub = Setup::pair(&[], json!({"timeouts": {"call": "2s"}})).ready().await;
    let client = hub.client_of(era).await;
    let mut params = progress("long", &json!("t"), "");
    params["arguments"] = json!({"steps": 6, "label": "long", "pause_ms": 700});
    let reply = client.request("tools/call", params).await;
    assert_eq!(reply.structured()["steps"], 6, "4.2 seconds, never 2 without a sign: {}", reply.raw);
    assert_eq!(reply.before.len(), 6);
}

/// A server that has nothing but progress to tell is not waited for without an end, and is told so.
async fn h08_progress_keeps_no_call_alive_for_ever(era: Era) {
    for speaks in ["legacy", "modern"] {
        let hub = Setup::pair(&["--era", speaks], json!({"timeouts": {"call": "1h", "total": "2s"}})).ready().await;
        let client = hub.client_of(era).await;
        let mut params = progress("endless", &json!("t"), "");
        params["arguments"] = json!({"steps": 1_000_000, "label": "endless", "pause_ms": 1});
        let reply = client.request("tools/call", params).await;
        let error = reply.assert_fault(&["T-0204"], "faulty");
        assert!(error.to_string().contains("did not end"), "{error}");
        assert!(!reply.before.is_empty(), "it gave signs of life");
        let cancelled = client.call("faulty__cancelled", json!({"at_least": 1})).await;
        assert_eq!(cancelled.structured()["cancelled"][0]["tool"], "progress", "{}", cancelled.raw);
        hub.assert_good().await;
    }
}

fn cancelled_names(reply: &crate::harness::Reply) -> Vec<Value> {
    let all = reply.structured()["cancelled"].as_array().cloned().unwrap_or_default();
    all.iter().map(|entry| entry["arguments"]["name"].clone()).collect()
}

async fn hold(client: &Client, tool: &str, name: &str) -> crate::harness::Pending {
    let held = client.start_call(&format!("{tool}__hold"), json!({"name": name}));
    client.call(&format!("{tool}__await_hold"), json!({"name": name})).await.result();
    held
}

async fn h07_cancel_reaches_the_right_call(era: Era) {
    for speaks in ["legacy", "modern"] {
        let hub = Setup::pair(&["--era", speaks], json!({})).ready().await;
        let client = hub.client_of(era).await;
        let first = hold(&client, "faulty", "first").await;
        let second = hold(&client, "faulty", "second").await;
        let elsewhere = hold(&client, "good", "elsewhere").await;
        match era {
            Era::Legacy => {
                let params = json!({"requestId": second.id, "reason": "the user has gone"});
                assert_eq!(client.notify("notifications/cancelled", params).await.status, 202);
            }
            Era::Modern => drop(second),
        }
        let reply = client.call("faulty__cancelled", json!({"at_least": 1})).await;
        assert_eq!(cancelled_names(&reply), ["second"], "the call of that id, and no other: {}", reply.raw);
        assert_eq!(reply.structured()["cancelled"][0]["inFlight"], true, "{}", reply.raw);
        assert_eq!(cancelled_names(&client.call("good__cancelled", json!({})).await), Vec::<Value>::new());
        client.call("faulty__release", json!({"name": "first"})).await.result();
        client.call("good__release", json!({"name": "elsewhere"})).await.result();
        assert_eq!(first.finish().await.text(), "held first");
        assert_eq!(elsewhere.finish().await.text(), "held elsewhere");
    }
}

async fn h07_cancel_reaches_a_remote_upstream() {
    for speaks in ["legacy", "modern"] {
        let upstream = crate::harness::HttpUpstream::start(&["--name", "faulty", "--era", speaks]).await;
        let setup = Setup::new().remote("faulty", &upstream.url, json!({})).fixture("good", &[], json!({}));
        let hub = setup.ready().await;
        let client = hub.modern();
        let other = hold(&client, "faulty", "other").await;
        drop(hold(&client, "faulty", "left").await);
        let reply = client.call("faulty__cancelled", json!({"at_least": 1})).await;
        assert_eq!(cancelled_names(&reply), ["left"], "{speaks}: {}", reply.raw);
        client.call("faulty__release", json!({"name": "other"})).await.result();
        assert_eq!(other.finish().await.text(), "held other");
    }
}

/// Ids of two clients are equal all the time: one must not be able to cancel the call of the other.
async fn h07_cancel_of_another_client_is_none() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let (owner, stranger) = (hub.client().await, hub.client().await);
    let held = hold(&owner, "faulty", "mine").await;
    for client in [&stranger, &hub.modern()] {
        client.notify("notifications/cancelled", json!({"requestId": held.id})).await;
        client.notify("notifications/cancelled", json!({"requestId": held.id.to_string()})).await;
    }
    owner.notify("notifications/cancelled", json!({"requestId": held.id.to_string()})).await;
    let reply = owner.call("faulty__cancelled", json!({})).await;
    assert_eq!(cancelled_names(&reply), Vec::<Value>::new(), "{}", reply.raw);
    owner.call("faulty__release", json!({"name": "mine"})).await.result();
    assert_eq!(held.finish().await.text(), "held mine");
}

async fn h12_log_messages_arrive(era: Era) {
    let hub = Setup::pair(&["--era", era.word()], json!({})).ready().await;
    let mut client = hub.client_of(era).await;
    client.log_level = Some("info".to_owned());
    let mut stream = client.listen().await;
    if era == Era::Legacy {
        client.request("logging/setLevel", json!({"level": "info"})).await.result();
        // The level goes to the upstream on its own; the call must not overtake it.
        hub.wait_for_record("faulty", "logging/setLevel").await;
    }
    let reply = client.call("faulty__log", json!({"level": "warning", "text": "look here"})).await;
    assert_eq!(reply.structured()["sent"], true, "{}", reply.raw);
    // A modern one belongs to its request; a legacy one may come on the stream for everything.
    let on_its_stream = reply.notifications("notifications/message").first().map(|note| (*note).clone());
    let note = match on_its_stream {
        Some(note) => note,
        None if era == Era::Legacy => stream.next_notification("notifications/message").await,
        None => panic!("the message comes on the stream of its request: {:?}", reply.before),
    };
    assert_eq!((&note["params"]["level"], &note["params"]["data"]), (&json!("warning"), &json!("look here")));
}

async fn h12_lowest_log_level_of_each_client() {
    let hub = Setup::pair(&["--era", "legacy"], json!({})).ready().await;
    let (quiet, curious) = (hub.client().await, hub.client().await);
    let (mut quiet_stream, mut curious_stream) = (quiet.listen().await, curious.listen().await);
    quiet.request("logging/setLevel", json!({"level": "error"})).await.result();
    curious.request("logging/setLevel", json!({"level": "debug"})).await.result();
    crate::harness::eventually("the upstream is asked for the lower level", || async {
        let levels = hub.recorded_method("faulty", "logging/setLevel");
        let last = levels.last().map_or(Value::Null, |message| message["params"]["level"].clone());
        if last == "debug" { Ok(()) } else { Err(last.to_string()) }
    })
    .await;
    // Sent by a third client, and while another call is under way: the messages belong to neither of the two.
    let other = hold(&hub.modern(), "faulty", "meanwhile").await;
    for (level, text) in [("info", "small"), ("critical", "large")] {
        hub.call("faulty__log", json!({"level": level, "text": text})).await.result();
    }
    let first = curious_stream.next_notification("notifications/message").await;
    assert_eq!(first["params"]["data"], "small", "{first}");
    let only = quiet_stream.next_notification("notifications/message").await;
    assert_eq!(only["params"]["data"], "large", "what is below its level does not come: {only}");
    drop(other);
}

/// Either the hub says that resources can be subscribed to, and then it is so, or it says nothing and refuses.
async fn h10_subscribed_resources_are_announced_to_subscribers() {
    let hub = Setup::legacy_pair().ready().await;
    let (subscriber, other) = (hub.client().await, hub.client().await);
    let (of_faulty, of_good) = (static_of(&hub, "faulty").await, static_of(&hub, "good").await);
    if subscriber.greeting["capabilities"]["resources"]["subscribe"] != true {
        let reply = subscriber.request("resources/subscribe", json!({"uri": of_faulty})).await;
        assert_eq!(reply.assert_code(&["T-0303"])["code"], -32601);
        return;
    }
    let (mut stream, mut other_stream) = (subscriber.listen().await, other.listen().await);
    subscriber.request("resources/subscribe", json!({"uri": of_faulty})).await.result();
    other.request("resources/subscribe", json!({"uri": of_good})).await.result();
    let touched = hub.call("faulty__touch", json!({"uri": "test://static"})).await;
    assert_eq!(touched.structured()["subscribed"], true, "the hub has subscribed: {}", touched.raw);
    let note = stream.next_notification("notifications/resources/updated").await;
    assert_eq!(note["params"]["uri"], of_faulty, "with the address that the client knows");
    hub.call("good__touch", json!({"uri": "test://static"})).await.result();
    let note = other_stream.next_notification("notifications/resources/updated").await;
    assert_eq!(note["params"]["uri"], of_good, "the first that it hears is its own");
    subscriber.request("resources/unsubscribe", json!({"uri": of_faulty})).await.result();
    hub.wait_for_record("faulty", "resources/unsubscribe").await;
    let touched = hub.call("faulty__touch", json!({"uri": "test://static"})).await;
    assert_eq!(touched.structured()["subscribed"], false, "nobody is left: {}", touched.raw);
}

/// The address of the resource of an upstream.
async fn static_of(hub: &Hub, name: &str) -> Value {
    let text = format!("A text of {name}.");
    let all = hub.modern().list("resources/list", "resources").await;
    all.iter().find(|entry| entry["description"] == text).expect("the resource is listed")["uri"].clone()
}

/// The same for the modern era, where the acknowledgement says what was granted.
async fn h10_subscribed_resource_of_a_modern_upstream() {
    let hub = Setup::pair(&["--era", "modern"], json!({})).ready().await;
    let uri = static_of(&hub, "faulty").await;
    let client = hub.modern();
    let filter = json!({"toolsListChanged": true, "resourceSubscriptions": [uri]});
    let mut stream = client.open_subscription(&filter, &json!("s1")).await;
    let granted = stream.next_message("the acknowledgement").await["params"]["notifications"].clone();
    assert_eq!(granted["toolsListChanged"], true, "{granted}");
    if granted.get("resourceSubscriptions").is_none() {
        return;
    }
    assert_eq!(granted["resourceSubscriptions"], json!([uri]), "what is granted was asked for: {granted}");
    let wanted = |message: &Value| {
        let uris = &message["params"]["notifications"]["resourceSubscriptions"];
        uris.as_array().is_some_and(|uris| uris.contains(&json!("test://static")))
    };
    crate::harness::eventually("the upstream is asked for updates of the resource", || async {
        let all = hub.recorded_method("faulty", "subscriptions/listen");
        if all.iter().any(wanted) { Ok(()) } else { Err(format!("{all:?}")) }
    })
    .await;
    client.call("faulty__touch", json!({"uri": "test://static"})).await.result();
    let note = stream.next_notification("notifications/resources/updated").await;
    assert_eq!(note["params"]["uri"], uri);
    assert_eq!(note["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], "s1");
}

/// An upstream that asks and gets no answer hangs, so there is always one.
async fn questions_of_an_upstream_are_answered() {
    let hub = Setup::pair(&["--era", "legacy"], json!({})).ready().await;
    let client = hub.client().await;
    let pong = client.call("faulty__ask", json!({"method": "ping"})).await;
    assert_eq!(pong.structured()["result"], json!({}), "{}", pong.raw);
    for method in ["roots/list", "sampling/createMessage", "elicitation/create", "no/such/method"] {
        let reply = client.call("faulty__ask", json!({"method": method})).await;
        let answer = reply.structured();
        assert!(answer.get("result").is_some() || answer["error"]["code"].is_i64(), "{method}: {}", reply.raw);
    }
    hub.assert_good().await;
}

/// Progress arrives while the call is under way, not together with its answer.
async fn h14_answers_are_not_held_back() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    for era in Era::BOTH {
        let client = hub.client_of(era).await;
        let message = client.message(&json!(1), "tools/call", progress("now", &json!("t"), "later"));
        let mut stream = client.post(&message).open().await;
        for step in [1, 2] {
            let note = stream.next_notification("notifications/progress").await;
            assert_eq!(note["params"]["progress"], step);
        }
        release(&hub, "later").await;
        stream.next_notification("notifications/progress").await;
        assert_eq!(stream.next_message("the answer").await["id"], 1);
    }
}

/// Proxies hold streams back unless they are told not to.
async fn h14_streams_say_that_nobody_may_gather_them() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let headers = |stream: &crate::harness::Stream, what: &str| {
        assert_eq!(stream.status, 200, "{what}");
        assert!(stream.is_event_stream(), "{what}");
        assert_eq!(stream.header("x-accel-buffering"), Some("no"), "{what}");
        let control = stream.header("cache-control").unwrap_or_default();
        assert!(control.contains("no-cache") && control.contains("no-transform"), "{what}: {control}");
        assert!(stream.header("content-encoding").is_none() && stream.header("content-length").is_none(), "{what}");
    };
    for era in Era::BOTH {
        let client = hub.client_of(era).await;
        headers(&client.listen().await, &format!("what a {} client listens to", era.word()));
        let message = client.message(&json!(1), "tools/call", progress("p", &json!("t"), ""));
        headers(&client.post(&message).open().await, &format!("an answer to a {} client", era.word()));
    }
    let old = Http::new("GET", &hub.at("/sse")).header("accept", "text/event-stream").open().await;
    headers(&old, "the old transport");
}
