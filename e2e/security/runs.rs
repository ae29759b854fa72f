//! Runs of workflows where several people have a key each: who sees them, who decides, and what is done then.

use super::{STRONG, assert_refused};
use crate::harness::{Answer, Http, Hub, Setup, eventually, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    trials!("security::runs":
        a31_run_of_another_key_is_not_there,
        a28_workflow_of_no_view_of_a_key_is_not_there,
        a97_approval_of_others_of_something_else_or_again_is_none,
        a98_what_was_approved_is_what_is_sent,
    )
}

const ALICE: &str = "al-5Qv2nXw8RkLz7Ys3Bd9Hf4Jm6Pc1Tg0U";
const CARL: &str = "ca-3Hf6Jm1Pc9Tg0U8Qv2nXw5RkLz7Ys4Bd";
const BOB: &str = "bo-9Tg0U8Qv2nXw5RkLz7Ys3Bd4Hf6Jm1Pc";

/// A step that calls a tool, and one that waits.
const TELL: &str = "
name: tell
params: { text: { type: string } }
steps:
  - { name: tell, tool: mcp://good/echo, inputs: { message: '{{ params.text }}' } }
output: told
";
const WAITS: &str = "
name: waits
steps:
  - { name: paid, wait: { signal: paid } }
output: '{{ steps.paid.output.sum }}'
";

fn setup() -> Setup {
    let setup = Setup::pair(&[], json!({})).with("workflows", json!(["flows/*.yaml"]));
    std::fs::create_dir_all(setup.path("flows")).expect("a folder can be made");
    for (name, text) in [("tell", TELL), ("waits", WAITS)] {
        std::fs::write(setup.path(&format!("flows/{name}.yaml")), text).expect("the folder can be written");
    }
    setup.with("key", json!(STRONG)).with("keys", json!({"alice": ALICE, "bob": BOB}))
}

async fn ask(hub: &Hub, key: &str, path: &str, body: Option<Value>) -> Answer {
    let method = if body.is_some() { "POST" } else { "GET" };
    let http = Http::new(method, &hub.at(path)).header("authorization", &format!("Bearer {key}"));
    match body {
        Some(body) => http.header("content-type", "application/json").body(body.to_string()).send().await,
        None => http.send().await,
    }
}

/// Starts a run; the workflows are tools of the views a moment after the hub began.
async fn start(hub: &Hub, key: &str, workflow: &str, body: Value) -> String {
    let path = format!("/api/v1/workflows/{workflow}/runs");
    let started = eventually("the workflow can be started", || async {
        let answer = ask(hub, key, &path, Some(body.clone())).await;
        if answer.status == 200 { Ok(answer.json()) } else { Err(answer.text()) }
    })
    .await;
    started["id"].as_str().expect("a run has an id").to_owned()
}

async fn stands(hub: &Hub, run: &str, status: &str) -> Value {
    eventually(&format!("the run is {status}"), || async {
        let said = ask(hub, STRONG, &format!("/api/v1/runs/{run}"), None).await.json();
        if said["status"] == status { Ok(said) } else { Err(said.to_string()) }
    })
    .await
}

async fn a31_run_of_another_key_is_not_there() {
    let hub = setup().ready().await;
    let run = start(&hub, ALICE, "waits", json!({"key": "same"})).await;
    let of_run = |rest: &str| format!("/api/v1/runs/{run}{rest}");
    for (rest, body) in [
        ("", None),
        ("/events", None),
        ("/approve", Some(json!({}))),
        ("/reject", Some(json!({}))),
        ("/cancel", Some(json!({}))),
        ("/signal", Some(json!({"name": "paid", "body": {"sum": 1}}))),
    ] {
        assert_refused(&ask(&hub, BOB, &of_run(rest), body).await, rest, 404, "T-1201");
    }
    for rest in ["/export", "/resolve", "/pause", "/resume", "/fork"] {
        let body = (rest != "/export").then(|| json!({}));
        assert_refused(&ask(&hub, ALICE, &of_run(rest), body).await, rest, 403, "T-0408");
    }
    let listed = |answer: Answer| answer.json()["runs"].as_array().map_or(0, Vec::len);
    assert_eq!(listed(ask(&hub, BOB, "/api/v1/runs", None).await), 0);
    assert_eq!(listed(ask(&hub, ALICE, "/api/v1/runs", None).await), 1);
    for _ in 0..11 {
        start(&hub, ALICE, "waits", json!({})).await;
    }
    let page = ask(&hub, BOB, "/api/v1/runs?limit=1", None).await.json();
    assert_eq!(page, json!({"runs": [], "next": null}), "a page tells no ids of others");
    // The key that one client gives a start is not that of another.
    let other = start(&hub, BOB, "waits", json!({"key": "same"})).await;
    assert_ne!(other, run);
    assert_eq!(start(&hub, ALICE, "waits", json!({"key": "same"})).await, run);
    let first = ask(&hub, ALICE, "/api/v1/workflows/waits/runs", Some(json!({"priority": 1}))).await;
    assert_refused(&first, "priority", 403, "T-0408");
    let body = json!({"name": "paid", "key": "1", "body": {"sum": 7}});
    assert_eq!(ask(&hub, ALICE, &of_run("/signal"), Some(body)).await.status, 200);
    assert_eq!(stands(&hub, &run, "succeeded").await["result"], 7);
    let own = ask(&hub, ALICE, &of_run(""), None).await.json();
    assert_eq!((&own["result"], &own["principal"]), (&json!(7), &json!("alice")));
    let told = ask(&hub, ALICE, &of_run("/events"), None).await;
    assert!(told.text().contains("event: entry"), "{}", told.text());
    let cancelled = ask(&hub, BOB, &format!("/api/v1/runs/{other}/cancel"), Some(json!({}))).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.text());
}

async fn a28_workflow_of_no_view_of_a_key_is_not_there() {
    let views =
        json!({"x": {"tools": ["good__*"]}, "y": {"tools": ["workflows__waits"]}, "z": {"tools": ["workflows__tell"]}});
    let keys = json!({"alice": {"key": ALICE, "views": ["x"]}, "bob": {"key": BOB, "views": ["x", "y"]}, "carl": {"key": CARL, "views": ["z"]}});
    let hub = setup().with("views", views).with("keys", keys).ready().await;
    start(&hub, BOB, "waits", json!({})).await;
    for (key, workflow) in [(ALICE, "waits"), (ALICE, "tell"), (ALICE, "nothing"), (BOB, "tell")] {
        let path = format!("/api/v1/workflows/{workflow}/runs");
        let refused = ask(&hub, key, &path, Some(json!({"params": {"text": "x"}}))).await;
        assert_refused(&refused, workflow, 404, "T-1114");
        assert!(workflow == "waits" || !refused.text().contains("waits"), "it does not learn of others");
    }
    // Who may start a workflow and not call its tools is told so before there is a run.
    let refused = ask(&hub, CARL, "/api/v1/workflows/tell/runs", Some(json!({"params": {"text": "x"}}))).await;
    assert_refused(&refused, "what a step calls", 404, "T-0305");
    assert!(refused.text().contains("`tell`: there is no tool `mcp://good/echo`"), "{}", refused.text());
    assert_eq!(ask(&hub, CARL, "/api/v1/runs", None).await.json()["runs"], json!([]));
    for (key, names) in [(ALICE, json!([])), (BOB, json!(["waits"])), (STRONG, json!(["tell", "waits"]))] {
        let listed = ask(&hub, key, "/api/v1/workflows", None).await.json();
        let all: Vec<&Value> = listed["workflows"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
        assert_eq!(json!(all), names);
    }
}

/// A hub that wants bob's approval for each call of `echo`, and a run of alice that waits for it.
async fn waiting() -> (Hub, String, Value) {
    let runs = json!({"approval": {"tools": ["mcp://good/echo"], "approvers": ["bob"], "edit": true}});
    let hub = setup().with("runs", runs).ready().await;
    let run = start(&hub, ALICE, "tell", json!({"params": {"text": "hello"}})).await;
    let gate = stands(&hub, &run, "waiting").await["gates"][0].clone();
    assert_eq!((&gate["path"], &gate["show"]), (&json!("tell"), &json!({"message": "hello"})));
    (hub, run, gate)
}

fn echoed(hub: &Hub) -> Vec<Value> {
    let all = hub.recorded_method("good", "tools/call");
    all.iter().filter(|call| call["params"]["name"] == "echo").map(|call| call["params"]["arguments"].clone()).collect()
}

async fn a97_approval_of_others_of_something_else_or_again_is_none() {
    let (hub, run, gate) = waiting().await;
    let approve = format!("/api/v1/runs/{run}/approve");
    let seen = json!({"step": "tell", "arguments": gate["arguments"]});
    assert_refused(&ask(&hub, ALICE, &approve, Some(seen.clone())).await, "of its own run", 403, "T-1217");
    let other = start(&hub, BOB, "tell", json!({"params": {"text": "other"}})).await;
    let other = stands(&hub, &other, "waiting").await["gates"][0]["arguments"].clone();
    for (arguments, status, code) in [(other, 409, "T-1216"), (json!("0".repeat(64)), 409, "T-1216")] {
        let body = json!({"step": "tell", "arguments": arguments});
        assert_refused(&ask(&hub, BOB, &approve, Some(body)).await, "something else", status, code);
    }
    let wrong = json!({"step": "tell", "arguments": gate["arguments"], "edited": {"message": 7}});
    assert_refused(&ask(&hub, BOB, &approve, Some(wrong)).await, "what does not fit the tool", 400, "T-0304");
    assert!(echoed(&hub).is_empty());
    // Who is named sees the gate, and nothing else of the run.
    let shown = ask(&hub, BOB, &format!("/api/v1/runs/{run}"), None).await.json();
    assert_eq!((&shown["gates"][0], &shown["steps"], &shown["params"]), (&gate, &json!([]), &json!({})));
    let unsigned = ask(&hub, BOB, "/api/v1/notices/chat/answer", Some(seen.clone())).await;
    assert_refused(&unsigned, "nobody is told", 404, "T-1403");
    assert_eq!(ask(&hub, BOB, &approve, Some(seen.clone())).await.status, 200);
    stands(&hub, &run, "succeeded").await;
    let again = ask(&hub, BOB, &approve, Some(seen)).await;
    assert_refused(&again, "after the end it is not there for bob", 404, "T-1201");
    assert_eq!(echoed(&hub), [json!({"message": "hello"})]);
}

async fn a98_what_was_approved_is_what_is_sent() {
    let (hub, run, gate) = waiting().await;
    let hub = hub.stop().await.ready().await;
    assert_eq!(stands(&hub, &run, "waiting").await["gates"][0], gate, "it waits on");
    assert!(echoed(&hub).is_empty());
    let body = json!({"step": "tell", "arguments": gate["arguments"], "edited": {"message": "better"}});
    let approved = ask(&hub, BOB, &format!("/api/v1/runs/{run}/approve"), Some(body)).await;
    assert_eq!(approved.status, 200, "{}", approved.text());
    stands(&hub, &run, "succeeded").await;
    assert_eq!(echoed(&hub), [json!({"message": "better"})]);
}
