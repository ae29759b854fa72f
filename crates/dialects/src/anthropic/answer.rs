//! Answers: an object `message`.

use super::usage::{self, Input};
use super::{LONGEST_ID, OWN, block, content, finish, keeps};
use conversation::answer::{Answer, Reply};
use conversation::extra::Extra;
use conversation::fault::Fault;
use conversation::ids::{self, Told};
use conversation::item::{Item, ToolCall};
use conversation::json::write::{ArrayWriter, ObjectWriter, quote};
use conversation::loss::{Losses, Written};
use conversation::object::Object;

/// Members that always say the same.
const FIXED: [(&str, &str); 2] = [("type", r#""message""#), ("role", r#""assistant""#)];

/// Reads an answer.
pub(super) fn read(body: &str) -> Result<Answer, Fault> {
    let mut object = Object::read_leniently(body)?;
    let blocks = object.array("content")?.unwrap_or_default();
    let items = blocks.into_iter().flat_map(block::read_answered).collect();
    let usage = object.object("usage").ok().flatten().map(|usage| Input::default().read(usage));
    let word = object.text("stop_reason")?;
    let finish = match word {
        Some(word) => Some(finish::read(&word, object.text("stop_sequence")?)),
        None => None,
    };
    let (id, model, extra) = read_head(object)?;
    Ok(Answer { id, model, created: None, items, finish, usage, extra })
}

/// The id, the model and the rest of a `message`, of which everything else was taken.
pub(super) fn read_head(mut object: Object) -> Result<(Option<String>, Option<String>, Extra), Fault> {
    let (id, model) = (object.text("id")?, object.text("model")?);
    let fixed = FIXED.map(|(name, usual)| (name, object.fixed(name, usual)));
    let mut extra = object.rest(OWN);
    fixed.into_iter().for_each(|(name, how)| extra.note_fixed(name, how));
    Ok((id, model, extra))
}

/// Begins a `message`; what it says of itself.
pub(super) fn write_head(id: Option<&str>, model: Option<&str>, reply: &Reply, extra: &Extra) -> ObjectWriter {
    let mut out = ObjectWriter::new();
    let made = || format!("msg_{}", reply.id);
    if id.is_some() || !keeps(extra, "id") {
        out.text("id", &id.map_or_else(made, str::to_owned));
    }
    FIXED.into_iter().for_each(|(name, usual)| extra.write_fixed(OWN, name, usual, &mut out));
    if model.is_some() || !keeps(extra, "model") {
        out.text("model", model.unwrap_or(&reply.request.model));
    }
    out
}

/// Writes an answer.
pub(super) fn write(answer: &Answer, reply: &Reply) -> Written {
    let mut losses = Losses::new();
    let mut out = write_head(answer.id.as_deref(), answer.model.as_deref(), reply, &answer.extra);
    let mut blocks = ArrayWriter::new();
    let mut told = Told::default();
    let calls = answer.items.iter().any(|item| matches!(item, Item::ToolCall(_)));
    for item in &answer.items {
        if let Some(block) = write_item(item, reply, &mut told, &mut losses) {
            blocks.raw(&block);
        }
    }
    if !blocks.is_empty() || !keeps(&answer.extra, "content") {
        out.array("content", blocks);
    }
    let word = answer.finish.as_ref().map(|finish| finish::word(finish, calls, &mut losses));
    let sequence = answer.finish.as_ref().and_then(|finish| finish.sequence.as_deref());
    for (name, said) in [("stop_reason", word), ("stop_sequence", sequence)] {
        if said.is_some() || !keeps(&answer.extra, name) {
            out.raw(name, &said.map_or_else(|| "null".to_owned(), quote));
        }
    }
    if answer.usage.is_some() || !keeps(&answer.extra, "usage") {
        out.object("usage", usage::write(answer.usage.as_ref(), &mut losses));
    }
    answer.extra.write(OWN, "answer", &mut out, &mut losses);
    Written { body: out.finish(), losses }
}

/// The id of a call as the client is told it. What Claude said itself stays; from elsewhere it is one that Claude takes.
pub(super) fn told_id(call: &ToolCall, reply: &Reply, told: &mut Told) -> String {
    let id = told.next(call, reply, |id| ids::fit(id, LONGEST_ID));
    call.id.clone().filter(|_| call.extra.is_from(OWN)).unwrap_or(id)
}

/// The block that an item is.
fn write_item(item: &Item, reply: &Reply, told: &mut Told, losses: &mut Losses) -> Option<String> {
    let block = match item {
        Item::Text(text) => content::text(text, None, losses),
        Item::Reasoning(reasoning) if content::is_redacted(reasoning) => content::redacted(reasoning, losses),
        Item::Reasoning(reasoning) => content::thinking(reasoning, losses)?,
        Item::ToolCall(call) => content::call(call, &told_id(call, reply, told), None, losses),
        Item::Media(media) if media.extra.is_from(OWN) => content::media(media, None, losses)?,
        Item::Media(media) => {
            losses.add(&media.loss());
            return None;
        }
        Item::ToolResult(_) => {
            losses.add("tool_result");
            return None;
        }
        Item::CacheBreakpoint(_) => {
            losses.add("cache_breakpoint");
            return None;
        }
        Item::Opaque(opaque) => return content::opaque(opaque, losses),
    };
    Some(block.finish())
}

#[cfg(test)]
mod tests;
