//! Tasks of one era in the form of the other.
//!
//! Legacy (specification 2025-11-25, tasks): `{"task": {…}}` answers a call, `tasks/get` says how it is, `tasks/result`
//! waits for its result. Modern (extension `io.modelcontextprotocol/tasks`): the answer is the task, and `tasks/get` says
//! how it is and holds the result.

use crate::raw;
use crate::version::meta;

/// The key of `_meta` that says which task a message belongs to.
pub const RELATED: &str = meta::RELATED_TASK;

/// Members that say the same in both eras: legacy, modern.
const NAMES: [(&str, &str); 2] = [("ttl", "ttlMs"), ("pollInterval", "pollIntervalMs")];

/// Members of a modern task that a legacy one does not have.
const MODERN_ONLY: [&str; 5] = ["resultType", "result", "error", "inputRequests", "requestState"];

/// How a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It goes on.
    Working,
    /// It waits for its client.
    InputRequired,
    /// It has a result.
    Completed,
    /// It ended with an error.
    Failed,
    /// It was cancelled.
    Cancelled,
}

/// How the task with these members (raw JSON) is. What is not known goes on.
pub fn status(task: &str) -> Status {
    match raw::get(task, "status").and_then(raw::text).as_deref() {
        Some("input_required") => Status::InputRequired,
        Some("completed") => Status::Completed,
        Some("failed") => Status::Failed,
        Some("cancelled") => Status::Cancelled,
        _ => Status::Working,
    }
}

/// Whether the result of a modern call is a task.
pub fn is_task(result: &str) -> bool {
    result.contains("task") && raw::get(result, "resultType").and_then(raw::text).as_deref() == Some("task")
}

/// A modern task, with what `tasks/get` adds to it, as a legacy one.
pub fn legacy(modern: &str) -> String {
    // A tool that failed is a task that failed in the legacy era, and one that was completed in the modern.
    let failed = status(modern) == Status::Completed && raw::at(modern, &["result", "isError"]) == Some("true");
    let members = raw::members(modern).filter(|member| !MODERN_ONLY.iter().any(|name| member.is(name)));
    let renamed: Vec<String> = members
        .map(|member| match NAMES.iter().find(|(_, modern)| member.is(modern)) {
            Some((name, _)) => format!("\"{name}\":{}", member.value),
            None if failed && member.is("status") => r#""status":"failed""#.to_owned(),
            None => format!("{}:{}", member.key, member.value),
        })
        .collect();
    format!("{{{}}}", renamed.join(","))
}

/// The legacy answer to a call that became the modern task `modern`.
pub fn legacy_created(modern: &str) -> String {
    format!("{{\"task\":{}}}", legacy(modern))
}

/// A legacy task as a modern one. `kind` is its `resultType`; `more` is a member besides, its value raw JSON.
pub fn modern(legacy: &str, kind: &str, more: Option<(&str, &str)>) -> String {
    // The result tells whether a tool failed; the task itself has ended well then.
    let status = match more {
        Some(("result", _)) => Some("completed"),
        Some(("error", _)) => Some("failed"),
        _ => None,
    };
    let mut members = vec![format!("\"resultType\":\"{kind}\"")];
    for member in raw::members(legacy).filter(|member| !member.is("resultType")) {
        let name = NAMES.iter().find(|(legacy, _)| member.is(legacy)).map(|(_, modern)| format!("\"{modern}\""));
        let value = match status {
            Some(status) if member.is("status") => format!("\"{status}\""),
            _ => member.value.to_owned(),
        };
        members.push(format!("{}:{value}", name.as_deref().unwrap_or(member.key)));
    }
    if raw::get(legacy, "ttl").is_none() {
        members.push("\"ttlMs\":null".to_owned());
    }
    members.extend(more.map(|(name, value)| format!("\"{name}\":{value}")));
    format!("{{{}}}", members.join(","))
}

/// The modern answer to a call that became a legacy task, whose answer was `created`. Nothing when that is no task.
pub fn modern_created(created: &str) -> Option<String> {
    let task = raw::get(created, "task").filter(|task| raw::get(task, "taskId").is_some())?;
    Some(modern(task, "task", None))
}

/// `result` with the word that it belongs to the task `id`, a raw JSON string, as legacy results of tasks have.
pub fn related(result: &str, id: &str) -> String {
    let value = format!("{{\"taskId\":{id}}}");
    let mut splice = raw::Splice::new(result);
    match raw::get(result, "_meta").filter(|own| raw::is_object(own)) {
        Some(own) => match raw::get(own, RELATED) {
            Some(old) => splice.replace(old, value),
            None => splice.insert(own, RELATED, &value),
        },
        None => splice.insert(result, "_meta", &format!("{{\"{RELATED}\":{value}}}")),
    };
    splice.finish().into_owned()
}

/// `result` without that word: the upstream's own id is nobody else's affair.
pub fn unrelated(result: &str) -> String {
    let Some(meta) = raw::get(result, "_meta") else { return result.to_owned() };
    let mut splice = raw::Splice::new(result);
    splice.replace(meta, raw::without(meta, |member| member.is(RELATED)));
    splice.finish().into_owned()
}

#[cfg(test)]
mod tests;
