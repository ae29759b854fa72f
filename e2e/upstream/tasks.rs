//! Calls that run as tasks, in the way of either era: the tools `job` and `job_only`.

use super::era::Era;
use super::server::{Answer, Link, Refusal, Server};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::watch;

const RELATED: &str = "io.modelcontextprotocol/related-task";
const EXTENSION: &str = "io.modelcontextprotocol/tasks";

/// All tasks of this process.
pub(crate) struct Tasks(watch::Sender<Vec<Job>>);

#[derive(Clone)]
struct Job {
    session: String,
    status: &'static str,
    /// What it wants of the client: method and params.
    ask: Option<(Value, Value)>,
    answer: Option<Value>,
    result: Option<Value>,
    error: Option<Value>,
}

impl Tasks {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Vec::new()))
    }
}

/// The tools, as the list shows them.
pub(crate) fn definitions() -> Vec<Value> {
    let tool = |name: &str, support: &str| {
        let mut tool =
            super::tools::plain(name, "Runs as a task: waits for `hold`, asks for `ask`, ends with `error` or `text`.");
        tool["execution"] = json!({"taskSupport": support});
        tool
    };
    vec![tool("job", "optional"), tool("job_only", "required")]
}

/// What the era calls the capability.
pub(crate) fn capability(era: Era, capabilities: &mut Value) {
    match era {
        Era::Legacy => capabilities["tasks"] = json!({"list": {}, "cancel": {}, "requests": {"tools": {"call": {}}}}),
        Era::Modern => capabilities["extensions"][EXTENSION] = json!({}),
    }
}

/// Takes a request, if it is about tasks.
pub(crate) fn take(server: &Arc<Server>, era: Era, id: &Value, method: &str, params: &Value, link: &Link) -> bool {
    let job = method == "tools/call" && matches!(params["name"].as_str(), Some("job" | "job_only"));
    if !server.options.tasks || !(job || method.starts_with("tasks/")) {
        return false;
    }
    let (server, id, method, params, link) =
        (Arc::clone(server), id.clone(), method.to_owned(), params.clone(), link.clone());
    tokio::spawn(async move {
        let answer = match method.as_str() {
            "tools/call" => call(&server, era, &params, &link).await,
            "tasks/result" if era == Era::Legacy => outcome(&server, &params, &link).await,
            method => about(&server, era, method, &params),
        };
        let message = match answer {
            Ok(result) => server.complete(era, &id, result),
            Err(refusal) => refusal.answer(&id),
        };
        link.outlet.send(&message);
    });
    true
}

async fn call(server: &Arc<Server>, era: Era, params: &Value, link: &Link) -> Answer {
    let wanted = match era {
        Era::Legacy => params["task"].is_object(),
        Era::Modern => params["_meta"][super::era::META_CAPABILITIES]["extensions"][EXTENSION].is_object(),
    };
    if params["name"] == "job_only" && !wanted {
        return Err(match era {
            Era::Legacy => Refusal::new(-32601, "job_only runs as a task only"),
            Era::Modern => Refusal::new(-32021, "job_only runs as a task only")
                .with_data(json!({"requiredCapabilities": {"extensions": {EXTENSION: {}}}})),
        });
    }
    let at = begin(server, &params["arguments"], link);
    if wanted && params["arguments"]["at_once"] != true {
        let task = show(server, era, at);
        return Ok(match era {
            Era::Legacy => json!({"task": task}),
            Era::Modern => {
                let mut task = task;
                task["resultType"] = json!("task");
                task
            }
        });
    }
    ended(server, at).await
}

/// Starts a task; gives its place.
fn begin(server: &Arc<Server>, arguments: &Value, link: &Link) -> usize {
    let ask = arguments["ask"].as_object().map(|ask| (ask["method"].clone(), ask["params"].clone()));
    let job = Job {
        session: link.session.name.clone(),
        status: if ask.is_some() { "input_required" } else { "working" },
        ask,
        answer: None,
        result: None,
        error: None,
    };
    let mut at = 0;
    server.tasks.0.send_modify(|jobs| {
        at = jobs.len();
        jobs.push(job);
    });
    let (server, arguments) = (Arc::clone(server), arguments.clone());
    tokio::spawn(async move {
        let asked = wait(&server, at, |job| job.ask.is_none() || job.answer.is_some()).await;
        change(&server, at, |job| job.status = "working");
        if let Some(hold) = arguments["hold"].as_str() {
            server.desk.wait_for_release(hold).await;
        }
        change(&server, at, |job| match arguments["error"].as_i64() {
            Some(code) => {
                job.status = "failed";
                job.error = Some(json!({"code": code, "message": "the job failed"}));
            }
            None => {
                job.status = "completed";
                let usual = format!("job of {}", server.options.name);
                let said = arguments["text"].as_str().unwrap_or(&usual);
                job.result = Some(json!({
                    "content": [
                        {"type": "text", "text": said},
                        {"type": "resource_link", "uri": "test://static", "name": "static"},
                    ],
                    "structuredContent": {"answer": asked.answer}, "isError": arguments["fail"] == true,
                    "x-vendor": super::outlet::VENDOR_PLACE,
                }));
            }
        });
    });
    at
}

fn change(server: &Server, at: usize, change: impl FnOnce(&mut Job)) {
    server.tasks.0.send_modify(|jobs| {
        if !matches!(jobs[at].status, "completed" | "failed" | "cancelled") {
            change(&mut jobs[at]);
        }
    });
    let session = server.tasks.0.borrow()[at].session.clone();
    let task = show(server, Era::Legacy, at);
    server.desk.announce("notifications/tasks/status", &task, Some(&session), |_| false);
}

async fn wait(server: &Server, at: usize, is_so: impl Fn(&Job) -> bool) -> Job {
    let mut jobs = server.tasks.0.subscribe();
    let jobs = jobs.wait_for(|jobs| is_so(&jobs[at])).await.expect("the tasks live as long as the process");
    jobs[at].clone()
}

async fn ended(server: &Server, at: usize) -> Answer {
    let job = wait(server, at, |job| matches!(job.status, "completed" | "failed" | "cancelled")).await;
    match (job.result, job.error) {
        (Some(result), _) => Ok(result),
        (None, Some(error)) => Err(Refusal::new(error["code"].as_i64().unwrap_or_default(), "the job failed")),
        (None, None) => Err(Refusal::new(-32000, "the job was cancelled")),
    }
}

/// The task as the era shows it.
fn show(server: &Server, era: Era, at: usize) -> Value {
    let job = server.tasks.0.borrow()[at].clone();
    let failed = era == Era::Legacy && job.result.as_ref().is_some_and(|result| result["isError"] == true);
    let mut task = json!({
        "taskId": format!("task-{at}"), "status": if failed { "failed" } else { job.status },
        "createdAt": "2026-01-01T00:00:00Z", "lastUpdatedAt": "2026-01-01T00:00:00Z",
    });
    match era {
        Era::Legacy => {
            task["ttl"] = json!(60_000);
            task["pollInterval"] = json!(50);
        }
        Era::Modern => {
            task["ttlMs"] = json!(60_000);
            task["pollIntervalMs"] = json!(50);
        }
    }
    task
}

fn place(server: &Server, params: &Value) -> Result<usize, Refusal> {
    let place = params["taskId"].as_str().and_then(|id| id.strip_prefix("task-")?.parse::<usize>().ok());
    let known = place.filter(|place| *place < server.tasks.0.borrow().len());
    known.ok_or_else(|| Refusal::new(-32602, format!("Task not found: {}", params["taskId"])))
}

/// Answers `tasks/result`: asks what the task wants to know, and waits for its end.
async fn outcome(server: &Arc<Server>, params: &Value, link: &Link) -> Answer {
    let at = place(server, params)?;
    let related = json!({RELATED: {"taskId": params["taskId"]}});
    let job = server.tasks.0.borrow()[at].clone();
    if let (Some((method, asked)), None) = (job.ask, job.answer) {
        let mut asked = asked;
        asked["_meta"] = related.clone();
        let answer = server.desk.ask(&link.outlet, method.as_str().unwrap_or_default(), &asked).await;
        change(server, at, |job| job.answer = Some(answer["result"].clone()));
    }
    let mut result = ended(server, at).await?;
    result["_meta"] = related;
    Ok(result)
}

fn about(server: &Server, era: Era, method: &str, params: &Value) -> Answer {
    if method == "tasks/list" && era == Era::Legacy {
        let all = server.tasks.0.borrow().len();
        let start = params["cursor"].as_str().and_then(|cursor| cursor.parse::<usize>().ok()).unwrap_or(0);
        let end = server.options.page_size.map_or(all, |size| (start + size).min(all));
        let tasks: Vec<Value> = (start..end).map(|at| show(server, era, at)).collect();
        let mut result = json!({"tasks": tasks});
        if end < all {
            result["nextCursor"] = json!(end.to_string());
        }
        return Ok(result);
    }
    let at = place(server, params)?;
    match (method, era) {
        ("tasks/get", Era::Legacy) => Ok(show(server, era, at)),
        ("tasks/get", Era::Modern) => {
            let mut task = show(server, era, at);
            let job = server.tasks.0.borrow()[at].clone();
            if let (Some((method, params)), None) = (job.ask, job.answer) {
                task["inputRequests"] = json!({"ask-1": {"method": method, "params": params}});
            }
            if let Some(result) = job.result {
                task["result"] = result;
            }
            if let Some(error) = job.error {
                task["error"] = error;
            }
            Ok(task)
        }
        ("tasks/cancel", _) => {
            change(server, at, |job| job.status = "cancelled");
            Ok(if era == Era::Legacy { show(server, era, at) } else { json!({}) })
        }
        ("tasks/update", Era::Modern) => {
            let answer = params["inputResponses"]["ask-1"].clone();
            if !answer.is_null() {
                change(server, at, |job| job.answer = Some(answer));
            }
            Ok(json!({}))
        }
        _ => Err(Refusal::new(-32601, format!("Method not found: {method}"))),
    }
}
