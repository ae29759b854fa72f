//! Workflows as tools.

use super::house::House;
use journal::{RunId, Status};
use mcp::client::local::{Line, line};
use mcp::client::{Call, Inbound};
use mcp::{Method, raw};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::oneshot;
use tools::builtin::{Asked, Local};

const ECHO: &str = "
name: echo
description: Says it again.
params:
  text: { type: string, description: What to say. }
  times: { type: integer, default: 1 }
steps:
  - name: say
    tool: mcp://web/say
    effect: read
    inputs: { text: '{{ params.text }}' }
output: { said: '{{ steps.say.output.with.text }}' }
output_schema: { type: object, properties: { said: { type: string } } }
";

const SLOW: &str = "
name: slow
steps:
  - name: first
    tool: mcp://web/slow
    effect: idempotent
  - name: second
    tool: mcp://web/slow
    effect: idempotent
    after: [first]
output: done
";

const GATE: &str = "
name: gate
params: { text: { type: string } }
steps:
  - name: ask
    gate: { prompt: 'Send {{ params.text }}?', show: { text: '{{ params.text }}' }, approvers: [anna, bert] }
  - name: send
    tool: mcp://mail/send
    effect: unsafe
    after: [ask]
output: sent
";

const FAILS: &str = "
name: fails
steps:
  - name: one
    tool: mcp://web/fails
    effect: unsafe
";

const VANISHES: &str = "
name: vanishes
steps:
  - name: one
    tool: mcp://web/vanishes
    effect: unsafe
";

const ALL: [&str; 5] = [ECHO, SLOW, GATE, FAILS, VANISHES];

fn asked(method: Method, params: &Value, principal: &str) -> Asked {
    Asked { method, params: params.to_string(), principal: principal.into() }
}

async fn respond(house: &House, asked: Asked, line: Line) -> base::Result<Value> {
    let tools = house.tools();
    tools.respond(asked, line).await.map(|text| serde_json::from_str(&text).unwrap())
}

async fn ask(house: &House, method: Method, params: Value) -> base::Result<Value> {
    let (_call, line, _end) = line();
    respond(house, asked(method, &params, "anna"), line).await
}

async fn call(house: &House, name: &str, arguments: Value) -> Value {
    ask(house, Method::ToolsCall, json!({"name": name, "arguments": arguments})).await.unwrap()
}

async fn task(house: &House, name: &str, arguments: Value) -> String {
    let params = json!({"name": name, "arguments": arguments, "task": {}});
    let created = ask(house, Method::ToolsCall, params).await.unwrap();
    created["task"]["taskId"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_workflow_is_defined_as_a_tool() {
    let house = House::of(&ALL).await;
    let tools = house.tools();
    let all = tools.tools();
    let names: Vec<&str> = all.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["echo", "fails", "gate", "slow", "vanishes"]);
    assert_eq!(
        all[0],
        json!({
            "name": "echo",
            "description": "Says it again.",
            "inputSchema": {
                "type": "object",
                "properties": {
                    "text": {"type": "string", "description": "What to say."},
                    "times": {"type": "integer", "default": 1},
                },
                "required": ["text"],
                "additionalProperties": false,
            },
            "outputSchema": {"type": "object", "properties": {"said": {"type": "string"}}},
            "annotations": {"readOnlyHint": true, "destructiveHint": false, "idempotentHint": true},
            "execution": {"taskSupport": "optional"},
        })
    );
    assert_eq!(all[3]["annotations"], json!({"readOnlyHint": false, "destructiveHint": false, "idempotentHint": true}));
    assert_eq!(all[2]["annotations"], json!({"readOnlyHint": false, "destructiveHint": true, "idempotentHint": false}));
    let digest = tools.digest();
    house.runner.serve(vec![super::house::served(ECHO)]);
    assert_ne!(tools.digest(), digest);
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_the_end_of_its_run() {
    let house = House::of(&ALL).await;
    let result = call(&house, "echo", json!({"text": "Hello"})).await;
    assert_eq!(result["structuredContent"], json!({"said": "Hello"}));
    assert_eq!(result["content"], json!([{"type": "text", "text": "{\"said\":\"Hello\"}"}]));
    let run = house.runs().await.remove(0);
    assert_eq!((run.principal.as_str(), result["_meta"]["tutti/run"].as_str()), ("anna", Some(&*run.id.to_string())));
    assert_eq!(call(&house, "slow", json!({})).await["content"][0]["text"], "done");
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_told_as_a_failure_of_the_tool() {
    let house = House::of(&ALL).await;
    let result = call(&house, "echo", json!({"txt": 1})).await;
    assert_eq!((&result["isError"], &result["_meta"]["tutti/code"]), (&json!(true), &json!("T-1110")));
    let said = result["content"][0]["text"].as_str().unwrap();
    assert!(said.contains("`text` is missing") && said.contains("`txt`"), "{said}");
    let result = call(&house, "fails", json!({})).await;
    assert_eq!((&result["isError"], &result["_meta"]["tutti/code"]), (&json!(true), &json!("T-0205")));
    let said = result["content"][0]["text"].as_str().unwrap();
    assert!(said.starts_with("told to (T-0205, run "), "{said}");
    let unknown = ask(&house, Method::ToolsCall, json!({"name": "nothing"})).await.unwrap_err();
    assert_eq!(unknown.code(), base::Code::UnknownTool);
}

#[tokio::test(start_paused = true)]
async fn a_call_with_a_key_begins_one_run() {
    let house = House::of(&ALL).await;
    let params = json!({"name": "echo", "arguments": {"text": "a"}, "_meta": {"tutti/idempotency-key": "k"}});
    let first = ask(&house, Method::ToolsCall, params.clone()).await.unwrap();
    assert_eq!(ask(&house, Method::ToolsCall, params.clone()).await.unwrap(), first);
    assert_eq!(house.runs().await.len(), 1);
    let (_call, line, _end) = line();
    let other = respond(&house, asked(Method::ToolsCall, &params, "bert"), line).await.unwrap();
    assert_ne!(other["_meta"], first["_meta"]);
}

#[tokio::test(start_paused = true)]
async fn progress_is_told_while_a_run_goes_on() {
    let house = House::of(&ALL).await;
    let (mut call, answer) = begun(&house, Method::ToolsCall, &json!({"name": "slow", "_meta": {"progressToken": 9}}));
    let mut told = Vec::new();
    while let Ok(Inbound::Note(note)) = call.next().await {
        let params: Value = serde_json::from_str(note.body().unwrap()).unwrap();
        assert_eq!((note.method(), &params["progressToken"]), (Some(&Method::Progress), &json!(9)));
        assert_eq!(params["progress"], json!(told.len() + 1));
        told.push(params["message"].as_str().unwrap().to_owned());
        if told.len() == 12 {
            break;
        }
    }
    assert!(
        told.iter().any(|told| told == "`first` succeeded") && told.iter().any(|told| told == "it goes on"),
        "{told:?}"
    );
    drop(call);
    answer.await.unwrap().unwrap();
}

/// A call that is under way, and what comes of it.
fn begun(house: &House, method: Method, params: &Value) -> (Call, oneshot::Receiver<base::Result<String>>) {
    begun_by(house, "anna", method, params)
}

/// The same of somebody.
pub(super) fn begun_by(
    house: &House,
    principal: &str,
    method: Method,
    params: &Value,
) -> (Call, oneshot::Receiver<base::Result<String>>) {
    let (call, line, end) = line();
    let (sender, receiver) = oneshot::channel();
    let work = house.tools().respond(asked(method, params, principal), line);
    drop(end);
    base::task::spawn("call", async move { sender.send(work.await).unwrap() });
    (Call::Local(call), receiver)
}

/// Answers the next question of a call, and gives its params.
pub(super) async fn answer_next(call: &mut Call, answer: &Value) -> Value {
    loop {
        match call.next().await.unwrap() {
            Inbound::Ask(question) => {
                assert_eq!(question.method(), Some(&Method::Elicit));
                let id = question.id().unwrap();
                call.reply(id, mcp::write::result(id, &answer.to_string()));
                return serde_json::from_str(question.body().unwrap()).unwrap();
            }
            Inbound::Note(_) => {}
            Inbound::Answer(answer) => panic!("{answer:?}"),
        }
    }
}

async fn at_gate(house: &House, answer: Value) -> Value {
    let (mut call, result) = begun(house, Method::ToolsCall, &json!({"name": "gate", "arguments": {"text": "it"}}));
    let question = answer_next(&mut call, &answer).await;
    assert_eq!(question["message"], "Send it?\n\n{\n  \"text\": \"it\"\n}");
    serde_json::from_str(&result.await.unwrap().unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_client_that_can_be_asked_decides_at_a_gate() {
    let house = House::of(&ALL).await;
    let result = at_gate(&house, json!({"action": "accept", "content": {"decision": "approve"}})).await;
    assert_eq!(result["content"][0]["text"], "sent");
    let result = at_gate(&house, json!({"action": "decline"})).await;
    assert_eq!((&result["isError"], &result["_meta"]["tutti/code"]), (&json!(true), &json!("T-1210")));
    let result = at_gate(&house, json!({"action": "cancel"})).await;
    assert_eq!(result["_meta"]["tutti/code"], "T-1401");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_cannot_be_asked_hears_which_run_waits() {
    let house = House::of(&ALL).await;
    let (mut call, result) = begun(&house, Method::ToolsCall, &json!({"name": "gate", "arguments": {"text": "it"}}));
    loop {
        if let Inbound::Ask(question) = call.next().await.unwrap() {
            let id = question.id().unwrap();
            call.reply(id, mcp::write::raw_error(id, r#"{"code":-32601,"message":"no"}"#));
            break;
        }
    }
    let result: Value = serde_json::from_str(&result.await.unwrap().unwrap()).unwrap();
    let run = result["_meta"]["tutti/run"].as_str().unwrap();
    let said = result["content"][0]["text"].as_str().unwrap();
    assert!(said.contains("Send it?") && said.contains(&format!("tutti run approve {run}")), "{said}");
    let run = RunId::parse(run).unwrap();
    assert_eq!(house.runner.run(run).await.unwrap().status, Status::Waiting);
}

#[tokio::test(start_paused = true)]
async fn a_step_in_doubt_is_told() {
    let house = House::of(&ALL).await;
    let result = call(&house, "vanishes", json!({})).await;
    let said = result["content"][0]["text"].as_str().unwrap();
    assert!(said.contains("nobody knows whether `one`") && said.contains("tutti run resolve"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_task_outlives_its_client_and_the_hub() {
    let house = House::of(&ALL).await;
    let id = task(&house, "slow", json!({})).await;
    let shown = ask(&house, Method::TasksGet, json!({"taskId": id})).await.unwrap();
    assert_eq!((&shown["status"], &shown["pollInterval"]), (&json!("working"), &json!(1000)));
    tokio::time::sleep(Duration::from_secs(90)).await;
    let house = house.again(&ALL).await;
    let result = ask(&house, Method::TasksResult, json!({"taskId": id})).await.unwrap();
    assert_eq!(result["content"][0]["text"], "done");
    assert_eq!(result["_meta"][mcp::task::RELATED], json!({"taskId": id}));
    let shown = ask(&house, Method::TasksGet, json!({"taskId": id})).await.unwrap();
    assert_eq!(shown["status"], "completed");
    let listed = ask(&house, Method::TasksList, json!({})).await.unwrap();
    assert_eq!(listed["tasks"], json!([shown]));
}

#[tokio::test(start_paused = true)]
async fn a_task_is_its_principals_alone() {
    let house = House::of(&ALL).await;
    let id = task(&house, "echo", json!({"text": "a"})).await;
    for method in [Method::TasksGet, Method::TasksResult, Method::TasksCancel] {
        let (_call, line, _end) = line();
        let asked = asked(method, &json!({"taskId": id}), "bert");
        assert_eq!(respond(&house, asked, line).await.unwrap_err().code(), base::Code::RunUnknown);
    }
    for (principal, count) in [("anna", 1), ("bert", 0), ("local", 1)] {
        let (_call, line, _end) = line();
        let listed = respond(&house, asked(Method::TasksList, &json!({}), principal), line).await.unwrap();
        assert_eq!(listed["tasks"].as_array().unwrap().len(), count, "{principal}");
    }
    for wrong in [json!({}), json!({"taskId": "x"}), json!({"taskId": 1})] {
        let error = ask(&house, Method::TasksGet, wrong).await.unwrap_err();
        assert_eq!(error.code(), base::Code::UnknownTask);
    }
    let error = ask(&house, Method::TasksList, json!({"cursor": "x"})).await.unwrap_err();
    assert_eq!(error.code(), base::Code::InvalidParams);
}

#[tokio::test(start_paused = true)]
async fn a_task_is_cancelled() {
    let house = House::of(&ALL).await;
    let id = task(&house, "slow", json!({})).await;
    let shown = ask(&house, Method::TasksCancel, json!({"taskId": id})).await.unwrap();
    assert_eq!(shown["status"], "cancelled");
    let error = ask(&house, Method::TasksResult, json!({"taskId": id})).await.unwrap_err();
    assert_eq!(error.code(), base::Code::TaskCancelled);
    let error = ask(&house, Method::TasksCancel, json!({"taskId": id})).await.unwrap_err();
    assert_eq!(error.code(), base::Code::RunFinished);
}

#[tokio::test(start_paused = true)]
async fn a_task_at_a_gate_wants_its_client_who_is_asked_by_its_result() {
    let house = House::of(&ALL).await;
    let id = task(&house, "gate", json!({"text": "it"})).await;
    house.stands(RunId::parse(&id).unwrap(), Status::Waiting).await;
    let shown = ask(&house, Method::TasksGet, json!({"taskId": id})).await.unwrap();
    assert_eq!(shown["status"], "input_required");
    assert!(shown["statusMessage"].as_str().unwrap().contains("tutti run approve"), "{shown}");
    let (mut call, result) = begun(&house, Method::TasksResult, &json!({"taskId": id}));
    answer_next(&mut call, &json!({"action": "accept", "content": {"decision": "approve"}})).await;
    let result = result.await.unwrap().unwrap();
    assert_eq!(raw::at(&result, &["content"]), Some(r#"[{"type":"text","text":"sent"}]"#));
}

#[tokio::test(start_paused = true)]
async fn a_question_is_taken_back_when_somebody_else_decides() {
    let house = House::of(&ALL).await;
    let (mut call, result) = begun(&house, Method::ToolsCall, &json!({"name": "gate", "arguments": {"text": "it"}}));
    while !matches!(call.next().await.unwrap(), Inbound::Ask(_)) {}
    let run = house.runs().await.remove(0).id;
    let by = runner::By { actor: "bert".to_owned(), ..runner::By::default() };
    house.runner.approve(run, &runner::Approval::default(), &by).await.unwrap();
    loop {
        if let Inbound::Note(note) = call.next().await.unwrap()
            && note.method() == Some(&Method::Cancelled)
        {
            break;
        }
    }
    assert!(result.await.unwrap().unwrap().contains("sent"));
}
