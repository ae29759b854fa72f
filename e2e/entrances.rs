//! Workflows as tools and tasks, as models, and begun by webhooks.

use crate::harness::{Client, Era, Http, Hub, Setup, eventually, trials};
use crate::models::provider::{Provider, json as says};
use libtest_mimic::Trial;
use ring::hmac;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    trials!("entrances":
        a_workflow_is_a_tool_that_follows_its_file,
        a_client_decides_at_a_gate_or_hears_which_run_waits,
        a_task_is_fetched_by_another_client_after_a_restart,
        a_workflow_is_a_model_in_every_dialect,
        a_webhook_takes_what_is_signed_and_nothing_else,
        a_webhook_needs_a_signature_where_all_else_needs_a_key,
        a_gate_is_told_and_answered_by_signed_requests_alone,
    )
}

const SAY: &str = "
name: say
description: Says it again.
params: { user_prompt: { type: string } }
steps:
  - { name: made, set: { said: 'I heard {{ params.user_prompt }}' } }
output: { said: '{{ steps.made.output.said }}' }
output_schema: { type: object, properties: { said: { type: string } } }
";

const GATE: &str = "
name: gate
params: { user_prompt: { type: string } }
steps:
  - { name: ask, gate: { prompt: 'Send {{ params.user_prompt }}?' } }
output: sent
";

const WAITS: &str = "
name: waits
steps:
  - { name: paid, wait: { signal: paid } }
output: '{{ steps.paid.output.sum }}'
";

/// The secret and the signature of GitHub's documentation (validating webhook deliveries).
const HOOK: &str = "
name: hook
params: { text: { type: string } }
triggers: { webhooks: [{ name: events, secret: HOOK, params: { text: '{{ body }}' }, dedup: '{{ body }}' }] }
steps:
  - { name: made, set: { text: '{{ params.text }} by {{ run.trigger.kind }}' } }
output: '{{ steps.made.output.text }}'
";
const SECRET: &str = "It's a Secret to Everybody";
const BODY: &str = "Hello, World!";
const SIGNATURE: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

const EXTENSION: &str = "io.modelcontextprotocol/tasks";

fn put(setup: &Setup, name: &str, text: &str) {
    let path = setup.folder.path().join("workflows").join(format!("{name}.yaml"));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn setup() -> Setup {
    let setup = Setup::new().with("workflows", json!(["workflows/*.yaml"]));
    for (name, text) in [("say", SAY), ("gate", GATE), ("waits", WAITS), ("hook", HOOK)] {
        put(&setup, name, text);
    }
    setup
}

async fn started(setup: Setup) -> Hub {
    let hub = Hub::start(setup).await;
    hub.wait_for_tool("workflows__say").await;
    hub
}

async fn asking(hub: &Hub, era: Era, asks: bool) -> Client {
    let mut able = json!({"extensions": {EXTENSION: {}}});
    if asks {
        able["elicitation"] = json!({"form": {}});
    }
    let client = hub.bare(era).able(&able);
    if era == Era::Legacy { client.shake_hands("2025-11-25").await } else { client }
}

async fn a_workflow_is_a_tool_that_follows_its_file() {
    let hub = started(setup()).await;
    let client = hub.client().await;
    let tools = client.list("tools/list", "tools").await;
    let tool = tools.iter().find(|tool| tool["name"] == "workflows__say").unwrap();
    assert_eq!(tool["inputSchema"]["required"], json!(["user_prompt"]));
    assert_eq!(tool["annotations"]["readOnlyHint"], true);
    let reply = client.call("workflows__say", json!({"user_prompt": "hi"})).await;
    assert_eq!(reply.result()["structuredContent"], json!({"said": "I heard hi"}), "{}", reply.raw);
    let reply = client.call("workflows__say", json!({})).await;
    assert_eq!(reply.result()["_meta"]["tutti/code"], "T-1110", "{}", reply.raw);
    put(&hub.setup, "say", &SAY.replace("Says it again.", "Repeats it."));
    eventually("the changed definition is listed", || async {
        let tools = client.list("tools/list", "tools").await;
        let tool = tools.iter().find(|tool| tool["name"] == "workflows__say").cloned().unwrap_or_default();
        if tool["description"] == "Repeats it." { Ok(()) } else { Err(tool.to_string()) }
    })
    .await;
}

async fn a_client_decides_at_a_gate_or_hears_which_run_waits() {
    let hub = started(setup()).await;
    for era in Era::BOTH {
        // A modern client that takes tasks gets one.
        let client = match era {
            Era::Legacy => asking(&hub, era, true).await,
            Era::Modern => hub.bare(era).able(&json!({"elicitation": {"form": {}}})),
        };
        let asked = client
            .call_and_answer("workflows__gate", json!({"user_prompt": "it"}), |_, params| {
                assert_eq!(params["message"], "Send it?");
                Ok(json!({"action": "accept", "content": {"decision": "approve"}}))
            })
            .await;
        assert_eq!(asked.reply.result()["content"][0]["text"], "sent", "{}", asked.reply.raw);
    }
    let silent = hub.client().await;
    let reply = silent.call("workflows__gate", json!({"user_prompt": "it"})).await;
    let run = reply.result()["_meta"]["tutti/run"].as_str().unwrap().to_owned();
    let said = reply.result()["content"][0]["text"].as_str().unwrap();
    assert!(said.contains(&format!("tutti run approve {run}")), "{said}");
}

/// Begins a task; gives its id.
async fn begin(client: &Client, tool: &str) -> String {
    let mut params = json!({"name": tool, "arguments": {}});
    if client.era == Era::Legacy {
        params["task"] = json!({});
    }
    let reply = client.request("tools/call", params).await;
    let task = if client.era == Era::Legacy { &reply.result()["task"] } else { reply.result() };
    task["taskId"].as_str().unwrap_or_else(|| panic!("a task: {}", reply.raw)).to_owned()
}

async fn a_task_is_fetched_by_another_client_after_a_restart() {
    let hub = started(setup()).await;
    let legacy = asking(&hub, Era::Legacy, false).await;
    let modern = asking(&hub, Era::Modern, false).await;
    let (first, second) = (begin(&legacy, "workflows__waits").await, begin(&modern, "workflows__waits").await);
    let shown = legacy.request("tasks/get", json!({"taskId": first})).await;
    assert_eq!(shown.result()["status"], "working", "{}", shown.raw);
    let hub = started(hub.stop().await).await;
    let runs = Http::new("GET", &hub.at("/api/v1/runs")).send().await.json();
    for run in runs["runs"].as_array().unwrap() {
        let path = format!("/api/v1/runs/{}/signal", run["id"].as_str().unwrap());
        let body = json!({"name": "paid", "key": "1", "body": {"sum": 12}}).to_string();
        let sent = Http::new("POST", &hub.at(&path)).header("content-type", "application/json").body(body).send().await;
        assert_eq!(sent.status, 200, "{}", sent.text());
    }
    // What a client of one era began, one of the other fetches.
    let legacy = asking(&hub, Era::Legacy, false).await;
    let modern = asking(&hub, Era::Modern, false).await;
    let result = legacy.request("tasks/result", json!({"taskId": second})).await;
    assert_eq!(result.result()["content"][0]["text"], "12", "{}", result.raw);
    let shown = eventually("the task is completed", || async {
        let shown = modern.request("tasks/get", json!({"taskId": first})).await;
        if shown.result()["status"] == "completed" { Ok(shown) } else { Err(shown.raw) }
    })
    .await;
    assert_eq!(shown.result()["result"]["content"][0]["text"], "12", "{}", shown.raw);
    let listed = legacy.request("tasks/list", json!({})).await;
    let mut ids: Vec<&str> =
        listed.result()["tasks"].as_array().unwrap().iter().map(|task| task["taskId"].as_str().unwrap()).collect();
    let mut wanted = [first.as_str(), second.as_str()];
    ids.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(ids, wanted);
}

async fn ask(hub: &Hub, path: &str, body: Value) -> Value {
    let asked = Http::new("POST", &hub.at(path)).header("content-type", "application/json").body(body.to_string());
    let answer = asked.send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.header("x-tutti-run").is_some(), "{}", answer.text());
    answer.json()
}

async fn a_workflow_is_a_model_in_every_dialect() {
    let hub = started(setup()).await;
    let said = [json!({"role": "user", "content": "hi"})];
    let chat = json!({"model": "workflow/say", "messages": said});
    let answer = ask(&hub, "/v1/chat/completions", chat.clone()).await;
    assert_eq!(answer["choices"][0]["message"]["content"], r#"{"said":"I heard hi"}"#, "{answer}");
    let answer = ask(&hub, "/v1/messages", json!({"model": "workflow/say", "max_tokens": 9, "messages": said})).await;
    assert_eq!(answer["content"][0]["text"], r#"{"said":"I heard hi"}"#, "{answer}");
    let answer = ask(&hub, "/v1/responses", json!({"model": "workflow/say", "input": "hi"})).await;
    assert_eq!(answer["output"][0]["content"][0]["text"], r#"{"said":"I heard hi"}"#, "{answer}");
    let mut streamed = chat;
    streamed["stream"] = true.into();
    let stream = Http::new("POST", &hub.at("/v1/chat/completions")).header("content-type", "application/json");
    let stream = stream.body(streamed.to_string()).send().await.text();
    assert!(stream.contains(r#"{\"said\":\"I heard hi\"}"#) && stream.ends_with("data: [DONE]\n\n"), "{stream}");
    let listed = Http::new("GET", &hub.at("/v1/models")).send().await.json();
    let names: Vec<&str> = listed["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert!(names.contains(&"workflow/say") && !names.contains(&"workflow/waits"), "{names:?}");
    let body = json!({"model": "workflow/nothing", "messages": said}).to_string();
    let unknown = Http::new("POST", &hub.at("/v1/chat/completions")).header("content-type", "application/json");
    let unknown = unknown.body(body).send().await;
    assert_eq!((unknown.status, unknown.header("x-tutti-code")), (404, Some("T-0901")), "{}", unknown.text());
}

async fn keep_secret(hub: &Hub, key: Option<&str>) {
    let mut kept = Http::new("PUT", &hub.at("/api/v1/secrets/HOOK")).header("content-type", "application/json");
    if let Some(key) = key {
        kept = kept.header("authorization", &format!("Bearer {key}"));
    }
    let kept = kept.body(json!({"value": SECRET}).to_string()).send().await;
    assert_eq!(kept.status, 200, "{}", kept.text());
}

async fn deliver(hub: &Hub, name: &str, signature: &str, body: &str) -> (u16, Value) {
    let sent = Http::new("POST", &hub.at(&format!("/api/v1/webhooks/{name}"))).header("x-hub-signature-256", signature);
    let answer = sent.body(body.to_owned()).send().await;
    (answer.status, answer.json())
}

async fn a_webhook_takes_what_is_signed_and_nothing_else() {
    let hub = started(setup()).await;
    keep_secret(&hub, None).await;
    let (status, begun) = deliver(&hub, "events", SIGNATURE, BODY).await;
    assert_eq!((status, &begun["workflow"], &begun["new"]), (200, &json!("hook"), &json!(true)), "{begun}");
    let (status, again) = deliver(&hub, "events", SIGNATURE, BODY).await;
    assert_eq!((status, &again["run"], &again["new"]), (200, &begun["run"], &json!(false)), "{again}");
    for (name, signature, body, code) in [
        ("events", SIGNATURE, "Hello, World?", "T-1404"),
        ("events", "", BODY, "T-1404"),
        ("events", &SIGNATURE[..20], BODY, "T-1404"),
        ("other", SIGNATURE, BODY, "T-1403"),
    ] {
        let (status, refused) = deliver(&hub, name, signature, body).await;
        assert!(matches!(status, 401 | 404) && refused.to_string().contains(code), "{name} {status} {refused}");
    }
    let run = begun["run"].as_str().unwrap();
    eventually("the run is at its end", || async {
        let shown = Http::new("GET", &hub.at(&format!("/api/v1/runs/{run}"))).send().await.json();
        if shown["result"] == "Hello, World! by webhook" { Ok(()) } else { Err(shown.to_string()) }
    })
    .await;
}

async fn a_webhook_needs_a_signature_where_all_else_needs_a_key() {
    let key = "an operator's own key, 0123456789".replace(' ', "_");
    let hub = started(setup().with("key", json!(key))).await;
    keep_secret(&hub, Some(&key)).await;
    assert_eq!(deliver(&hub, "events", SIGNATURE, BODY).await.0, 200);
    assert_eq!(deliver(&hub, "events", SIGNATURE, "else").await.0, 401);
    let refused = Http::new("GET", &hub.at("/api/v1/runs")).send().await;
    assert_eq!(refused.status, 401, "{}", refused.text());
}

fn signed(timestamp: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = hmac::sign(&key, format!("{timestamp}.{body}").as_bytes());
    let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

async fn a_gate_is_told_and_answered_by_signed_requests_alone() {
    let key = "an operator's own key, 0123456789".replace(' ', "_");
    let receiver = Provider::start(|_| says("{}")).await;
    let chat = json!({"url": format!("{}/gates", receiver.url), "secret": "HOOK", "answers": true});
    let setup = setup().with("key", json!(key)).with("runs", json!({"notices": {"chat": chat}}));
    let hub = Hub::start(setup).await;
    keep_secret(&hub, Some(&key)).await;
    let operator =
        |method: &str, path: &str| Http::new(method, &hub.at(path)).header("authorization", &format!("Bearer {key}"));
    let start = operator("POST", "/api/v1/workflows/gate/runs").header("content-type", "application/json");
    let started = start.body(json!({"params": {"user_prompt": "it"}}).to_string()).send().await.json();
    let run = started["id"].as_str().expect("a run has an id");
    let told =
        eventually("the gate is told", || async { receiver.asked().pop().ok_or_else(|| "nobody was told".to_owned()) })
            .await;
    let (timestamp, body) = (told.header("x-tutti-timestamp").unwrap_or_default(), told.json());
    assert_eq!((&body["run"], &body["prompt"]), (&json!(run), &json!("Send it?")));
    assert_eq!(
        told.header("x-tutti-signature-256"),
        Some(signed(timestamp, &String::from_utf8_lossy(&told.body)).as_str())
    );
    let decision = json!({
        "run": run, "step": body["step"], "arguments": body["arguments"], "decision": "approve", "actor": "anna",
    })
    .to_string();
    let answer = |signature: &str| {
        let http = Http::new("POST", &hub.at(body["answer"].as_str().expect("an address for answers")));
        let http = http.header("content-type", "application/json").header("x-tutti-timestamp", timestamp);
        http.header("x-tutti-signature-256", signature).body(decision.clone()).send()
    };
    assert_eq!(answer(&signed("0", &decision)).await.status, 401);
    let taken = answer(&signed(timestamp, &decision)).await;
    assert_eq!((taken.status, &taken.json()["step"]), (200, &json!("ask")), "{}", taken.text());
    eventually("the run is at its end", || async {
        let shown = operator("GET", &format!("/api/v1/runs/{run}")).send().await.json();
        if shown["result"] == "sent" { Ok(()) } else { Err(shown.to_string()) }
    })
    .await;
    assert_eq!(answer(&signed(timestamp, &decision)).await.status, 409, "an answer counts once");
}
