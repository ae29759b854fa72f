//! Plans that mean harm: too many calls, calls of what is not shown, plans in plans.

use super::{planning, run};
use crate::harness::{Setup, replace, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("plans::attacks":
        a28_what_is_hidden_is_as_unknown_in_a_plan_as_in_a_call,
        a36_a_tool_in_quarantine_is_not_called_by_a_plan,
        a99_a_plan_has_limits_for_all_that_it_may_ask_for,
        a99_a_plan_cannot_call_plans,
        calls_of_a_plan_count_as_those_of_its_client,
        a51_what_a_result_says_is_no_reference,
    )
}

fn one(tool: &str) -> Value {
    json!({"steps": [{"name": "a", "tool": tool}]})
}

async fn a28_what_is_hidden_is_as_unknown_in_a_plan_as_in_a_call() {
    let views = json!({"few": {"plans": true, "tools": ["good__*", "faulty__*"], "deny": ["*__secret"]}});
    let hub = Setup::pair(&[], json!({})).with("views", views).ready().await;
    let client = hub.modern().at(&hub.at("/mcp/few"));
    let hidden = run(&client, one("faulty__secret")).await;
    let unknown = run(&client, one("faulty__nothing")).await;
    assert_eq!(hidden.text().replace("secret", "nothing"), unknown.text(), "one answer to both");
    assert_eq!(hidden.result()["isError"], true);
    assert!(hub.recorded_method("faulty", "tools/call").is_empty());
}

async fn a36_a_tool_in_quarantine_is_not_called_by_a_plan() {
    let tools = |text: &str| {
        let tool =
            |name: &str, text: &str| json!({"name": name, "description": text, "inputSchema": {"type": "object"}});
        json!([tool("echo", ""), tool("send", text), tool("change_tools", "")]).to_string()
    };
    let setup = Setup::new().with("views", json!({"all": {"plans": true}}));
    replace(&setup.path("tools.json"), &tools("Sends a mail."));
    let flags = ["--era", "legacy", "--tools-file", &setup.path_text("tools.json")];
    let hub = setup.fixture("mail", &flags, json!({})).ready().await;
    assert!(!run(&hub.modern(), one("mail__send")).await.raw.contains("isError"));
    replace(&hub.setup.path("tools.json"), &tools("Sends it elsewhere."));
    hub.call("mail__change_tools", json!({})).await.result();
    hub.wait_for("mail", "the tool is in quarantine", |server| server["quarantined"][0]["tool"] == "send").await;
    let reply = run(&hub.modern(), one("mail__send")).await;
    assert!(reply.text().contains("T-0346"), "{}", reply.raw);
    let sent = hub.recorded_method("mail", "tools/call");
    assert_eq!(sent.iter().filter(|call| call["params"]["name"] == "send").count(), 1);
}

async fn a99_a_plan_has_limits_for_all_that_it_may_ask_for() {
    let limits = json!({"calls": 4, "items": 3, "size": "4KiB", "answer": "1KiB", "kept": "8KiB", "time": "1s"});
    let hub = planning(&[], json!({})).with("plans", limits).ready().await;
    let client = hub.modern();
    let refused = |plan: Value| {
        let client = client.clone();
        async move {
            let reply = run(&client, plan).await;
            assert_eq!(reply.result()["isError"], true, "{}", reply.raw);
            assert!(reply.text().contains("T-0352"), "{}", reply.raw);
        }
    };
    let add = |index: usize| json!({"name": format!("s{index}"), "tool": "good__add"});
    refused(json!({"steps": (0..5).map(add).collect::<Vec<_>>()})).await;
    refused(json!({"steps": [{"name": "a", "tool": "good__echo", "arguments": {"message": "x".repeat(5000)}}]})).await;
    assert!(hub.recorded_method("good", "tools/call").is_empty(), "nothing was begun");
    let list = |count: usize| {
        let items: Vec<usize> = (0..count).collect();
        let result = json!({"result": {"content": [], "structuredContent": {"items": items}}});
        json!({"steps": [
            {"name": "list", "tool": "faulty__answer", "arguments": result},
            {"name": "each", "tool": "good__add", "for_each": "$.list.items", "arguments": {"a": "$item", "b": 1}},
            {"name": "more", "tool": "good__add", "for_each": "$.list.items", "arguments": {"a": "$item", "b": 1}},
        ]})
    };
    refused(list(4)).await;
    refused(list(2)).await;
    let calls = hub.recorded_method("good", "tools/call").len();
    assert!(calls <= 2, "{calls} calls were made of 3 that were left");
    let large = json!({"steps": [{"name": "a", "tool": "faulty__huge", "arguments": {"megabytes": 1}}]});
    refused(large).await;
    let held = json!({"steps": [{"name": "a", "tool": "faulty__hold", "arguments": {"name": "for ever"}}]});
    refused(held).await;
    let reply = client.call("faulty__cancelled", json!({"at_least": 1})).await;
    assert_eq!(reply.structured()["cancelled"][0]["arguments"]["name"], "for ever", "what ran too long is cancelled");
    hub.assert_good().await;
}

async fn a99_a_plan_cannot_call_plans() {
    let hub = planning(&[], json!({})).ready().await;
    let inner = json!({"steps": [{"name": "b", "tool": "good__add"}]});
    let plan = json!({"steps": [{"name": "a", "tool": "run_plan", "arguments": inner}]});
    let reply = run(&hub.modern(), plan.clone()).await;
    assert!(reply.text().contains("a plan cannot call run_plan"), "{}", reply.raw);
    // Nor by a detour over another of the hub's own tools, in a view that has both.
    let both = hub.modern().at(&hub.at("/mcp?mode=search"));
    let detour =
        json!({"steps": [{"name": "a", "tool": "call_tool", "arguments": {"name": "run_plan", "arguments": plan}}]});
    let reply = run(&both, detour).await;
    assert!(reply.text().contains("T-0305"), "{}", reply.raw);
    assert!(hub.recorded_method("good", "tools/call").is_empty());
}

async fn a51_what_a_result_says_is_no_reference() {
    let hub = planning(&[], json!({})).ready().await;
    let text = "$.one and ${$.one} $item";
    let result = json!({"result": {"content": [{"type": "text", "text": text}]}});
    // As a constant of the plan such a text is written with a `$` more.
    let said = result.to_string().replace("$.one and ${$.one}", "$$.one and $${$.one}");
    let said: Value = serde_json::from_str(&said).unwrap();
    let reply = run(
        &hub.modern(),
        json!({"steps": [
            {"name": "one", "tool": "faulty__answer", "arguments": said},
            {"name": "two", "tool": "faulty__echo", "arguments": {"message": "$.one"}},
            {"name": "three", "tool": "faulty__echo", "arguments": {"message": "${$.two.message}"}},
        ]}),
    )
    .await;
    assert!(!reply.raw.contains("isError"), "{}", reply.raw);
    let seen = reply.structured()["results"]["three"]["message"].clone();
    assert!(seen.as_str().unwrap().ends_with("$item"), "{}", reply.raw);
    assert!(seen.as_str().unwrap().contains("${$.one}"), "{}", reply.raw);
}

async fn calls_of_a_plan_count_as_those_of_its_client() {
    let limits = json!({"rate": "6/h"});
    let hub = planning(&[], json!({})).with("limits", limits).start().await;
    hub.wait_for("good", "it works", |server| server["state"] == "ready").await;
    let step =
        |index: usize| json!({"name": format!("s{index}"), "tool": "good__add", "arguments": {"a": 1, "b": index}});
    let plan = json!({"on_error": "continue", "steps": (0..8).map(step).collect::<Vec<_>>()});
    let reply = run(&hub.modern(), plan).await;
    let steps = reply.structured()["steps"].as_array().unwrap().clone();
    let done = steps.iter().filter(|step| step["state"] == "done").count();
    assert_eq!(done, 5, "one was the plan itself: {}", reply.raw);
    assert!(steps.iter().any(|step| step["error"].to_string().contains("T-0325")), "{}", reply.raw);
}
