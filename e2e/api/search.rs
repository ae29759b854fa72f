//! The tools that fit a text, for those who hand tools to a model themselves.

use super::{hub_of, request};
use crate::harness::{Answer, Hub, eventually, trials};
use crate::oauth::realm::Realm;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    trials!("api": h20_tools_for_a_text_come_with_their_definitions)
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
    assert_eq!(found(&hub, json!({"text": " ", "limit": 3.0})).await, json!({"count": 0, "tools": []}));
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
