//! What legacy clients alone can do: list their tasks, and ask for a call to be one.

use super::{begin, client_of};
use crate::harness::{Era, Setup, trials};
use libtest_mimic::Trial;
use serde_json::json;

pub(crate) fn tests() -> Vec<Trial> {
    trials!("tasks": h16_legacy_tasks_are_listed_together, tools_that_run_as_no_task_say_so)
}

async fn h16_legacy_tasks_are_listed_together() {
    let flags = ["--tasks", "--era", "legacy", "--page-size", "2"];
    let setup = Setup::new().fixture("good", &[], json!({})).fixture("work", &flags, json!({}));
    let setup = setup.fixture("other", &["--tasks", "--era", "legacy"], json!({}));
    let hub = setup.fixture("new", &["--tasks", "--era", "modern"], json!({})).ready().await;
    let client = client_of(&hub, Era::Legacy).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(begin(&client, "job", json!({})).await.0);
    }
    // A modern server has no list, but the hub remembers whose its tasks are.
    for upstream in ["other", "new", "new"] {
        let params = json!({"name": format!("{upstream}__job"), "arguments": {}, "task": {}});
        let created = client.request("tools/call", params).await;
        ids.push(created.result()["task"]["taskId"].as_str().unwrap().to_owned());
    }
    let listed = client.list("tasks/list", "tasks").await;
    assert!(listed.iter().all(|task| task.get("resultType").is_none() && task["ttl"] == 60_000), "{listed:?}");
    let mut listed: Vec<String> = listed.iter().map(|task| task["taskId"].as_str().unwrap().to_owned()).collect();
    listed.sort();
    ids.sort();
    assert_eq!(listed, ids);
    client.request("tasks/list", json!({"cursor": "2"})).await.assert_code(&["T-0308"]);
    assert_eq!(client.greeting["capabilities"]["tasks"]["requests"]["tools"]["call"], json!({}), "{}", client.greeting);
}

/// Where some servers run tasks and others do not, a tool that does not says so before it does anything. Where none does,
/// the wish for a task is passed over (specification 2025-11-25, tasks).
async fn tools_that_run_as_no_task_say_so() {
    for (flags, refused) in [(&["--era", "legacy", "--tasks"][..], true), (&["--era", "legacy"], false)] {
        for plain in ["legacy", "modern"] {
            let setup = Setup::new().fixture("work", flags, json!({}));
            let hub = setup.fixture("plain", &["--era", plain], json!({})).ready().await;
            let client = client_of(&hub, Era::Legacy).await;
            let params = json!({"name": "plain__echo", "arguments": {"message": "hi"}, "task": {"ttl": 60_000}});
            let reply = client.request("tools/call", params).await;
            if refused {
                assert_eq!(reply.assert_fault(&["T-0303"], "plain")["code"], -32601, "{}", reply.raw);
                assert!(hub.recorded_method("plain", "tools/call").is_empty(), "the tool was not called");
            } else {
                assert_eq!(reply.text(), "hi", "{plain}: {}", reply.raw);
            }
        }
    }
}
