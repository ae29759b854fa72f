//! Carries out tool calls.

mod faults;
mod process;
mod talk;

pub(crate) use faults::GARBAGE as GARBAGE_LINES;

use super::desk::lock;
use super::era::{self, Era};
use super::flaky;
use super::server::{Answer, Link, Refusal, Server, Session};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Log levels, lowest first.
pub(crate) const LEVELS: [&str; 8] = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

/// One tool call under way.
pub(crate) struct Call {
    pub(crate) server: Arc<Server>,
    pub(crate) era: Era,
    pub(crate) id: Value,
    pub(crate) params: Value,
    pub(crate) link: Link,
}

/// What a tool gives: an answer, or nothing when it has written its own or will never have one.
type Outcome = Option<Answer>;

/// Begins a call. It goes on beside the others until it answers, is cancelled or its reader is gone.
pub(crate) fn start(server: &Arc<Server>, era: Era, id: Value, params: Value, link: Link) {
    let mut cancelled = server.desk.begin(&link.session.name, &id);
    let call = Call { server: Arc::clone(server), era, id, params, link };
    tokio::spawn(async move {
        let (outcome, how) = tokio::select! {
            // What a call does at once it does also when its cancellation has come already.
            biased;
            outcome = Box::pin(call.run()) => (outcome, None),
            _ = cancelled.wait_for(|cancelled| *cancelled) => (None, Some("notification")),
            () = call.link.outlet.gone() => (None, Some("disconnect")),
        };
        // Before the answer goes out: whoever has it may use the id again, and that call must not be ended as this one.
        call.server.desk.end(&call.link.session.name, &call.id);
        if let Some(answer) = outcome {
            call.reply(answer);
        }
        if let Some(how) = how {
            let entry = json!({
                "requestId": call.id, "inFlight": true, "how": how,
                "tool": call.params["name"], "arguments": call.params["arguments"],
            });
            call.server.desk.note(|book| book.cancelled.push(entry));
        }
    });
}

impl Call {
    async fn run(&self) -> Outcome {
        match self.params["name"].as_str().unwrap_or_default() {
            "echo" => self.echo(),
            "add" => {
                let sum = self.number("a") + self.number("b");
                Some(Ok(structured(&json!({"sum": sum}))))
            }
            "hold" => self.hold().await,
            "release" => self.release(),
            "await_hold" => self.await_hold().await,
            "progress" => self.progress().await,
            "log" => self.log(),
            "cancelled" => self.cancelled().await,
            "ask" => self.ask().await,
            "touch" => self.touch(),
            "change_tools" => self.change_tools(),
            "fail" => Some(Ok(json!({"content": [{"type": "text", "text": self.text("text")}], "isError": true}))),
            "error" => self.error(),
            "answer" => self.wanted(),
            "kinds" => Some(Ok(self.kinds())),
            "exit" => self.exit().await,
            "die" => std::process::abort(),
            "hang" => std::future::pending().await,
            "garbage" => self.garbage(),
            "huge" => self.huge(),
            "wrong_id" => self.wrong_id(),
            "nameless_error" => self.nameless_error().await,
            "twice" => self.twice(),
            "hang_up" => {
                self.link.outlet.send_raw(Vec::new());
                std::future::pending().await
            }
            "forget" => self.forget(),
            "fork" => self.fork().await,
            "environment" => self.environment(),
            "whoami" => self.whoami(),
            "stderr" => self.stderr(),
            "secret" => self.said(&format!("the secret of {}", self.server.options.name)),
            name if flaky::FLAKY.contains(&name) => {
                // Over HTTP it was counted when it came in: what is no answer is given there.
                let planned = self.link.planned.clone();
                let message = json!({"method": "tools/call", "params": self.params});
                let how = planned.unwrap_or_else(|| flaky::begin(&self.server, &message));
                Some(flaky::answer(&self.server, how, &self.params).await)
            }
            name => self.listed_elsewhere(name),
        }
    }

    /// Tools of `--tools`, of the tools file and of `change_tools` all do the same.
    fn listed_elsewhere(&self, name: &str) -> Outcome {
        let known = name.starts_with("tool_") || name == "extra" || self.server.options.tools_file.is_some();
        if !known {
            return Some(Err(Refusal::new(-32602, format!("Unknown tool: {name}"))));
        }
        self.said(&format!("{name} of {}", self.server.options.name))
    }

    fn echo(&self) -> Outcome {
        let message = &self.params["arguments"]["message"];
        let Some(text) = message.as_str() else {
            return Some(Err(Refusal::new(-32602, "the argument `message` is missing")));
        };
        Some(Ok(json!({
            "content": [{"type": "text", "text": text, "annotations": {"audience": ["user"]}}],
            "structuredContent": {"message": text},
            "_meta": {"com.example/from": self.server.options.name},
            "x-vendor": super::outlet::VENDOR_PLACE,
        })))
    }

    /// The session's part is done: writes the answer.
    fn reply(&self, answer: Answer) {
        let message = match answer {
            Ok(result) => self.server.complete(self.era, &self.id, result),
            Err(refusal) => refusal.answer(&self.id),
        };
        self.link.outlet.send(&message);
    }

    fn said(&self, text: &str) -> Outcome {
        Some(Ok(json!({"content": [{"type": "text", "text": text}]})))
    }

    fn text(&self, name: &str) -> &str {
        self.params["arguments"][name].as_str().unwrap_or_default()
    }

    fn number(&self, name: &str) -> f64 {
        self.params["arguments"][name].as_f64().unwrap_or_default()
    }

    fn count(&self, name: &str, otherwise: u64) -> u64 {
        self.params["arguments"][name].as_u64().unwrap_or(otherwise)
    }

    fn flag(&self, name: &str) -> bool {
        self.params["arguments"][name].as_bool().unwrap_or_default()
    }
}

/// A result with an object, and its text for older clients.
fn structured(value: &Value) -> Value {
    json!({"content": [{"type": "text", "text": value.to_string()}], "structuredContent": value})
}

/// Handles `logging/setLevel`.
pub(crate) fn set_level(session: &Session, params: &Value) -> Answer {
    let place = LEVELS.iter().position(|level| params["level"] == *level);
    lock(&session.state).level = place.ok_or_else(|| Refusal::new(-32602, "unknown level"))?;
    Ok(json!({}))
}

/// The place of the lowest level that the client of this call wants; nothing when it wants none.
fn wanted_level(call: &Call) -> Option<usize> {
    match call.era {
        Era::Legacy => Some(lock(&call.link.session.state).level),
        Era::Modern => {
            let level = &call.params["_meta"]["io.modelcontextprotocol/logLevel"];
            LEVELS.iter().position(|known| level == known)
        }
    }
}

/// Resolves when `path` exists. A file is looked for again and again: it may be on a file system without events.
pub(crate) async fn file_appears(path: &Path) {
    while !path.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The progress token as the caller gave it.
fn progress_token(call: &Call) -> Option<&Value> {
    call.params["_meta"].get("progressToken")
}

/// Whether a subscription wants changes of the tool list.
fn wants_tools(filter: &Value) -> bool {
    filter["toolsListChanged"] == true
}

/// The name under which a modern request carries its version, for the tools that report it.
pub(crate) fn version_of(params: &Value) -> &Value {
    &params["_meta"][era::META_VERSION]
}
