//! The same refusal, whichever way a call comes.

use super::{calls, change, ready, tools, wait_for_quarantine};
use crate::commands::run::{Order, run_line};
use crate::harness::{Client, Era, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::approve": h29_every_way_is_closed, h29_without_a_hub_too)
}

/// What a client of standard input and output writes: the list, and a call.
fn script() -> String {
    let client = Client::bare(Era::Modern, "http://nowhere/");
    let list = client.message(&json!(1), "tools/list", json!({}));
    let call = client.message(&json!(2), "tools/call", json!({"name": "mail__send", "arguments": {}}));
    format!("{list}\n{call}\n")
}

/// What `tutti mcp` answers to [`script`]: no such tool in the list, and the refusal.
#[track_caller]
fn assert_refused(output: &str) {
    let answer = |id: i64| -> Value {
        let messages = output.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is a message"));
        messages.into_iter().find(|message| message["id"] == id).unwrap_or_else(|| panic!("{id}: {output}"))
    };
    let names: Vec<Value> =
        answer(1)["result"]["tools"].as_array().unwrap().iter().map(|tool| tool["name"].clone()).collect();
    assert_eq!(names, ["mail__echo", "mail__change_tools"]);
    assert_eq!(answer(2)["error"]["data"]["code"], "T-0346", "{output}");
}

async fn h29_every_way_is_closed() {
    let mut hub = ready(json!({})).await;
    hub.reconfigure(|config| {
        config["views"] = json!({
            "all-of-it": {"tools": ["mail__*"]},
            "renamed": {"tools": ["mail__send"], "rename": {"mail__send": "post"}},
            "own": {"servers": ["mail"], "names": "own"},
            "other": {"tools": ["mail__echo"]},
        });
    });
    hub.wait_until("the views are there", |_| true).await;
    change(&hub, &tools("Sends it elsewhere.")).await;
    wait_for_quarantine(&hub, &[("send", "changed")]).await;
    let rows = [
        ("", "mail__send", "T-0346"),
        ("/all-of-it", "mail__send", "T-0346"),
        ("/renamed", "post", "T-0346"),
        ("/own", "send", "T-0346"),
        // Who may not see it learns nothing of it.
        ("/other", "mail__send", "T-0305"),
        ("/renamed", "mail__send", "T-0305"),
    ];
    for (view, name, code) in rows {
        let url = hub.at(&format!("/mcp{view}"));
        crate::harness::eventually("the view is there", || async {
            let answer = Client::modern(&url).request("tools/list", json!({})).await;
            if answer.code() == Some("T-0320") { Err(answer.raw) } else { Ok(()) }
        })
        .await;
        for era in Era::BOTH {
            let client = Client::of(era, &url).await;
            client.call(name, json!({})).await.assert_code(&[code]);
            assert!(!client.tool_names().await.iter().any(|listed| listed == name), "{view}");
        }
    }
    let run = run_line(&hub.setup, "tool call mail/send --json").await;
    let said: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, &said["error"]["code"]), (Some(8), &json!("T-0346")), "{run:?}");
    let run = run_line(&hub.setup, "tool describe mail/send").await;
    assert_eq!((run.code, run.stderr.contains("T-0346")), (Some(8), true), "{run:?}");
    let run = run_line(&hub.setup, "tool list --json").await;
    let said: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, &said["count"], &said["quarantined"][0]["tool"]), (Some(0), &json!(2), &json!("send")));
    for (line, told) in [("tool list", "T-0346"), ("server list", "T-0346"), ("doctor", "server approve mail")] {
        let run = run_line(&hub.setup, line).await;
        assert!(format!("{}{}", run.stdout, run.stderr).contains(told), "{line}: {run:?}");
    }
    assert_refused(&Order::new(&hub.setup, &["mcp"]).input(&script()).run().await.stdout);
    assert_eq!(calls(&hub, "send"), 0);
}

async fn h29_without_a_hub_too() {
    let hub = ready(json!({})).await;
    change(&hub, &tools("Sends it elsewhere.")).await;
    wait_for_quarantine(&hub, &[("send", "changed")]).await;
    let setup = hub.stop().await;
    assert_refused(&Order::new(&setup, &["mcp"]).input(&script()).run().await.stdout);
    let run = run_line(&setup, "tool call mail/send").await;
    assert_eq!((run.code, run.stderr.contains("T-0346")), (Some(8), true), "{run:?}");
}
