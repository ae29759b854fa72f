//! Durable runs on the real binary: over real servers and scripted models, with people who decide, and with hubs that die.

mod paying;

use crate::harness::{Http, Hub, Run, Setup, eventually, trials, tutti};
use crate::models::provider::{Provider, json as says};
use libtest_mimic::Trial;
use rustix::process::Signal;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials!("workflows":
        a_run_calls_servers_and_models_and_waits_for_a_person,
        a_kill_in_the_middle_sends_nothing_twice,
        a_run_is_cancelled_and_another_goes_on_from_its_middle,
        what_happens_is_told_as_events_that_can_be_taken_up_again,
        a_file_is_run_without_a_hub,
        a_plan_that_failed_halfway_is_in_doubt_and_its_calls_are_recognised,
        what_a_model_and_its_tools_say_and_what_receipts_name_is_read_by_handle,
    );
    tests.extend(paying::tests());
    tests
}

const ANSWER: &str = r#"{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"five"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"#;

/// Adds a sum, has a model say it, asks a person, and tells what was said.
const SUMS: &str = "
name: sums
params: { a: { type: number } }
steps:
  - { name: add, tool: \"mcp://faulty/add\", effect: unsafe, inputs: { a: \"{{ params.a }}\", b: 2 } }
  - { name: say, tool: model_call, inputs: { model: r, prompt: \"Say {{ steps.add.output.sum }}\" } }
  - { name: look, gate: { prompt: \"Tell {{ steps.say.output }}?\" } }
  - { name: tell, tool: \"mcp://good/echo\", effect: unsafe, after: [look], inputs: { message: \"{{ steps.say.output }}\" } }
output: { said: \"{{ steps.tell.output.message }}\", sum: \"{{ steps.add.output.sum }}\" }
";

/// Adds a sum, and waits for a server that never answers.
const STUCK: &str = "
name: stuck
steps:
  - { name: add, tool: \"mcp://good/add\", effect: unsafe, inputs: { a: 1, b: 2 } }
  - { name: hang, tool: \"mcp://faulty/hang\", effect: unsafe, after: [add] }
output: { sum: \"{{ steps.add.output.sum }}\", hang: \"{{ steps.hang.output }}\" }
";

/// Carries out a plan whose first call adds a sum, and whose second fails.
const PLANNED: &str = "
name: planned
params: { tool: { type: string } }
steps:
  - name: make
    set:
      plan:
        steps:
          - { name: one, tool: \"{{ params.tool }}\", arguments: { a: 1, b: 2 } }
          - { name: two, tool: \"mcp://faulty/fail\", arguments: { text: \"${$.one.sum}\" } }
  - name: do
    plan: { plan: \"{{ steps.make.output.plan }}\", tools: [\"mcp://good/*\", \"mcp://faulty/*\"] }
    effect: unsafe
";

pub(crate) fn put(setup: &Setup, name: &str, text: &str) {
    let path = setup.path(name);
    std::fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder can be made");
    std::fs::write(&path, text).expect("the folder of the test can be written");
}

/// A hub with both workflows, and a provider whose model costs a thousandth of a dollar a token that it says.
fn setup(provider: &Provider) -> Setup {
    let models = json!({
        "providers": {"p": {"url": format!("{}/v1", provider.url), "local": false}},
        "routes": {"r": {"use": ["p/m"]}},
        "deployments": {"p/m": {"price": {"input": 0, "output": 1000}, "max_output": 2}},
    });
    let setup = Setup::pair(&[], json!({})).with("models", models).with("workflows", json!(["flows/*.yaml"]));
    put(&setup, "flows/sums.yaml", SUMS);
    put(&setup, "flows/stuck.yaml", STUCK);
    setup
}

pub(crate) async fn get(hub: &Hub, path: &str) -> Value {
    Http::new("GET", &hub.at(path)).send().await.json()
}

async fn post(hub: &Hub, path: &str, body: &Value) -> Value {
    let request = Http::new("POST", &hub.at(path)).header("content-type", "application/json");
    let answer = request.body(body.to_string()).send().await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

pub(crate) async fn start(hub: &Hub, workflow: &str, params: Value) -> String {
    let started = post(hub, &format!("/api/v1/workflows/{workflow}/runs"), &json!({"params": params})).await;
    assert_eq!(started["new"], true, "{started}");
    started["id"].as_str().expect("a run has an id").to_owned()
}

/// Waits until the run stands so.
pub(crate) async fn stands(hub: &Hub, run: &str, status: &str) -> Value {
    eventually(&format!("the run is {status}"), || async {
        let said = get(hub, &format!("/api/v1/runs/{run}")).await;
        if said["status"] == status { Ok(said) } else { Err(said.to_string()) }
    })
    .await
}

/// A command against a hub.
pub(crate) async fn command(hub: &Hub, words: &[&str]) -> Run {
    let (url, home) = (hub.at(""), hub.setup.path_text("."));
    tutti(&[&["--url", &url], words].concat(), &[("HOME", &home), ("TUTTI_HOME", &home)]).await
}

/// The calls of a tool that an upstream got.
fn calls(hub: &Hub, upstream: &str, tool: &str) -> Vec<Value> {
    let all = hub.recorded_method(upstream, "tools/call");
    all.into_iter().filter(|call| call["params"]["name"] == tool).collect()
}

async fn a_run_calls_servers_and_models_and_waits_for_a_person() {
    let provider = Provider::start(|_| says(ANSWER)).await;
    let hub = setup(&provider).ready().await;
    let run = start(&hub, "sums", json!({"a": 3})).await;
    let waiting = stands(&hub, &run, "waiting").await;
    assert_eq!(waiting["gates"][0]["prompt"], "Tell five?", "{waiting}");
    assert_eq!(provider.last().json()["messages"][0]["content"], "Say 5.0");
    assert!(calls(&hub, "good", "echo").is_empty(), "nobody has let it go on");
    let shown = command(&hub, &["run", "inspect", &run]).await;
    assert!(shown.stdout.contains("look waits for somebody: Tell five?"), "{shown:?}");
    let seen = waiting["gates"][0]["arguments"].as_str().expect("a digest");
    let other = command(&hub, &["run", "approve", &run, "--arguments", &"0".repeat(64)]).await;
    assert_eq!(other.code, Some(5), "what was not seen is not decided: {other:?}");
    let approved = command(&hub, &["run", "approve", &run, "--step", "look", "--arguments", seen]).await;
    assert_eq!(approved.code, Some(0), "{approved:?}");
    let watched = command(&hub, &["run", "watch", &run]).await;
    assert_eq!(watched.code, Some(0), "{watched:?}");
    let result: Value = serde_json::from_str(&watched.stdout).expect("the output is JSON");
    assert_eq!(result, json!({"said": "five", "sum": 5.0}));
    let added = calls(&hub, "faulty", "add");
    let key = added[0]["params"]["_meta"]["tutti/idempotency-key"].as_str().expect("servers are told a key");
    assert_eq!((added.len(), key.len()), (1, 32));
    let listed = command(&hub, &["--json", "run", "list", "--workflow", "sums"]).await;
    let listed: Value = serde_json::from_str(&listed.stdout).expect("a list is JSON");
    assert_eq!((&listed["runs"][0]["id"], &listed["runs"][0]["status"]), (&json!(run), &json!("succeeded")));
}

async fn a_kill_in_the_middle_sends_nothing_twice() {
    let provider = Provider::start(|_| says(ANSWER)).await;
    let mut hub = setup(&provider).ready().await;
    let run = start(&hub, "stuck", json!({})).await;
    eventually("the second step is sent", || async {
        if calls(&hub, "faulty", "hang").is_empty() { Err("not yet".to_owned()) } else { Ok(()) }
    })
    .await;
    hub.signal(Signal::KILL);
    hub.end().await;
    let setup = std::mem::replace(&mut hub.setup, Setup::new());
    let hub = setup.start().await;
    let doubt = stands(&hub, &run, "in_doubt").await;
    assert_eq!(doubt["in_doubt"], json!(["hang"]), "{doubt}");
    assert_eq!((calls(&hub, "good", "add").len(), calls(&hub, "faulty", "hang").len()), (1, 1));
    let resolved = command(&hub, &["run", "resolve", &run, "happened", "--value", "\"it did\""]).await;
    assert_eq!(resolved.code, Some(0), "{resolved:?}");
    let ended = stands(&hub, &run, "succeeded").await;
    assert_eq!(ended["result"], json!({"sum": 3.0, "hang": "it did"}));
    assert_eq!((calls(&hub, "good", "add").len(), calls(&hub, "faulty", "hang").len()), (1, 1));
}

async fn a_run_is_cancelled_and_another_goes_on_from_its_middle() {
    let provider = Provider::start(|_| says(ANSWER)).await;
    let hub = setup(&provider).ready().await;
    let run = start(&hub, "sums", json!({"a": 1})).await;
    stands(&hub, &run, "waiting").await;
    let cancelled = command(&hub, &["run", "cancel", &run, "--reason", "too late"]).await;
    assert_eq!(cancelled.code, Some(0), "{cancelled:?}");
    stands(&hub, &run, "cancelled").await;
    let again = command(&hub, &["run", "cancel", &run]).await;
    assert!(again.stderr.contains("T-1204"), "{again:?}");
    let forked = command(&hub, &["run", "fork", &run, "--from", "look"]).await;
    assert_eq!(forked.code, Some(0), "{forked:?}");
    let fork = forked.stdout.trim().to_owned();
    stands(&hub, &fork, "waiting").await;
    let kept = (calls(&hub, "faulty", "add").len(), provider.asked().len());
    assert_eq!(kept, (1, 1), "what comes before is not done again");
    post(&hub, &format!("/api/v1/runs/{fork}/reject"), &json!({"reason": "dull"})).await;
    let failed = stands(&hub, &fork, "failed").await;
    assert_eq!(failed["result"]["code"], "T-1210", "{failed}");
    let watched = command(&hub, &["run", "watch", &fork]).await;
    assert_eq!(watched.code, Some(8), "the exit code says how it ended: {watched:?}");
}

async fn what_happens_is_told_as_events_that_can_be_taken_up_again() {
    let provider = Provider::start(|_| says(ANSWER)).await;
    let hub = setup(&provider).ready().await;
    let run = start(&hub, "sums", json!({"a": 1})).await;
    stands(&hub, &run, "waiting").await;
    let path = hub.at(&format!("/api/v1/runs/{run}/events"));
    let mut stream = Http::new("GET", &path).open().await;
    assert!(stream.is_event_stream());
    let first: Value = serde_json::from_str(&stream.next_data().await.expect("an entry")).expect("JSON");
    assert_eq!((&first["kind"], &first["payload"]), (&json!("started"), &json!({"a": 1})));
    drop(stream);
    let mut stream = Http::new("GET", &path).header("last-event-id", "1").open().await;
    post(&hub, &format!("/api/v1/runs/{run}/approve"), &json!({})).await;
    let mut kinds = Vec::new();
    while let Some(data) = stream.next_data().await {
        let entry: Value = serde_json::from_str(&data).expect("an entry is JSON");
        kinds.push(entry["kind"].as_str().expect("an entry has a kind").to_owned());
    }
    assert_eq!(kinds.first().map(String::as_str), Some("attempted"), "{kinds:?}");
    assert!(kinds.contains(&"gate_approved".to_owned()), "{kinds:?}");
    assert_eq!(kinds.last().map(String::as_str), Some("finished"), "the stream ends with the run: {kinds:?}");
}

async fn a_file_is_run_without_a_hub() {
    let provider = Provider::start(|_| says(ANSWER)).await;
    let setup = setup(&provider);
    setup.write_config();
    put(
        &setup,
        "other/twice.yaml",
        "name: twice\nparams: { a: { type: number } }\nsteps:\n  - { name: add, tool: \"mcp://good/add\", inputs: { a: \"{{ params.a }}\", b: 1 } }\n  - { name: say, tool: model_call, inputs: { model: r, prompt: \"{{ steps.add.output.sum }}\" } }\n",
    );
    let (config, file) = (setup.path_text("tutti.yaml"), setup.path_text("other/twice.yaml"));
    let environment: Vec<(&str, &str)> =
        setup.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let run = tutti(&["--config", &config, "workflow", "run", &file, "-p", "a=4"], &environment).await;
    assert_eq!((run.code, run.stdout.trim()), (Some(0), "five"), "{run:?}");
    let wrong = tutti(&["--config", &config, "workflow", "run", &file], &environment).await;
    assert_eq!(wrong.code, Some(2), "a parameter is missing: {wrong:?}");
    let listed = tutti(&["--config", &config, "--json", "run", "list"], &environment).await;
    let listed: Value = serde_json::from_str(&listed.stdout).expect("a list is JSON");
    assert_eq!(listed["runs"][0]["workflow"], "twice", "the run is kept: {listed}");
}

async fn a_plan_that_failed_halfway_is_in_doubt_and_its_calls_are_recognised() {
    let provider = Provider::start(|_| says(ANSWER)).await;
    let setup = setup(&provider).with("views", json!({"all": {"plans": true}}));
    put(&setup, "flows/planned.yaml", PLANNED);
    let hub = setup.ready().await;
    let run = start(&hub, "planned", json!({"tool": "mcp://good/add"})).await;
    let doubt = stands(&hub, &run, "in_doubt").await;
    assert_eq!(doubt["in_doubt"], json!(["do"]), "{doubt}");
    let resolved = command(&hub, &["run", "resolve", &run, "retry"]).await;
    assert_eq!(resolved.code, Some(0), "{resolved:?}");
    eventually("the plan is carried out again", || async {
        if calls(&hub, "faulty", "fail").len() == 2 { Ok(()) } else { Err("not yet".to_owned()) }
    })
    .await;
    let keys = |calls: Vec<Value>| -> Vec<Value> {
        calls.into_iter().map(|call| call["params"]["_meta"]["tutti/idempotency-key"].clone()).collect()
    };
    let (added, failed) = (keys(calls(&hub, "good", "add")), keys(calls(&hub, "faulty", "fail")));
    assert_eq!((added.len(), added[0].as_str().map(str::len)), (2, Some(32)), "{added:?}");
    assert_eq!((&added[0], &failed[0]), (&added[1], &failed[1]), "they are the same when it is done again");
    assert_ne!(added[0], failed[0]);
}

/// A model adds by a tool that it is lent, and another step reads what came of that.
const TALK: &str = "
name: talk
steps:
  - { name: ask, tool: model_call, inputs: { model: r, prompt: Add one and two., tools: [\"mcp://good/*\"] } }
  - name: say
    tool: model_call
    memory: { needs: [model_output(ask)] }
    inputs: { model: r, prompt: \"Say it: {{ memory.ask_output }}\" }
output: \"{{ steps.say.output }}\"
";

/// All that is called a handle somewhere in `value`.
fn handles(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| match member.as_str() {
            Some(handle) if name == "handle" => found.push(handle.to_owned()),
            _ => handles(member, found),
        }),
        Value::Array(items) => items.iter().for_each(|item| handles(item, found)),
        _ => {}
    }
}

async fn what_a_model_and_its_tools_say_and_what_receipts_name_is_read_by_handle() {
    let provider = Provider::start(|asked| {
        let asked = asked.json();
        let messages = asked["messages"].as_array().map_or(0, Vec::len);
        if asked["tools"].is_null() || messages > 1 {
            return says(ANSWER);
        }
        let call = json!({"id": "t1", "type": "function", "function": {"name": "good__add", "arguments": "{\"a\":1,\"b\":2}"}});
        let message = json!({"role": "assistant", "content": "Let me add.", "tool_calls": [call]});
        let mut answer: Value = serde_json::from_str(ANSWER).expect("it is JSON");
        answer["choices"][0] = json!({"index": 0, "message": message, "finish_reason": "tool_calls"});
        says(&answer.to_string())
    })
    .await;
    let setup = setup(&provider);
    put(&setup, "flows/talk.yaml", TALK);
    let hub = setup.ready().await;
    let run = start(&hub, "talk", json!({})).await;
    stands(&hub, &run, "succeeded").await;
    let listed = get(&hub, &format!("/api/v1/memory?scope=run:{run}")).await;
    assert_eq!(listed["fragments"][0]["key"], "transcript/ask", "{listed}");
    assert_eq!((&listed["fragments"][0]["version"], &listed["next"]), (&json!(5), &Value::Null), "{listed}");
    let mut roles = Vec::new();
    for version in 1..=5 {
        let path = format!("/api/v1/memory/fragments/run%3A{run}/transcript%2Fask?version={version}");
        let turn = get(&hub, &path).await;
        assert_eq!(turn["provenance"]["trust"], "untrusted", "{turn}");
        let same = get(&hub, &format!("/api/v1/memory/handles/{}", turn["sha256"].as_str().expect("a text"))).await;
        assert_eq!((&same["text"], &same["fragment"]["version"]), (&turn["text"], &json!(version)), "{same}");
        let said: Value = serde_json::from_str(turn["text"].as_str().expect("a text")).expect("a turn is JSON");
        roles.push(said["role"].as_str().expect("a turn has a role").to_owned());
        assert!(version != 4 || said["text"].as_str().is_some_and(|text| text.contains('3')), "{said}");
    }
    assert_eq!(roles, ["user", "assistant", "tool_call", "tool_result", "assistant"]);
    let mut named = Vec::new();
    handles(&get(&hub, &format!("/api/v1/runs/{run}/export")).await, &mut named);
    assert!(!named.is_empty(), "the context of a step has a receipt");
    for handle in named {
        let original = get(&hub, &format!("/api/v1/memory/handles/{handle}?run={run}")).await;
        assert_eq!(original["handle"], handle, "{original}");
    }
}
