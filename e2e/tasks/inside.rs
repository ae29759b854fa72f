//! Tools that run as tasks, by way of the hub's own tools: `call_tool` calls them as tasks, and plans do not call them.

use super::{EXTENSION, get_until};
use crate::harness::{Client, Era, Hub, Setup, trial};
use crate::modes::inside;
use libtest_mimic::Trial;
use serde_json::json;

pub(crate) fn tests() -> Vec<Trial> {
    let pairs = ["legacy", "modern"].into_iter().flat_map(|speaks| Era::BOTH.map(|era| (speaks, era)));
    let of = |(speaks, era): (&'static str, Era)| {
        let name = format!("tasks::h11_by_way_of_call_tool_{speaks}_upstream_{}_client", era.word());
        trial(name, move || h11_tasks_by_way_of_call_tool(era, speaks))
    };
    let plans = ["legacy", "modern"].map(|speaks| {
        trial(format!("tasks::are_no_part_of_plans_{speaks}_upstream"), move || tasks_are_no_part_of_plans(speaks))
    });
    pairs.map(of).chain(plans).collect()
}

async fn hub(speaks: &str) -> Hub {
    let setup = Setup::new().fixture("good", &[], json!({})).fixture("work", &["--tasks", "--era", speaks], json!({}));
    setup.with("views", json!({"all": {"plans": true}})).ready().await
}

/// A client that searches, and takes tasks or not.
async fn searching(hub: &Hub, era: Era, takes: bool) -> Client {
    let capabilities = if takes { json!({"extensions": {EXTENSION: {}}}) } else { json!({}) };
    let client = hub.bare(era).at(&hub.at("/mcp?mode=search")).able(&capabilities);
    match era {
        Era::Legacy => client.shake_hands("2025-11-25").await,
        Era::Modern => client,
    }
}

async fn h11_tasks_by_way_of_call_tool(era: Era, speaks: &'static str) {
    let hub = hub(speaks).await;
    let client = searching(&hub, era, true).await;
    let listed = client.list("tools/list", "tools").await;
    let call_tool = listed.iter().find(|tool| tool["name"] == "call_tool").expect("it is listed");
    assert_eq!(call_tool["execution"]["taskSupport"], "optional", "{call_tool}");
    let mut params = inside("work__job_only", &json!({"text": "done inside"}));
    if era == Era::Legacy {
        params["task"] = json!({"ttl": 60_000});
    }
    let begun = client.request("tools/call", params).await;
    let task = if era == Era::Legacy { &begun.result()["task"] } else { begun.result() };
    let id = task["taskId"].as_str().unwrap_or_else(|| panic!("a task: {}", begun.raw));
    let done = get_until(&client, id, "completed").await;
    let result = match era {
        Era::Legacy => client.request("tasks/result", json!({"taskId": id})).await.result().clone(),
        Era::Modern => done["result"].clone(),
    };
    assert_eq!(result["content"][0]["text"], "done inside", "{result}");
    // Who takes no tasks, or wants none, is told so by the hub, and calls what need not be one.
    let other = searching(&hub, era, false).await;
    let refused = other.request("tools/call", inside("work__job_only", &json!({}))).await;
    let error = refused.assert_code(&["T-0344"]);
    assert!(error["message"].as_str().is_some_and(|message| message.contains("`work__job_only`")), "{error}");
    let plain = other.request("tools/call", inside("work__job", &json!({}))).await;
    assert_eq!(plain.text(), "job of work", "{}", plain.raw);
    if era == Era::Legacy {
        let mut params = inside("good__add", &json!({"a": 1, "b": 2}));
        params["task"] = json!({});
        client.request("tools/call", params).await.assert_code(&["T-0303"]);
        assert!(
            hub.recorded_method("good", "tools/call").is_empty(),
            "it is refused before the tool has done its work"
        );
    }
}

async fn tasks_are_no_part_of_plans(speaks: &'static str) {
    let hub = hub(speaks).await;
    let add = json!({"name": "a", "tool": "good__add", "arguments": {"a": 1, "b": 2}});
    let job = |tool: &str| json!({"name": "b", "tool": tool, "arguments": {}, "after": ["a"]});
    let client = hub.modern();
    let refused = client.call("run_plan", json!({"steps": [add, job("work__job_only")]})).await;
    assert!(
        refused.text().contains("step `b`: the tool `work__job_only` of `work` runs as a task only"),
        "{}",
        refused.raw
    );
    assert!(refused.text().contains("T-0344"), "{}", refused.raw);
    assert!(hub.recorded_method("good", "tools/call").is_empty(), "nothing was begun");
    let reply = client.call("run_plan", json!({"steps": [add, job("work__job")]})).await;
    assert_eq!(crate::plans::step(&reply, "b")["state"], "done", "{}", reply.raw);
}
