//! The tools that fit a text, for those who hand tools to a model themselves.

use super::{hub_of, request};
use crate::harness::{Answer, Hub, eventually, trials};
use crate::oauth::realm::Realm;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    trials!("api":
        h20_tools_for_a_text_come_with_their_definitions,
        h20_request_is_that_of_search_tools,
    )
}

async fn search(hub: &Hub, body: Value) -> Answer {
    let sent = request(hub, "POST", "/api/v1/tools/search").header("content-type", "application/json");
    sent.body(body.to_string()).send().await
}

async fn found(hub: &Hub, body: Value) -> Value {
    let answer = search(hub, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn h20_tools_for_a_text_come_with_their_definitions() {
    let realm = Realm::start().await;
    let hub = hub_of(&realm).await;
    let listed = hub.modern().list("tools/list", "tools").await;
    let add = listed.iter().find(|tool| tool["name"] == "good__add").expect("it is listed");
    let said = found(&hub, json!({"text": "Please add two numbers for me.", "limit": 1})).await;
    assert_eq!((&said["count"], &said["tools"][0]["server"]), (&json!(1), &json!("good")), "{said}");
    assert_eq!(&said["tools"][0]["definition"], add);
    // By other words than the tool's own, as soon as it has a vector.
    eventually("the sum is found", || async {
        let said = found(&hub, json!({"text": "what is the sum of these figures", "limit": 1})).await;
        if said["tools"][0]["name"] == "good__add" { Ok(()) } else { Err(said.to_string()) }
    })
    .await;
    let said = found(&hub, json!({"text": "send a mail", "limit": 100})).await;
    let names: Vec<&Value> = said["tools"].as_array().expect("a list").iter().map(|tool| &tool["name"]).collect();
    assert!(
        !names.iter().any(|name| **name == "mail__send" || **name == "mail__extra"),
        "what is in quarantine is not handed to anybody: {said}"
    );
    let blank = found(&hub, json!({"text": " ", "limit": 3.0})).await;
    assert_eq!((&blank["count"], &blank["tools"]), (&json!(0), &json!([])));
    for wrong in [
        json!([]),
        json!({"text": 1}),
        json!({"text": "add", "limit": 1.5}),
        json!({"text": "add", "limit": 101}),
        json!({"text": "add", "k": 1}),
    ] {
        let answer = search(&hub, wrong).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]["data"]["code"]),
            (400, &json!("T-0304")),
            "{}",
            answer.text()
        );
    }
}

async fn h20_request_is_that_of_search_tools() {
    let realm = Realm::start().await;
    let hub = hub_of(&realm).await;
    let names = |said: &Value| -> Vec<String> {
        let tools = said["tools"].as_array().expect("a list").iter();
        tools.map(|tool| tool["name"].as_str().expect("a text").to_owned()).collect()
    };
    let searching = hub.modern().at(&hub.at("/mcp?mode=search"));
    for request in [
        json!({"queries": ["add two numbers", "echo a message"], "limit": 2}),
        json!({"query": "echo a message", "servers": ["good"]}),
        json!({"query": "echo", "risk": ["read_only"]}),
        json!({"query": "add", "capabilities": "structured"}),
        json!({"query": "add", "capabilities": ["task"]}),
    ] {
        let said = found(&hub, request.clone()).await;
        let shown = searching.call("search_tools", request.clone()).await;
        let same = shown.result()["_meta"]["tutti/tools"].as_array().cloned().unwrap_or_default();
        let same: Vec<&str> = same.iter().filter_map(|tool| tool["name"].as_str()).collect();
        assert_eq!(names(&said), same, "{request}");
        let tokens = &said["tokens"];
        let (all, seen) = (tokens["all"].as_u64().unwrap(), tokens["shown"].as_u64().unwrap());
        assert_eq!((&tokens["saved"], said["left_out"].as_u64()), (&json!(all - seen), Some(0)), "{said}");
    }
    let said = found(&hub, json!({"queries": ["add two numbers", "echo a message"], "limit": 2})).await;
    assert_eq!((&said["tools"][0]["query"], &said["tools"][1]["query"]), (&json!(0), &json!(1)), "{said}");
    // As many as the budget has room for.
    let budget = said["tokens"]["shown"].as_u64().unwrap() - 1;
    let queries = json!(["add two numbers", "echo a message"]);
    let less = found(&hub, json!({"queries": queries, "limit": 2, "tokens": budget})).await;
    assert_eq!((&less["count"], &less["left_out"]), (&json!(1), &json!(1)), "{less}");
    assert!(less["tokens"]["shown"].as_u64().unwrap() <= budget, "{less}");
    let lines = searching.call("search_tools", json!({"queries": queries, "limit": 2, "tokens": 1})).await;
    assert!(
        lines.text().starts_with("The tools that fit have longer lines.") && lines.text().contains("2 more found"),
        "{}",
        lines.raw
    );
    let answer = search(&hub, json!({"query": "add", "servers": ["nobody"]})).await;
    assert_eq!((answer.status, &answer.json()["error"]["data"]["code"]), (404, &json!("T-0504")), "{}", answer.text());
}
