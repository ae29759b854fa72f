//! Requests as they are written.

use super::super::message::{ABSENT, OWN, Saying};
use conversation::ids::Calls;
use conversation::item::{Item, ToolResult};
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::loss::{Losses, Written};
use conversation::request::{
    Format, Function, JsonSchema, Request, Role, Shown, Thinking, ThinkingMode, Tool, ToolChoice, Turn,
};

pub(crate) fn write_request(request: &Request) -> Written {
    let (mut out, mut losses) = (ObjectWriter::new(), Losses::new());
    let noted = |name| request.extra.noted(OWN, name);
    out.text("model", &request.model);
    let mut messages = Messages::default();
    let joins = |turn: &Turn| turn.role == Role::Assistant && !turn.extra.is_from(OWN);
    for turns in request.turns.chunk_by(|turn, next| joins(turn) && joins(next)) {
        messages.add(turns, &mut losses);
    }
    if !matches!(noted("messages"), Some(ABSENT | "null")) || !messages.list.is_empty() {
        out.array("messages", messages.list);
    }
    let tools = write_tools(request, &mut losses);
    if !tools.is_empty() || noted("tools") == Some("[]") {
        out.array("tools", tools);
    }
    match &request.format {
        Some(format) => write_format(format, &mut out, &mut losses),
        None => {
            if let Some(raw) = noted("format").filter(|raw| *raw != "null") {
                out.raw("format", raw);
            }
        }
    }
    if let Some(thinking) = &request.thinking {
        write_thinking(thinking, &mut out, &mut losses);
    }
    if !(request.stream && noted("stream").is_some()) {
        out.flag("stream", request.stream);
    }
    write_options(request, &mut out, &mut losses);
    losses.add_if(request.parallel_tool_calls == Some(false), "parallel_tool_calls");
    losses.add_if(request.user.is_some(), "user");
    losses.add_if(request.metadata.is_some(), "metadata");
    request.extra.write(OWN, "request", &mut out, &mut losses);
    Written { body: out.finish(), losses }
}

/// The messages. A turn of this dialect is one; of another it is one for each result of a tool, and one for what else is
/// said, if anything is. What a model said in one go is one message, though other dialects may say it in several turns.
#[derive(Default)]
struct Messages {
    list: ArrayWriter,
    calls: Calls,
}

impl Messages {
    /// Adds a turn, or several of a model's.
    fn add(&mut self, turns: &[Turn], losses: &mut Losses) {
        let Some(first) = turns.first() else { return };
        let begin = || if first.role == Role::Assistant { Saying::default() } else { Saying::in_lines() };
        let (mut saying, mut written) = (begin(), 0);
        for turn in turns {
            saying.begin_turn();
            for item in &turn.items {
                if let Item::ToolCall(call) = item {
                    self.calls.call(call);
                }
                let Item::ToolResult(result) = item else {
                    saying.add(item, losses);
                    continue;
                };
                if !saying.is_empty() {
                    self.end(first, std::mem::replace(&mut saying, begin()), ObjectWriter::new(), &mut written, losses);
                }
                let (content, out) = self.result(result, losses);
                self.end(first, content, out, &mut written, losses);
            }
        }
        turns.iter().skip(1).for_each(|turn| turn.extra.lose("message", losses));
        if !saying.is_empty() || written == 0 && says_nothing_on_purpose(turns) {
            self.end(first, saying, ObjectWriter::new(), &mut written, losses);
        } else if written == 0 {
            first.extra.lose("message", losses);
        }
    }

    /// Adds a message. What else was said of the turn goes with its first one.
    fn end(&mut self, turn: &Turn, saying: Saying, mut out: ObjectWriter, written: &mut usize, losses: &mut Losses) {
        out.text("role", role(turn, losses));
        saying.write(&turn.extra, &mut out);
        if *written == 0 {
            turn.extra.write(OWN, "message", &mut out, losses);
        }
        *written += 1;
        self.list.object(out);
    }

    /// What a tool answered, and the beginning of the message that says it: the tool's name, by which older servers tell
    /// results apart, and the call's id if it had one.
    fn result(&mut self, result: &ToolResult, losses: &mut Losses) -> (Saying, ObjectWriter) {
        let (mut saying, mut out) = (Saying::in_lines(), ObjectWriter::new());
        let (_, name) = self.calls.result(result);
        result.content.iter().for_each(|item| saying.add(item, losses));
        losses.add_if(result.is_error == Some(true), "tool_result.is_error");
        result.extra.lose("tool_result", losses);
        out.text("role", "tool");
        // A result that came without a name goes without one.
        let name = name.filter(|_| result.name.is_some() || !result.extra.is_from(OWN));
        out.text_if("tool_name", name.as_deref()).text_if("tool_call_id", result.id.as_deref());
        (saying, out)
    }
}

/// Whether a message without content is what was meant: it was one here, or its text is empty. Where all that a turn said
/// has no place here, an empty message would say what nobody said.
fn says_nothing_on_purpose(turns: &[Turn]) -> bool {
    let is_meant = |turn: &Turn| turn.extra.is_from(OWN) || turn.items.iter().any(|item| matches!(item, Item::Text(_)));
    turns.iter().any(is_meant)
}

fn role<'a>(turn: &'a Turn, losses: &mut Losses) -> &'a str {
    if let Some(word) = turn.extra.noted(OWN, "role") {
        return word;
    }
    match &turn.role {
        Role::System | Role::Developer => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
        Role::Other(word) if turn.extra.is_from(OWN) => word,
        Role::Other(_) => {
            losses.add("message.role");
            "user"
        }
    }
}

/// The tools that may be called: where none may, or only some, the others are left out, for a choice cannot be said.
fn write_tools(request: &Request, losses: &mut Losses) -> ArrayWriter {
    let mut list = ArrayWriter::new();
    let (allowed, lost) = match &request.tool_choice {
        None | Some(ToolChoice::Auto) => (None, false),
        Some(ToolChoice::None) => (Some(&[][..]), false),
        Some(ToolChoice::Allowed { names, required }) => (Some(names.as_slice()), *required),
        Some(ToolChoice::Required | ToolChoice::Function(_) | ToolChoice::Opaque(_)) => (None, true),
    };
    losses.add_if(lost, "tool_choice");
    for (number, tool) in request.tools.iter().enumerate() {
        match tool {
            Tool::Function(function) => {
                if allowed.is_none_or(|names| names.contains(&function.name)) {
                    list.object(write_function(function, number, losses));
                }
            }
            Tool::Opaque(opaque) if opaque.dialect == OWN => {
                list.raw(opaque.raw.as_str());
            }
            Tool::Opaque(opaque) => losses.add(&format!("{}.{}", opaque.dialect.name(), opaque.kind)),
        }
    }
    list
}

fn write_function(function: &Function, number: usize, losses: &mut Losses) -> ObjectWriter {
    let (mut out, mut inner) = (ObjectWriter::new(), ObjectWriter::new());
    match function.extra.noted(OWN, "type") {
        Some(ABSENT | "null") => {}
        Some(raw) => {
            out.raw("type", raw);
        }
        None => {
            out.text("type", "function");
        }
    }
    if function.extra.noted(OWN, "name").is_none() {
        inner.text("name", &function.name);
    }
    inner.text_if("description", function.description.as_deref());
    inner.raw_if("parameters", function.parameters.as_ref());
    losses.add_if(function.strict == Some(true), &format!("tools[{number}].strict"));
    losses.add_if(function.cache.is_some(), "cache_breakpoint");
    if let Some(extra) = function.extra.inner(OWN, "function") {
        extra.write(OWN, "tool.function", &mut inner, losses);
    }
    out.object("function", inner);
    function.extra.write(OWN, &format!("tools[{number}]"), &mut out, losses);
    out
}

/// The server always keeps to a schema, and has no place for its name.
fn write_format(format: &Format, out: &mut ObjectWriter, losses: &mut Losses) {
    match format {
        Format::Text => {}
        Format::JsonObject => {
            out.text("format", "json");
        }
        Format::JsonSchema(JsonSchema { description, schema, extra, .. }) => {
            losses.add_if(description.is_some(), "format.description");
            extra.lose("format", losses);
            out.raw_if("format", schema.as_ref()).text("format", "json");
        }
        Format::Opaque(opaque) if opaque.dialect == OWN => {
            out.raw("format", opaque.raw.as_str());
        }
        Format::Opaque(_) => losses.add("format"),
    }
}

fn write_thinking(thinking: &Thinking, out: &mut ObjectWriter, losses: &mut Losses) {
    losses.add_if(thinking.budget.is_some() && !thinking.is_off(), "thinking.budget");
    let hidden = !matches!(thinking.shown, None | Some(Shown::Shown));
    losses.add_if(hidden && !thinking.is_off(), "thinking.shown");
    thinking.extra.lose("thinking", losses);
    let own = thinking.extra.is_from(OWN);
    match (&thinking.effort, &thinking.mode) {
        (_, Some(ThinkingMode::Other(_))) => losses.add("thinking"),
        (Some(word), _) if own => {
            out.text("think", word);
        }
        _ if thinking.is_off() => {
            out.flag("think", false);
        }
        (Some(word), _) => {
            let level = level(word);
            losses.add_if(level != word, "thinking.effort");
            out.text("think", level);
        }
        (None, None) if thinking.budget.is_none() => {}
        (None, _) => {
            out.flag("think", true);
        }
    }
}

/// The server knows `low`, `medium`, `high` and `max`.
fn level(effort: &str) -> &str {
    match effort {
        "minimal" => "low",
        "xhigh" => "max",
        word => word,
    }
}

fn write_options(request: &Request, out: &mut ObjectWriter, losses: &mut Losses) {
    let (mut options, sampling) = (ObjectWriter::new(), &request.sampling);
    let numbers = [
        ("temperature", &sampling.temperature),
        ("top_p", &sampling.top_p),
        ("top_k", &sampling.top_k),
        ("seed", &sampling.seed),
        ("frequency_penalty", &sampling.frequency_penalty),
        ("presence_penalty", &sampling.presence_penalty),
        ("num_predict", &request.max_tokens),
    ];
    for (name, number) in numbers {
        options.number_if(name, number.as_ref());
    }
    let mut stop = ArrayWriter::new();
    for word in &request.stop {
        stop.text(word);
    }
    match request.extra.noted(OWN, "stop") {
        Some(raw) => {
            options.raw("stop", raw);
        }
        None if !stop.is_empty() => {
            options.array("stop", stop);
        }
        None => {}
    }
    if let Some(inner) = request.extra.inner(OWN, "options") {
        inner.write(OWN, "request.options", &mut options, losses);
    }
    if !options.is_empty() || request.extra.noted(OWN, "options") == Some("{}") {
        out.object("options", options);
    }
}

#[cfg(test)]
mod tests;
