//! Whether an answer is one that may be given again, by how it says that it ends. Pure.

use inspection::dialect::{Dialect, Endpoint};
use mcp::raw;

/// Whether a whole answer may be given again: not one that a filter cut off, that is paused, or that says nothing of its end.
pub(super) fn may_keep(endpoint: Endpoint, text: &str) -> bool {
    let mut ends = Ends::default();
    if endpoint.generates() {
        ends.look(endpoint.dialect(), text);
    }
    !endpoint.generates() || ends.are_fine()
}

/// The same of all events of a stream that ended well.
pub(super) fn may_keep_stream(dialect: Dialect, text: &str) -> bool {
    let mut ends = Ends::default();
    for line in text.lines() {
        let data = if dialect == Dialect::Ollama { Some(line) } else { line.strip_prefix("data:") };
        if let Some(data) = data.map(str::trim).filter(|data| raw::is_object(data)) {
            ends.look(dialect, data);
        }
    }
    ends.are_fine()
}

/// The ends of the answers side by side.
#[derive(Default)]
struct Ends {
    seen: bool,
    bad: bool,
}

impl Ends {
    fn are_fine(&self) -> bool {
        self.seen && !self.bad
    }

    fn look(&mut self, dialect: Dialect, json: &str) {
        match dialect {
            Dialect::OpenAiChat => {
                for choice in raw::elements(raw::get(json, "choices").unwrap_or_default()) {
                    self.saw(raw::get(choice, "finish_reason"), &["stop", "length", "tool_calls", "function_call"]);
                }
            }
            Dialect::OpenAiResponses => {
                let response = raw::get(json, "response").unwrap_or(json);
                let status = raw::get(response, "status");
                let reason = raw::at(response, &["incomplete_details", "reason"]);
                match status.and_then(raw::text).as_deref() {
                    Some("incomplete") => self.saw(reason.or(status), &["max_output_tokens"]),
                    Some("queued" | "in_progress") if raw::get(json, "response").is_some() => {}
                    _ => self.saw(status, &["completed"]),
                }
            }
            Dialect::Anthropic => {
                let reason = raw::get(json, "stop_reason").or_else(|| raw::at(json, &["delta", "stop_reason"]));
                let fine = ["end_turn", "stop_sequence", "max_tokens", "tool_use", "model_context_window_exceeded"];
                self.saw(reason, &fine);
            }
            Dialect::Gemini => {
                self.saw(raw::at(json, &["promptFeedback", "blockReason"]), &[]);
                for candidate in raw::elements(raw::get(json, "candidates").unwrap_or_default()) {
                    self.saw(raw::get(candidate, "finishReason"), &["STOP", "MAX_TOKENS"]);
                }
            }
            Dialect::Ollama => self.saw(raw::get(json, "done_reason"), &["stop", "length"]),
            Dialect::Bedrock => {}
        }
    }

    /// Takes the word for an end, if there is one.
    fn saw(&mut self, word: Option<&str>, fine: &[&str]) {
        if let Some(word) = word.filter(|word| !matches!(*word, "null" | "\"\"")) {
            self.seen = true;
            self.bad |= raw::text(word).is_none_or(|word| !fine.contains(&word.as_ref()));
        }
    }
}

#[cfg(test)]
mod tests;
