//! Calls that run as tasks, for each pair of eras, over pipes and over HTTP.

mod inside;
mod legacy;
mod news;
mod shaped;

use crate::harness::{Client, Era, HttpUpstream, Hub, Setup, eventually, trial, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials!("tasks":
        a31_ids_of_tasks,
        a31_news_of_a_task_are_its_clients,
        h11_tasks_of_one_process_ask_their_own_client,
        h11_tasks_ask_no_client_that_cannot_answer,
        ids_survive_a_restart,
        client_that_takes_no_tasks_is_told,
        what_is_not_wanted_as_a_task_is_none,
    );
    for (speaks, over_http) in [("legacy", false), ("legacy", true), ("modern", false), ("modern", true)] {
        for era in Era::BOTH {
            let transport = if over_http { "http" } else { "stdio" };
            let name = |what: &str| format!("tasks::{what}_{transport}_{speaks}_upstream_{}_client", era.word());
            tests.push(trial(name("work"), move || tasks_work(era, speaks, over_http)));
            tests.push(trial(name("fail"), move || tasks_fail(era, speaks, over_http)));
            tests.push(trial(name("are_cancelled"), move || tasks_are_cancelled(era, speaks, over_http)));
            tests.push(trial(name("ask"), move || tasks_ask(era, speaks, over_http)));
        }
    }
    tests.extend(legacy::tests());
    tests.extend(news::tests());
    tests.extend(shaped::tests());
    tests.extend(inside::tests());
    tests
}

const EXTENSION: &str = "io.modelcontextprotocol/tasks";
const RELATED: &str = "io.modelcontextprotocol/related-task";

struct Stage {
    hub: Hub,
    client: Client,
    _upstream: Option<HttpUpstream>,
}

async fn stage(era: Era, speaks: &str, over_http: bool) -> Stage {
    let flags = ["--tasks", "--era", speaks];
    let offers = json!({"offers": ["elicitation"]});
    let setup = Setup::new().fixture("good", &[], json!({}));
    let upstream =
        if over_http { Some(HttpUpstream::start(&[&["--name", "work"], &flags[..]].concat()).await) } else { None };
    let setup = match &upstream {
        Some(upstream) => setup.remote("work", &upstream.url, offers),
        None => setup.fixture("work", &flags, offers),
    };
    let hub = setup.ready().await;
    let client = client_of(&hub, era).await;
    Stage { hub, client, _upstream: upstream }
}

/// A client that takes tasks.
async fn client_of(hub: &Hub, era: Era) -> Client {
    let capabilities = json!({"elicitation": {"form": {}}, "extensions": {EXTENSION: {}}});
    let client = hub.bare(era).able(&capabilities);
    match era {
        Era::Legacy => client.shake_hands("2025-11-25").await,
        Era::Modern => client,
    }
}

/// Begins a task; gives its id and how it was shown.
async fn begin(client: &Client, tool: &str, arguments: Value) -> (String, Value) {
    let mut params = json!({"name": format!("work__{tool}"), "arguments": arguments});
    if client.era == Era::Legacy {
        params["task"] = json!({"ttl": 60_000});
    }
    let reply = client.request("tools/call", params).await;
    let task = match client.era {
        Era::Legacy => reply.result()["task"].clone(),
        Era::Modern => reply.result().clone(),
    };
    let (life, interval) = match client.era {
        Era::Legacy => ("ttl", "pollInterval"),
        Era::Modern => ("ttlMs", "pollIntervalMs"),
    };
    assert_eq!(task.get("resultType").cloned(), (client.era == Era::Modern).then(|| json!("task")), "{}", reply.raw);
    assert_eq!((&task[life], &task[interval]), (&json!(60_000), &json!(50)), "{}", reply.raw);
    let id = task["taskId"].as_str().unwrap_or_else(|| panic!("a task: {}", reply.raw)).to_owned();
    assert!(!id.contains("task-"), "the id is sealed: {id}");
    (id, task)
}

async fn get(client: &Client, id: &str) -> Value {
    let reply = client.request("tasks/get", json!({"taskId": id})).await;
    assert_eq!(reply.result()["taskId"], id, "{}", reply.raw);
    assert_eq!(reply.result().get("resultType").is_some(), client.era == Era::Modern, "{}", reply.raw);
    reply.result().clone()
}

async fn get_until(client: &Client, id: &str, status: &str) -> Value {
    eventually(&format!("the task is {status}"), || async {
        let task = get(client, id).await;
        if task["status"] == status { Ok(task) } else { Err(task.to_string()) }
    })
    .await
}

async fn tasks_work(era: Era, speaks: &'static str, over_http: bool) {
    let stage = stage(era, speaks, over_http).await;
    let client = &stage.client;
    let (id, task) = begin(client, "job_only", json!({"hold": "h"})).await;
    assert_eq!(task["status"], "working");
    assert_eq!(get(client, &id).await["status"], "working");
    let waiting = (era == Era::Legacy).then(|| client.start("tasks/result", json!({"taskId": id})));
    client.call("work__release", json!({"name": "h"})).await.result();
    let done = get_until(client, &id, "completed").await;
    let result = match waiting {
        Some(waiting) => {
            let reply = waiting.finish().await;
            assert_eq!(reply.result()["_meta"][RELATED]["taskId"], id, "{}", reply.raw);
            assert!(reply.result().get("resultType").is_none(), "{}", reply.raw);
            assert!(done.get("result").is_none(), "{done}");
            reply.result().clone()
        }
        None => done["result"].clone(),
    };
    assert_eq!(result["content"][0]["text"], "job of work", "{result}");
    assert_eq!(result["content"][1]["uri"], format!("tutti://{}/test://static", "work"), "{result}");
    stage.hub.assert_good().await;
}

async fn tasks_fail(era: Era, speaks: &'static str, over_http: bool) {
    let stage = stage(era, speaks, over_http).await;
    let client = &stage.client;
    let (id, _) = begin(client, "job_only", json!({"error": -32050})).await;
    let task = get_until(client, &id, "failed").await;
    match era {
        Era::Legacy => {
            let reply = client.request("tasks/result", json!({"taskId": id})).await;
            assert_eq!(reply.error()["code"], -32050, "{}", reply.raw);
        }
        Era::Modern => assert_eq!(task["error"]["code"], -32050, "{task}"),
    }
    // A tool that says that it failed is a task that failed in the one era, and was completed in the other.
    let (id, _) = begin(client, "job_only", json!({"fail": true})).await;
    let status = if era == Era::Legacy { "failed" } else { "completed" };
    let task = get_until(client, &id, status).await;
    let result = match era {
        Era::Legacy => client.request("tasks/result", json!({"taskId": id})).await.result().clone(),
        Era::Modern => task["result"].clone(),
    };
    assert_eq!(result["isError"], true, "{result}");
}

async fn tasks_are_cancelled(era: Era, speaks: &'static str, over_http: bool) {
    let stage = stage(era, speaks, over_http).await;
    let client = &stage.client;
    let (id, _) = begin(client, "job_only", json!({"hold": "for ever"})).await;
    let waiting = (era == Era::Legacy).then(|| client.start("tasks/result", json!({"taskId": id})));
    let reply = client.request("tasks/cancel", json!({"taskId": id})).await;
    match era {
        Era::Legacy => {
            assert_eq!((&reply.result()["taskId"], &reply.result()["status"]), (&json!(id), &json!("cancelled")));
        }
        Era::Modern => assert_eq!(reply.result()["resultType"], "complete", "{}", reply.raw),
    }
    get_until(client, &id, "cancelled").await;
    if let Some(waiting) = waiting {
        waiting.finish().await.error();
    }
}

async fn tasks_ask(era: Era, speaks: &'static str, over_http: bool) {
    let stage = stage(era, speaks, over_http).await;
    let client = &stage.client;
    let params = json!({"message": "Which?", "requestedSchema": {"type": "object", "properties": {}}});
    let ask = json!({"method": "elicitation/create", "params": params});
    let (id, _) = begin(client, "job_only", json!({"ask": ask})).await;
    let given = json!({"action": "accept", "content": {"colour": "blue"}});
    let task = get_until(client, &id, "input_required").await;
    let result = match era {
        Era::Legacy => {
            let answer = |method: &str, params: &Value| {
                assert_eq!((method, &params["message"]), ("elicitation/create", &json!("Which?")));
                if speaks == "legacy" {
                    assert_eq!(params["_meta"][RELATED]["taskId"], id, "{params}");
                }
                Ok(given.clone())
            };
            let ended = client.converse("tasks/result", json!({"taskId": id}), answer).await;
            assert_eq!(ended.asked.len(), 1, "asked once");
            ended.reply.result().clone()
        }
        Era::Modern => {
            let requests = task["inputRequests"].as_object().cloned().unwrap_or_default();
            assert_eq!(requests.len(), 1, "{task}");
            let (name, request) = requests.iter().next().unwrap();
            assert_eq!(request["params"]["message"], "Which?", "{task}");
            let responses = json!({"taskId": id, "inputResponses": {name: given}});
            let reply = client.request("tasks/update", responses).await;
            assert_eq!(reply.result()["resultType"], "complete", "{}", reply.raw);
            get_until(client, &id, "completed").await["result"].clone()
        }
    };
    let mut answer = result["structuredContent"]["answer"].clone();
    if (speaks, era) == ("legacy", Era::Modern) {
        let meta = answer.as_object_mut().and_then(|answer| answer.remove("_meta")).unwrap_or_default();
        assert_eq!(meta[RELATED]["taskId"], "task-0", "a legacy server is told which task the answer is for");
    }
    assert_eq!(answer, given, "{result}");
    stage.hub.assert_good().await;
}

fn wanting(message: &str) -> Value {
    let params = json!({"message": message, "requestedSchema": {"type": "object", "properties": {}}});
    json!({"ask": {"method": "elicitation/create", "params": params}})
}

/// The only thing that the task wants, by its name.
fn only_request(task: &Value) -> (String, Value) {
    let requests = task["inputRequests"].as_object().cloned().unwrap_or_default();
    assert_eq!(requests.len(), 1, "{task}");
    requests.into_iter().next().unwrap()
}

/// What a task asks is for its client, also while others have calls in flight on the same process.
async fn h11_tasks_of_one_process_ask_their_own_client() {
    let stage = stage(Era::Modern, "legacy", false).await;
    let (client, other) = (&stage.client, client_of(&stage.hub, Era::Legacy).await);
    let held = other.start_call("work__hold", json!({"name": "h"}));
    client.call("work__await_hold", json!({"name": "h"})).await.result();
    let mut tasks = Vec::new();
    for message in ["one", "two"] {
        let (id, _) = begin(client, "job_only", wanting(message)).await;
        let task = get_until(client, &id, "input_required").await;
        let (name, request) = only_request(&task);
        assert_eq!(request["params"]["message"], message, "{task}");
        assert_eq!(only_request(&get(client, &id).await).0, name, "looked at twice it is the same question");
        tasks.push((id, name, message));
    }
    for (id, name, message) in tasks {
        // Answers to what was never asked change nothing.
        let given = json!({"action": "accept", "content": {"of": message}});
        for responses in [json!({"input-1": given}), json!({name.clone(): given})] {
            let params = json!({"taskId": id, "inputResponses": responses});
            client.request("tasks/update", params).await.result();
        }
        let result = get_until(client, &id, "completed").await["result"].clone();
        assert_eq!(result["structuredContent"]["answer"]["content"], given["content"], "{result}");
        // Too late: nobody waits for an answer any more, and the task is still there.
        let params = json!({"taskId": id, "inputResponses": {name: given}});
        assert_eq!(client.request("tasks/update", params).await.result()["resultType"], "complete");
    }
    client.call("work__release", json!({"name": "h"})).await.result();
    assert_eq!(held.finish().await.text(), "held h");
}

/// A modern client that cannot be asked is not; the server learns that, as it does of a legacy client.
async fn h11_tasks_ask_no_client_that_cannot_answer() {
    let stage = stage(Era::Modern, "legacy", true).await;
    let client = stage.hub.bare(Era::Modern).able(&json!({"extensions": {EXTENSION: {}}}));
    let (id, _) = begin(&client, "job_only", wanting("?")).await;
    let done = eventually("the task goes on without an answer", || async {
        let task = get(&client, &id).await;
        assert!(task["inputRequests"].as_object().is_none_or(serde_json::Map::is_empty), "{task}");
        if task["status"] == "completed" { Ok(task) } else { Err(task.to_string()) }
    })
    .await;
    assert_eq!(done["result"]["structuredContent"]["answer"], Value::Null, "{done}");
}

async fn a31_ids_of_tasks() {
    let views = json!({"narrow": {"servers": ["good"]}});
    let setup = Setup::new().fixture("good", &[], json!({})).with("views", views);
    let hub = setup.fixture("work", &["--tasks"], json!({})).ready().await;
    for era in Era::BOTH {
        let client = client_of(&hub, era).await;
        let (id, _) = begin(&client, "job", json!({"hold": "h"})).await;
        let flipped = if id.ends_with('A') { "B" } else { "A" };
        let before = hub.recorded_method("work", "tasks/cancel").len();
        let mut forged = vec!["task-0".to_owned(), String::new(), "work\ntask-0".to_owned(), "x".repeat(9000)];
        forged.extend([format!("{}{flipped}", &id[..id.len() - 1]), format!("{id}A"), id[1..].to_owned()]);
        let methods: &[&str] = match era {
            Era::Legacy => &["tasks/get", "tasks/result", "tasks/cancel"],
            Era::Modern => &["tasks/get", "tasks/update", "tasks/cancel"],
        };
        for method in methods {
            for id in &forged {
                let reply = client.request(method, json!({"taskId": id})).await;
                assert_eq!(reply.assert_code(&["T-0343"])["code"], -32602, "{method} {id:.50}");
            }
            client.request(method, json!({"taskId": 7})).await.assert_code(&["T-0304"]);
            // Where the server of the task is not seen, the task is not there.
            let narrow = client.clone().at(&hub.at("/mcp/narrow"));
            let narrow = if era == Era::Legacy { narrow.shake_hands("2025-11-25").await } else { narrow };
            narrow.request(method, json!({"taskId": id})).await.assert_code(&["T-0343"]);
        }
        assert_eq!(hub.recorded_method("work", "tasks/cancel").len(), before, "no upstream was asked");
        assert_eq!(get(&client, &id).await["status"], "working");
    }
}

async fn a31_news_of_a_task_are_its_clients() {
    let stage = stage(Era::Legacy, "legacy", false).await;
    let (owner, stranger) = (&stage.client, client_of(&stage.hub, Era::Legacy).await);
    let (mut news, mut other) = (owner.listen().await, stranger.listen().await);
    let (id, _) = begin(owner, "job", json!({"hold": "h"})).await;
    stranger.call("work__release", json!({"name": "h"})).await.result();
    loop {
        let told = news.next_notification("notifications/tasks/status").await;
        assert_eq!(told["params"]["taskId"], id, "{told}");
        if told["params"]["status"] == "completed" {
            break;
        }
    }
    // The stranger's next news is of something else.
    stranger.call("work__change_tools", json!({})).await.result();
    let next = other.next_message("news").await;
    assert_eq!(next["method"], "notifications/tools/list_changed", "{next}");
}

async fn ids_survive_a_restart() {
    let upstream = HttpUpstream::start(&["--name", "work", "--tasks", "--era", "modern"]).await;
    let hub = Setup::new().remote("work", &upstream.url, json!({})).ready().await;
    let (id, _) = begin(&client_of(&hub, Era::Modern).await, "job", json!({})).await;
    let hub = hub.stop().await.ready().await;
    for era in Era::BOTH {
        get_until(&client_of(&hub, era).await, &id, "completed").await;
    }
}

async fn client_that_takes_no_tasks_is_told() {
    let setup = Setup::new().fixture("legacy", &["--tasks", "--era", "legacy"], json!({}));
    let hub = setup.fixture("modern", &["--tasks", "--era", "modern"], json!({})).ready().await;
    let client = hub.modern();
    let reply = client.call("legacy__job_only", json!({})).await;
    let error = reply.assert_code(&["T-0344"]);
    let needed = json!({"extensions": {EXTENSION: {}}});
    assert_eq!((&error["code"], &error["data"]["requiredCapabilities"]), (&json!(-32021), &needed), "{error}");
    for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
        let reply = client.request(method, json!({"taskId": "x", "inputResponses": {}})).await;
        assert_eq!(reply.status, 400, "{}", reply.raw);
        assert_eq!(reply.assert_code(&["T-0344"])["data"]["requiredCapabilities"], needed, "{}", reply.raw);
    }
    assert_eq!(client.call("modern__job_only", json!({})).await.error()["code"], -32021);
    let discovered = client.request("server/discover", json!({})).await;
    assert_eq!(discovered.result()["capabilities"]["extensions"][EXTENSION], json!({}), "{}", discovered.raw);
    let legacy = hub.client().await;
    assert_eq!(legacy.call("legacy__job_only", json!({})).await.error()["code"], -32601);
    assert_eq!(legacy.call("modern__job_only", json!({})).await.error()["code"], -32603);
    let reply = legacy.request("tasks/update", json!({"taskId": "x"})).await;
    assert_eq!(reply.error()["code"], -32601, "{}", reply.raw);
    let reply = client.request("tasks/result", json!({"taskId": "x"})).await;
    assert_eq!(reply.error()["code"], -32601, "{}", reply.raw);
}

/// A call that need not be a task, of a client that does not ask for one, is answered as ever.
async fn what_is_not_wanted_as_a_task_is_none() {
    let setup = Setup::new().fixture("legacy", &["--tasks", "--era", "legacy"], json!({}));
    let hub = setup.fixture("modern", &["--tasks", "--era", "modern"], json!({})).ready().await;
    for (era, upstream) in [(Era::Legacy, "legacy"), (Era::Legacy, "modern"), (Era::Modern, "legacy")] {
        let reply = client_of(&hub, era).await.call(&format!("{upstream}__job"), json!({})).await;
        assert_eq!(reply.text(), format!("job of {upstream}"), "{}", reply.raw);
    }
    // A member of this name that belongs to no task is left alone.
    let reply = client_of(&hub, Era::Legacy).await.call("modern__echo", json!({"message": "taskId"})).await;
    assert_eq!(reply.text(), "taskId");
}
