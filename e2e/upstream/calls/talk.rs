//! Calls that wait for one another, and those that send more than an answer.

use super::{Call, LEVELS, Outcome, file_appears, progress_token, structured, wanted_level, wants_tools};
use crate::upstream::desk::lock;
use crate::upstream::era::Era;
use crate::upstream::outlet::VENDOR_PLACE;
use crate::upstream::server::Refusal;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

impl Call {
    pub(super) async fn hold(&self) -> Outcome {
        let (name, file) = (self.text("name"), self.text("file"));
        let desk = &self.server.desk;
        if file.is_empty() {
            desk.wait_for_release(name).await;
        } else {
            tokio::select! {
                () = desk.wait_for_release(name) => {}
                () = file_appears(Path::new(file)) => {}
            }
        }
        self.said(&format!("held {name}"))
    }

    pub(super) fn release(&self) -> Outcome {
        let (name, times) = (self.text("name").to_owned(), self.count("times", 1));
        self.server.desk.note(|book| *book.released.entry(name).or_default() += times as usize);
        self.said("released")
    }

    pub(super) async fn await_hold(&self) -> Outcome {
        let (name, count) = (self.text("name"), self.count("count", 1) as usize);
        let waiting =
            self.server.desk.wait(|book| book.waiting.get(name).copied().filter(|waiting| *waiting >= count)).await;
        Some(Ok(structured(&json!({"waiting": waiting}))))
    }

    /// Sends notifications with the caller's token, and none when the caller gave none.
    pub(super) async fn progress(&self) -> Outcome {
        let (steps, label, hold) = (self.count("steps", 3), self.text("label"), self.text("hold"));
        let pause = Duration::from_millis(self.count("pause_ms", 0));
        for step in 1..=steps {
            tokio::time::sleep(pause).await;
            if step == steps && !hold.is_empty() {
                self.server.desk.wait_for_release(hold).await;
            }
            if let Some(token) = progress_token(self) {
                let message = format!("{label} {step} of {steps}");
                self.notify(
                    "notifications/progress",
                    &json!({
                        "progressToken": token, "progress": step, "total": steps, "message": message,
                        "x-vendor": VENDOR_PLACE,
                    }),
                );
            }
        }
        Some(Ok(structured(&json!({"steps": steps, "token": progress_token(self)}))))
    }

    pub(super) fn log(&self) -> Outcome {
        let (level, text) = (self.text("level"), self.text("text"));
        let Some(place) = LEVELS.iter().position(|known| *known == level) else {
            return Some(Err(Refusal::new(-32602, format!("there is no level {level}"))));
        };
        let sent = wanted_level(self).is_some_and(|lowest| place >= lowest);
        if sent {
            self.notify("notifications/message", &json!({"level": level, "logger": "fixture", "data": text}));
        }
        Some(Ok(structured(&json!({"sent": sent}))))
    }

    pub(super) async fn cancelled(&self) -> Outcome {
        let least = self.count("at_least", 0) as usize;
        let wait = |book: &crate::upstream::desk::Book| (book.cancelled.len() >= least).then(|| book.cancelled.clone());
        let cancelled = self.server.desk.wait(wait).await;
        Some(Ok(structured(&json!({"cancelled": cancelled}))))
    }

    pub(super) async fn ask(&self) -> Outcome {
        let params = &self.params["arguments"]["params"];
        let params = if params.is_null() { &json!({}) } else { params };
        if self.era == Era::Modern {
            return Some(Ok(self.ask_by_result(params)));
        }
        let desk = &self.server.desk;
        let aside = if self.server.options.asks_aside { Some(desk.aside(&self.link.session.name).await) } else { None };
        let answer = desk.ask(aside.as_ref().unwrap_or(&self.link.outlet), self.text("method"), params).await;
        if self.params["arguments"]["needed"] == true && answer.get("error").is_some() {
            return Some(Err(Refusal::new(-32000, "nothing works without an answer")));
        }
        Some(Ok(structured(&answer)))
    }

    /// Asks as the modern era does: the call comes again with the answers and the state.
    fn ask_by_result(&self, params: &Value) -> Value {
        let (rounds, state) = (self.count("rounds", 1), self.params["requestState"].as_str().unwrap_or_default());
        let done = state.strip_prefix("round ").and_then(|done| done.parse().ok()).unwrap_or(0);
        if done >= rounds {
            return structured(&json!({"result": self.params["inputResponses"]["question"], "rounds": done}));
        }
        let request = json!({"method": self.text("method"), "params": params});
        json!({
            "resultType": "input_required", "requestState": format!("round {}", done + 1),
            "inputRequests": {"question": request},
        })
    }

    pub(super) fn touch(&self) -> Outcome {
        let uri = self.text("uri");
        let session = &self.link.session;
        let subscribed = lock(&session.state).subscribed.contains(uri);
        let only = if subscribed { session.name.as_str() } else { "nobody" };
        let wanted = |filter: &Value| {
            filter["resourceSubscriptions"].as_array().is_some_and(|uris| uris.iter().any(|known| known == uri))
        };
        self.server.desk.announce("notifications/resources/updated", &json!({"uri": uri}), Some(only), wanted);
        Some(Ok(structured(&json!({"subscribed": subscribed}))))
    }

    pub(super) fn change_tools(&self) -> Outcome {
        let before = self.server.desk.extra_tool.fetch_xor(true, Ordering::SeqCst);
        self.server.desk.announce("notifications/tools/list_changed", &json!({}), None, wants_tools);
        Some(Ok(structured(&json!({"extra": !before}))))
    }

    pub(super) fn error(&self) -> Outcome {
        let arguments = &self.params["arguments"];
        let refusal = Refusal::new(arguments["code"].as_i64().unwrap_or(-32000), self.text("message"));
        Some(Err(match arguments.get("data") {
            Some(data) => refusal.with_data(data.clone()),
            None => refusal,
        }))
    }

    pub(super) fn kinds(&self) -> Value {
        json!({
            "content": [
                {"type": "text", "text": "text"},
                {"type": "image", "data": "AAAA", "mimeType": "image/png"},
                {"type": "audio", "data": "AAAA", "mimeType": "audio/wav"},
                {"type": "video", "frames": [1, 2.0, null], "x-vendor": VENDOR_PLACE},
            ],
            "structuredContent": null,
            "isError": false,
        })
    }

    fn notify(&self, method: &str, params: &Value) {
        self.link.outlet.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }
}
