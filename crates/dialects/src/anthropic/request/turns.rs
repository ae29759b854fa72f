//! The conversation, written: the system prompt and the messages.
//!
//! Messages that were read here stay as they were. Turns from elsewhere are put together: what instructs goes to the
//! system prompt, what follows in one role becomes one message, and results of tools stand first in it, unless their calls
//! are not in the conversation: then these are texts among others.

use super::super::{LONGEST_ID, OWN, content, said};
use super::SYSTEM;
use conversation::ids::{self, Calls};
use conversation::item::{CacheBreakpoint, Item, ToolResult, with_breakpoints};
use conversation::json::write::{ArrayWriter, ObjectWriter, quote};
use conversation::loss::Losses;
use conversation::request::{Role, Turn};

/// The conversation as it is written.
#[derive(Debug)]
pub(super) struct Conversation {
    /// The value of `system`.
    pub(super) system: Option<String>,
    /// The messages.
    pub(super) messages: ArrayWriter,
}

/// Blocks of one message, or of the system prompt.
#[derive(Debug)]
struct Blocks<'a> {
    role: &'a str,
    /// The turn of this dialect that it is, if it is one.
    turn: Option<&'a Turn>,
    /// Whether something from elsewhere is in it.
    foreign: bool,
    results: Vec<String>,
    others: Vec<String>,
    /// What it says if it is one text and nothing else.
    plain: Option<&'a str>,
}

impl<'a> Blocks<'a> {
    fn new(role: &'a str) -> Self {
        Self { role, turn: None, foreign: false, results: Vec::new(), others: Vec::new(), plain: None }
    }

    /// The value of `content`: a text if it is no more than that, and if it was one.
    fn content(&self) -> String {
        let noted = self.turn.and_then(|turn| turn.extra.noted(OWN, "content"));
        match self.plain {
            Some(text) if self.turn.is_none() || noted == Some("text") => quote(text),
            _ => {
                let mut array = ArrayWriter::new();
                self.results.iter().chain(&self.others).for_each(|block| {
                    array.raw(block);
                });
                array.finish()
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.results.is_empty() && self.others.is_empty()
    }
}

/// Writes turns. `own` says whether the request was read in this dialect: then ids of calls stay as they are.
pub(super) fn write(turns: &[Turn], own: bool, losses: &mut Losses) -> Conversation {
    let mut writer = Writer { calls: Calls::new(), own, losses };
    let mut system = Blocks::new(SYSTEM);
    let mut messages: Vec<Blocks> = Vec::new();
    for turn in turns {
        let is_own = turn.extra.is_from(OWN);
        if is_own && turn.extra.noted(OWN, "place") == Some(SYSTEM) {
            system.turn = Some(turn);
            writer.add(turn, &mut system);
        } else if !is_own && turn.role.instructs() {
            writer.losses.add_if(!messages.is_empty(), "message.order");
            turn.extra.lose("message", writer.losses);
            writer.add(turn, &mut system);
        } else {
            writer.add_message(turn, &mut messages);
        }
    }
    let said = system.turn.is_some() || !system.is_empty();
    if messages.is_empty() && said && !own {
        // A message there must be.
        writer.losses.add("message.role");
        let user = Blocks { role: "user", ..system };
        return Conversation { system: None, messages: written([user], losses) };
    }
    let system = said.then(|| system.content());
    Conversation { system, messages: written(messages, losses) }
}

fn written<'a>(messages: impl IntoIterator<Item = Blocks<'a>>, losses: &mut Losses) -> ArrayWriter {
    let mut array = ArrayWriter::new();
    for message in messages {
        let mut out = ObjectWriter::new();
        out.text("role", message.role).raw("content", &message.content());
        if let Some(turn) = message.turn {
            turn.extra.write(OWN, "message", &mut out, losses);
        }
        array.object(out);
    }
    array
}

struct Writer<'l> {
    calls: Calls,
    own: bool,
    losses: &'l mut Losses,
}

impl Writer<'_> {
    fn add_message<'a>(&mut self, turn: &'a Turn, messages: &mut Vec<Blocks<'a>>) {
        let is_own = turn.extra.is_from(OWN);
        let role = match &turn.role {
            Role::Assistant => "assistant",
            Role::System | Role::Developer => SYSTEM,
            Role::Other(other) if is_own => other,
            Role::Other(_) => {
                self.losses.add("message.role");
                "user"
            }
            Role::User | Role::Tool => "user",
        };
        let mut message = Blocks::new(role);
        if is_own {
            message.turn = Some(turn);
        } else {
            turn.extra.lose("message", self.losses);
            if let Some(last) = messages.pop_if(|last| last.role == role) {
                message = last;
            }
            message.foreign = true;
        }
        self.add(turn, &mut message);
        // Without anything in it a message is refused, and would part those around it.
        if is_own || !message.is_empty() {
            messages.push(message);
        }
    }

    /// Adds what a turn says to the blocks of its message.
    fn add<'a>(&mut self, turn: &'a Turn, blocks: &mut Blocks<'a>) {
        let is_own = turn.extra.is_from(OWN);
        for (item, point) in with_breakpoints(&turn.items) {
            if let Item::ToolResult(result) = item {
                self.add_result(result, point, is_own, blocks);
                continue;
            }
            let plain = plain(item).filter(|_| point.is_none() && blocks.is_empty());
            if !is_own && is_blank(item) {
                // Blank texts are refused, and say nothing.
                self.losses.add_if(point.is_some(), "cache_breakpoint");
                continue;
            }
            let Some(block) = self.block(item, point, blocks.role) else {
                self.losses.add_if(point.is_some(), "cache_breakpoint");
                continue;
            };
            blocks.plain = plain;
            blocks.others.push(block);
        }
    }

    fn add_result(&mut self, result: &ToolResult, point: Option<&CacheBreakpoint>, own: bool, blocks: &mut Blocks) {
        let (id, _) = self.calls.result(result);
        if own || self.calls.has(&id) {
            let block = self.result(result, &id, point).finish();
            blocks.plain = None;
            if blocks.foreign {
                blocks.results.push(block);
            } else {
                blocks.others.push(block);
            }
            return;
        }
        // A result without a call before it is refused: what it says is said in its place.
        self.losses.add("tool_result.id");
        self.losses.add_if(result.is_error == Some(true), "tool_result.is_error");
        self.losses.add_if(point.is_some(), "cache_breakpoint");
        result.extra.lose("tool_result", self.losses);
        for (item, point) in with_breakpoints(&result.content) {
            let block = self.inner_block(item, point);
            blocks.plain = blocks.plain.filter(|_| block.is_none());
            blocks.others.extend(block);
        }
    }

    fn block(&mut self, item: &Item, point: Option<&CacheBreakpoint>, role: &str) -> Option<String> {
        if let Some(whole) = said::whole(item) {
            return Some(whole.to_owned());
        }
        let losses = &mut *self.losses;
        let block = match item {
            Item::Text(text) => content::text(text, point, losses),
            Item::Reasoning(reasoning) => {
                losses.add_if(point.is_some(), "cache_breakpoint");
                content::signed_reasoning(reasoning, losses)?
            }
            Item::ToolCall(call) => {
                let id = self.calls.call(call);
                content::call(call, &self.fit(call.id.as_deref(), &id), point, self.losses)
            }
            Item::Media(media) if role == "user" || media.extra.is_from(OWN) => content::media(media, point, losses)?,
            Item::Media(media) => {
                losses.add(&media.loss());
                return None;
            }
            Item::Opaque(opaque) => {
                losses.add_if(point.is_some(), "cache_breakpoint");
                return content::opaque(opaque, losses);
            }
            Item::ToolResult(_) | Item::CacheBreakpoint(_) => return None,
        };
        Some(block.finish())
    }

    fn result(&mut self, result: &ToolResult, id: &str, point: Option<&CacheBreakpoint>) -> ObjectWriter {
        let mut out = ObjectWriter::new();
        out.text("type", "tool_result").text("tool_use_id", &self.fit(result.id.as_deref(), id));
        let is_own = result.extra.is_from(OWN);
        let noted = result.extra.noted(OWN, "content");
        match result.content.as_slice() {
            [] if noted != Some("[]") => {}
            [item] if !is_own && is_blank(item) => {}
            [item] if plain(item).is_some() && (noted == Some("text") || !is_own) => {
                plain(item).into_iter().for_each(|text| {
                    out.text("content", text);
                });
            }
            items => {
                let mut array = ArrayWriter::new();
                for (item, point) in with_breakpoints(items) {
                    self.inner_block(item, point).into_iter().for_each(|block| {
                        array.raw(&block);
                    });
                }
                out.array("content", array);
            }
        }
        out.flag_if("is_error", result.is_error);
        content::write_cache(point, &mut out, self.losses);
        result.extra.write(OWN, "tool_result", &mut out, self.losses);
        out
    }

    /// A block inside the result of a tool.
    fn inner_block(&mut self, item: &Item, point: Option<&CacheBreakpoint>) -> Option<String> {
        if let Some(whole) = said::whole(item) {
            return Some(whole.to_owned());
        }
        match item {
            Item::Text(text) if is_blank(item) && !text.extra.is_from(OWN) => None,
            Item::Text(text) => Some(content::text(text, point, self.losses).finish()),
            Item::Media(media) => content::media(media, point, self.losses).map(ObjectWriter::finish),
            Item::Opaque(opaque) => content::opaque(opaque, self.losses),
            _ => {
                self.losses.add("tool_result.content");
                None
            }
        }
    }

    /// The id of a call as it is written: as it was `told` in this dialect, or `id` as it is taken here.
    fn fit(&self, told: Option<&str>, id: &str) -> String {
        if self.own { told.unwrap_or(id).to_owned() } else { ids::fit(id, LONGEST_ID).into_owned() }
    }
}

/// Whether an item is a text of white space or nothing.
fn is_blank(item: &Item) -> bool {
    matches!(item, Item::Text(text) if text.text.trim().is_empty())
}

/// What an item says if it is a text and no more.
fn plain(item: &Item) -> Option<&str> {
    match item {
        Item::Text(text) if text.signature.is_none() && text.extra.is_empty() => Some(&text.text),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
