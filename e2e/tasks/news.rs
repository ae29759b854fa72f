//! News of tasks for modern clients that listen for them.

use super::{begin, stage};
use crate::harness::{Era, trial};
use libtest_mimic::Trial;
use serde_json::json;

const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

pub(crate) fn tests() -> Vec<Trial> {
    let of = |speaks: &'static str| {
        trial(format!("tasks::h09_news_of_tasks_{speaks}_upstream"), move || h09_news_of_tasks(speaks))
    };
    ["legacy", "modern"].map(of).into()
}

/// A modern client is told how its tasks are, whichever era their server is of.
async fn h09_news_of_tasks(speaks: &'static str) {
    let stage = stage(Era::Modern, speaks, false).await;
    let client = &stage.client;
    let (id, _) = begin(client, "job_only", json!({"hold": "h"})).await;
    let filter = json!({"taskIds": [id, "task-0", format!("{id}A"), 7]});
    let mut stream = client.open_subscription(&filter, &json!("tasks")).await;
    let acknowledged = stream.next_message("the beginning").await;
    assert_eq!(acknowledged["params"]["notifications"], json!({"taskIds": [id]}), "{acknowledged}");
    let mut seen = Vec::new();
    loop {
        let told = stream.next_notification("notifications/tasks").await;
        let task = &told["params"];
        assert_eq!((&task["taskId"], &task["_meta"]), (&json!(id), &json!({SUBSCRIPTION: "tasks"})), "{told}");
        assert!(task.get("resultType").is_none() && task["ttlMs"] == 60_000, "{told}");
        if seen.is_empty() {
            client.call("work__release", json!({"name": "h"})).await.result();
        }
        seen.push(task["status"].as_str().unwrap().to_owned());
        if task["status"] == "completed" {
            assert_eq!(task["result"]["content"][0]["text"], "job of work", "{told}");
            break;
        }
    }
    assert_eq!(seen, ["working", "completed"]);
    // Who takes no tasks is told so.
    let stranger = stage.hub.modern();
    let reply = stranger.request("subscriptions/listen", json!({"notifications": {"taskIds": [id]}})).await;
    assert_eq!(reply.assert_code(&["T-0344"])["code"], -32021, "{}", reply.raw);
}
