//! An upstream changes what it has, and those who listen are told.

use crate::harness::{Client, Era, Hub, Setup, Stream, eventually, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests =
        trials_of_both_eras!("faults": h09_changed_tools_are_announced, tools_of_a_restarted_upstream_are_new);
    tests.extend(trials!("faults":
        a36_h09_one_burst_is_few_announcements,
        h09_clients_of_another_view_are_not_told,
        h09_unchanged_list_is_not_announced,
        h09_only_what_was_asked_for_is_told,
    ));
    tests
}

const CHANGED: &str = "notifications/tools/list_changed";

async fn lists(client: &Client, tool: &str) -> bool {
    client.tool_names().await.iter().any(|name| name == tool)
}

/// The announcements that are on the stream, up to a log message that the test provokes for this purpose: log messages
/// are passed on at once, so whatever was sent before has arrived when it arrives.
async fn announcements(hub: &Hub, client: &Client, stream: &mut Stream) -> usize {
    client.request("logging/setLevel", json!({"level": "alert"})).await.result();
    hub.wait_for_record("good", "logging/setLevel").await;
    // With two calls under way the message belongs to neither of them, so it goes to all who listen.
    let held = client.start_call("good__hold", json!({"name": "marker"}));
    hub.call("good__await_hold", json!({"name": "marker"})).await.result();
    hub.call("good__log", json!({"level": "alert", "text": "marker"})).await.result();
    let mut count = 0;
    loop {
        let message = stream.next_message("the log message behind the announcements").await;
        count += usize::from(message["method"] == CHANGED);
        if message["params"]["data"] == "marker" {
            break;
        }
    }
    hub.call("good__release", json!({"name": "marker"})).await.result();
    held.finish().await.result();
    count
}

async fn h09_changed_tools_are_announced(era: Era) {
    for upstream in ["legacy", "modern"] {
        let hub = Setup::pair(&["--era", upstream], json!({})).ready().await;
        if upstream == "modern" {
            // Before it has asked for news, there are none for it.
            hub.wait_for_record("faulty", "subscriptions/listen").await;
        }
        let client = hub.client_of(era).await;
        let mut stream = client.listen().await;
        assert!(!lists(&client, "faulty__extra").await);
        let reply = client.call("faulty__change_tools", json!({})).await;
        assert_eq!(reply.structured()["extra"], true);
        assert!(reply.notifications(CHANGED).is_empty(), "it belongs to no call: {:?}", reply.before);
        let note = stream.next_notification(CHANGED).await;
        let subscription = &note["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"];
        assert_eq!(*subscription, if era == Era::Modern { json!("listen") } else { Value::Null }, "{note}");
        assert!(lists(&client, "faulty__extra").await, "who asks after the announcement gets the new list");
        assert_eq!(client.call("faulty__extra", json!({})).await.text(), "extra of faulty");
        client.call("faulty__change_tools", json!({})).await.result();
        stream.next_notification(CHANGED).await;
        assert!(!lists(&client, "faulty__extra").await);
        client.call("faulty__extra", json!({})).await.assert_code(&["T-0305"]);
        hub.assert_good().await;
    }
}

async fn tools_of_a_restarted_upstream_are_new(era: Era) {
    let setup = Setup::new();
    let file = setup.path("tools.json");
    write_tools(&file, &["echo", "exit", "old"]);
    let flags = ["--tools-file", &setup.path_text("tools.json")];
    let setup = setup.fixture("faulty", &flags, json!({"backoff": super::quick()})).fixture("good", &[], json!({}));
    let hub = setup.ready().await;
    let client = hub.client_of(era).await;
    let mut stream = client.listen().await;
    write_tools(&file, &["echo", "exit", "new"]);
    client.call("faulty__exit", json!({})).await.assert_fault(&["T-0202"], "faulty");
    assert_eq!(hub.call_after_backoff("faulty__echo", json!({"message": "hi"})).await.text(), "hi");
    stream.next_notification(CHANGED).await;
    assert!(lists(&client, "faulty__new").await);
    assert!(!lists(&client, "faulty__old").await);
}

fn write_tools(file: &std::path::Path, names: &[&str]) {
    let tools = names.iter().map(|name| json!({"name": name, "inputSchema": {"type": "object"}}));
    std::fs::write(file, Value::from_iter(tools).to_string()).unwrap();
}

async fn a36_h09_one_burst_is_few_announcements() {
    let hub = Setup::legacy_pair().ready().await;
    let client = hub.client().await;
    let mut stream = client.listen().await;
    // An odd number of changes: the list is another one in the end.
    let changes: Vec<_> = (0..101).map(|_| client.start_call("faulty__change_tools", json!({}))).collect();
    for change in changes {
        change.finish().await.result();
    }
    hub.wait_for_tool("faulty__extra").await;
    let count = announcements(&hub, &client, &mut stream).await;
    // How long the burst lasts depends on the machine, so a few announcements may fall within it.
    assert!((1..=20).contains(&count), "101 changes in a burst were announced {count} times");
}

async fn h09_clients_of_another_view_are_not_told() {
    let hub = Setup::legacy_pair().with("views", json!({"only-good": {"tools": ["good__*"]}})).ready().await;
    let everything = hub.client().await;
    let mut all = everything.listen().await;
    let view = Client::legacy(&hub.at("/mcp/only-good")).await;
    let mut stream = view.listen().await;
    everything.call("faulty__change_tools", json!({})).await.result();
    all.next_notification(CHANGED).await;
    assert_eq!(announcements(&hub, &view, &mut stream).await, 0, "the list of this view did not change");
    everything.call("good__change_tools", json!({})).await.result();
    stream.next_notification(CHANGED).await;
}

async fn h09_unchanged_list_is_not_announced() {
    let setup = Setup::new();
    let file = setup.path("tools.json");
    write_tools(&file, &["echo", "change_tools"]);
    let flags = ["--tools-file", &setup.path_text("tools.json")];
    let setup = setup.fixture("faulty", &flags, json!({}));
    let hub = setup.fixture("good", &["--era", "legacy"], json!({})).ready().await;
    let client = hub.client().await;
    let mut stream = client.listen().await;
    let before = count_lists(&hub);
    // The upstream says that its list has changed, but it has not.
    client.call("faulty__change_tools", json!({})).await.result();
    eventually("the hub asks for the list again", || async {
        let count = count_lists(&hub);
        if count > before { Ok(()) } else { Err(format!("{count} lists")) }
    })
    .await;
    write_tools(&file, &["echo", "change_tools", "more"]);
    client.call("faulty__change_tools", json!({})).await.result();
    hub.wait_for_tool("faulty__more").await;
    assert_eq!(announcements(&hub, &client, &mut stream).await, 1, "the real change is announced, and no other");
}

/// A modern client names the kinds of news that it wants.
async fn h09_only_what_was_asked_for_is_told() {
    let hub = Setup::legacy_pair().ready().await;
    let client = hub.modern();
    let uri = client.list("resources/list", "resources").await[0]["uri"].as_str().unwrap().to_owned();
    let (own, original) = uri.strip_prefix("tutti://").and_then(|rest| rest.split_once('/')).unwrap();
    let filter = json!({"promptsListChanged": true, "resourceSubscriptions": [uri]});
    let mut narrow = client.subscribe(&filter, &json!("narrow")).await;
    let mut wide = client.listen().await;
    client.call("good__change_tools", json!({})).await.result();
    wide.next_notification(CHANGED).await;
    client.call(&format!("{own}__touch"), json!({"uri": original})).await.result();
    let first = narrow.next_message("news of the resource").await;
    assert_eq!(first["method"], "notifications/resources/updated", "no news of tools: {first}");
}

fn count_lists(hub: &Hub) -> usize {
    hub.recorded_method("faulty", "tools/list").len()
}
