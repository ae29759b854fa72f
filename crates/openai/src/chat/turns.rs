//! Writing messages of requests.

use super::body::Body;
use super::notes::{CONTENT, PLACE};
use super::{OWN, content, reasoning, tool_call};
use conversation::extra::Extra;
use conversation::ids::{self, Calls};
use conversation::item::{Item, ToolResult};
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::loss::Losses;
use conversation::request::{Role, Turn};

/// Writes turns as messages.
pub(super) struct Messages<'a> {
    out: ArrayWriter,
    calls: Calls,
    /// Pictures and the like in results of tools. Only texts have a place there, and only results may stand between a
    /// call and the next message, so these follow in a message of the user's.
    later: Vec<(String, &'a Item)>,
}

impl<'a> Messages<'a> {
    /// The messages that say `turns`.
    pub(super) fn write(turns: &'a [Turn], losses: &mut Losses) -> ArrayWriter {
        let mut messages = Self { out: ArrayWriter::new(), calls: Calls::new(), later: Vec::new() };
        let mut rest = turns;
        while let Some((first, behind)) = rest.split_first() {
            let joined = if first.role == Role::Assistant && !first.extra.is_from(OWN) {
                let joins = |turn: &&Turn| turn.role == Role::Assistant && !turn.extra.is_from(OWN);
                behind.iter().take_while(joins).count()
            } else {
                0
            };
            let (group, behind) = rest.split_at(joined + 1);
            match first.role {
                Role::Assistant => messages.assistant(group, losses),
                _ => messages.other(first, losses),
            }
            rest = behind;
        }
        messages.flush(losses);
        messages.out
    }

    /// What the model said in one go: other dialects may say it in several turns.
    fn assistant(&mut self, turns: &'a [Turn], losses: &mut Losses) {
        self.flush(losses);
        let items: Vec<&Item> = turns.iter().flat_map(|turn| &turn.items).collect();
        let nothing = Extra::default();
        let (own, extra) = match turns {
            [turn] => (turn.extra.is_from(OWN), &turn.extra),
            _ => (false, &nothing),
        };
        let mut out = ObjectWriter::new();
        out.text("role", "assistant");
        if !own {
            turns.iter().for_each(|turn| turn.extra.lose("message", losses));
        }
        let has_text = items.iter().any(|item| matches!(item, Item::Text(_)));
        let has_thoughts = items.iter().any(|item| reasoning::is_thought(item));
        let calls = &mut self.calls;
        let body = Body { items, extra, own, answer: false };
        body.write(&mut |call| calls.call(call), &mut out, losses);
        // Servers refuse a message without content and calls, so what has neither is left out.
        if !own && !has_text && !out.has("tool_calls") && !out.has("function_call") {
            losses.add_if(has_thoughts, "reasoning");
            return;
        }
        if own {
            extra.write(OWN, "message", &mut out, losses);
        }
        self.out.object(out);
    }

    /// What anybody else says: results of tools first, because they must follow the calls.
    fn other(&mut self, turn: &'a Turn, losses: &mut Losses) {
        let mut said = Vec::new();
        for item in &turn.items {
            match item {
                Item::ToolResult(result) => self.result(result, losses),
                // It was for the result before it.
                Item::CacheBreakpoint(_) if said.is_empty() => losses.add("cache_breakpoint"),
                item => said.push(item),
            }
        }
        if said.is_empty() && !turn.items.is_empty() {
            turn.extra.lose("message", losses);
            return;
        }
        self.flush(losses);
        let own = turn.extra.is_from(OWN);
        let role = match &turn.role {
            Role::System => "system",
            // Most servers know the older word only, and OpenAI takes each for the other.
            Role::Developer => {
                if own {
                    "developer"
                } else {
                    "system"
                }
            }
            Role::Other(role) if own => role,
            _ => "user",
        };
        let mut out = ObjectWriter::new();
        out.text("role", role);
        content::write(&said, turn.extra.noted(OWN, CONTENT), &mut out, losses);
        turn.extra.write(OWN, "message", &mut out, losses);
        if !own && !out.has("content") {
            return;
        }
        self.out.object(out);
    }

    fn result(&mut self, result: &'a ToolResult, losses: &mut Losses) {
        let (id, name) = self.calls.result(result);
        let own = result.extra.is_from(OWN);
        let old = result.extra.noted(OWN, PLACE) == Some("function");
        let mut out = ObjectWriter::new();
        out.text("role", if old { "function" } else { "tool" });
        if own {
            out.text_if("tool_call_id", result.id.as_deref()).text_if("name", result.name.as_deref());
        } else {
            out.text("tool_call_id", &ids::fit(&id, tool_call::LONGEST_ID));
        }
        let texts = |item: &&Item| own || !matches!(item, Item::Media(_));
        let content: Vec<&Item> = result.content.iter().filter(texts).collect();
        content::write(&content, result.extra.noted(OWN, CONTENT), &mut out, losses);
        if !own {
            losses.add_if(result.is_error == Some(true), "tool_result.is_error");
            if !out.has("content") {
                out.text("content", "");
            }
            let label = name.unwrap_or(id);
            let media = result.content.iter().filter(|item| matches!(item, Item::Media(_)));
            self.later.extend(media.map(|item| (label.clone(), item)));
        }
        result.extra.write(OWN, "tool_result", &mut out, losses);
        self.out.object(out);
    }

    fn flush(&mut self, losses: &mut Losses) {
        if self.later.is_empty() {
            return;
        }
        let mut parts = ArrayWriter::new();
        for (label, item) in std::mem::take(&mut self.later) {
            let mut text = ObjectWriter::new();
            text.text("type", "text").text("text", &format!("Part of the result of {label}:"));
            parts.object(text);
            if let Some(part) = content::write_part(item, None, losses) {
                parts.raw(&part);
            }
        }
        let mut out = ObjectWriter::new();
        out.text("role", "user").array("content", parts);
        self.out.object(out);
    }
}
