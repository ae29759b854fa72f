//! `tutti mcp`: a client on standard input and output, in both eras, with a hub and without.

use super::conduct::stage;
use super::run::{Order, desk};
use crate::harness::{Client, Era, Run, Setup, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::bridge":
        both_eras_are_served_without_a_hub,
        both_eras_are_served_through_a_hub,
        standard_output_is_the_clients_alone,
        h13_results_come_whole_where_that_is_asked_for,
    )
}

/// What a client writes: a greeting where its era has one, the list of tools, and a call.
fn script(era: Era) -> String {
    let client = Client::bare(era, "http://nowhere/");
    let greeting = json!({
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "e2e", "version": "1"},
    });
    let mut lines = Vec::new();
    if era == Era::Legacy {
        lines.push(json!({"jsonrpc": "2.0", "id": "hello", "method": "initialize", "params": greeting}));
        lines.push(json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    } else {
        lines.push(client.message(&json!("hello"), "server/discover", json!({})));
    }
    lines.push(client.message(&json!(1), "tools/list", json!({})));
    let call = json!({"name": "good__echo", "arguments": {"message": "through"}});
    lines.push(client.message(&json!(2), "tools/call", call));
    lines.push(client.message(&json!(3), "tools/call", json!({"name": "good__nothing", "arguments": {}})));
    lines.iter().map(|line| line.to_string() + "\n").collect()
}

/// The answer with this id; every line must be a message.
fn answer(run: &Run, id: &Value) -> Value {
    let messages = run.stdout.lines().map(|line| {
        let message: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(message["jsonrpc"], "2.0", "every line is a message: {line}");
        message
    });
    let mut found: Vec<Value> = messages.filter(|message| message["id"] == *id).collect();
    assert_eq!(found.len(), 1, "one answer to {id}: {run:?}");
    found.remove(0)
}

async fn check(setup: &Setup, arguments: &[&str]) {
    for era in Era::BOTH {
        // The last line has no end, as `printf` writes it.
        let run = Order::new(setup, arguments).input(script(era).trim_end()).run().await;
        assert_eq!(run.code, Some(0), "{era:?}: {run:?}");
        let hello = answer(&run, &json!("hello"));
        assert!(hello["result"].is_object(), "{era:?}: {hello}");
        if era == Era::Legacy {
            assert_eq!(hello["result"]["protocolVersion"], "2025-11-25", "{hello}");
        }
        let list = answer(&run, &json!(1));
        let tools = list["result"]["tools"].as_array().expect("a list of tools");
        assert!(tools.iter().any(|tool| tool["name"] == "good__echo"), "{era:?}: {list}");
        let called = answer(&run, &json!(2));
        assert_eq!(called["result"]["content"][0]["text"], "through", "{era:?}: {called}");
        let unknown = answer(&run, &json!(3));
        assert_eq!(unknown["error"]["data"]["code"], "T-0305", "{era:?}: {unknown}");
        assert!(!run.stdout.contains('\u{1b}'), "{run:?}");
    }
}

async fn both_eras_are_served_without_a_hub() {
    let setup = desk().fixture("good", &["--noise"], json!({}));
    setup.write_config();
    check(&setup, &["mcp"]).await;
    check(&setup, &["mcp", "--json", "--color", "always"]).await;
}

async fn both_eras_are_served_through_a_hub() {
    let hub = stage().await;
    check(&hub.setup, &["mcp"]).await;
    check(&hub.setup, &["mcp", "--view", "small"]).await;
    let elsewhere = desk();
    check(&elsewhere, &["mcp", "--url", &hub.url]).await;
    check(&elsewhere, &["mcp", "--url", &format!("{}/small", hub.url)]).await;
}

async fn h13_results_come_whole_where_that_is_asked_for() {
    let views = json!({"all": {"context": {"limit": 100}}});
    let setup = desk().fixture("good", &[], json!({})).with("views", views);
    setup.write_config();
    let client = Client::bare(Era::Modern, "http://nowhere/");
    let call = json!({"name": "good__echo", "arguments": {"message": "a long line\n".repeat(500)}});
    let script = client.message(&json!(1), "tools/call", call).to_string();
    for (arguments, whole) in [(["mcp"].as_slice(), false), (&["mcp", "--plain"], true)] {
        let run = Order::new(&setup, arguments).input(&script).run().await;
        let called = answer(&run, &json!(1));
        let text = called["result"]["content"][0]["text"].as_str().unwrap_or_default();
        assert_eq!(text.matches("a long line").count() == 500, whole, "{arguments:?}: {called}");
    }
}

async fn standard_output_is_the_clients_alone() {
    let setup = desk().fixture("good", &["--noise"], json!({}));
    setup.write_config();
    let order = Order::new(&setup, &["mcp"]).variable("TUTTI_LOG", "trace");
    let run = order.input("this is no message\n{}\n\n[1]\n").run().await;
    assert_eq!(run.code, Some(0), "{run:?}");
    for line in run.stdout.lines() {
        let message: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(message["error"]["data"]["code"].is_string(), "every line is refused with a code: {message}");
    }
    assert_eq!(run.stdout.lines().count(), 3, "{run:?}");
}
