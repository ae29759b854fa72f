//! Blocks of content as they are read: objects with one member, whose name is their kind.

mod write;

use super::media;
use super::own::{ABSENT, OWN};
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::item::{CacheBreakpoint, Item, Opaque, Reasoning, Text, ToolCall, ToolResult};
use conversation::json::{Raw, elements};
use conversation::object::Object;
pub(super) use write::{Blocks, write_point};

/// A note of a block that is read as text, with its kind and how it was written.
const FORMS: [&str; 3] = ["json", "guardContent", "citationsContent"];
/// The kinds of blocks that are known in messages and in `system`.
const OF_MESSAGES: [&str; 10] = [
    "image",
    "document",
    "video",
    "audio",
    "toolUse",
    "toolResult",
    "reasoningContent",
    "cachePoint",
    "guardContent",
    "citationsContent",
];
/// Those of what a tool answered, which holds no results in turn.
const OF_RESULTS: [&str; 4] = ["json", "image", "document", "video"];

fn read(mut object: Object, whole: &str, kinds: &[&'static str]) -> Result<Item, Fault> {
    if object.peek("text").is_some_and(|text| text.starts_with('"')) {
        let text = object.text("text")?.unwrap_or_default();
        return Ok(Item::Text(Text { text, extra: object.rest(OWN), ..Text::default() }));
    }
    let found = kinds.iter().copied().find(|kind| object.peek(kind).is_some());
    let known = match found {
        Some(kind) if FORMS.contains(&kind) => object.value(kind).and_then(|raw| read_form(kind, &raw)),
        Some(kind) => match object.object(kind)? {
            Some(inner) => read_known(kind, inner).within(kind)?,
            None => None,
        },
        None => None,
    };
    let kind = found.map(str::to_owned).or_else(|| first_member(whole)).unwrap_or_else(|| "block".to_owned());
    let Some(mut item) = known else { return Ok(Item::Opaque(Opaque::new(OWN, kind, Raw::of_valid(whole)))) };
    let beside = object.rest(OWN);
    if let Some(extra) = extra_of(&mut item).filter(|_| !beside.is_empty()) {
        extra.keep_inner("beside", beside);
    }
    Ok(item)
}

fn extra_of(item: &mut Item) -> Option<&mut Extra> {
    match item {
        Item::Text(text) => Some(&mut text.extra),
        Item::Reasoning(reasoning) => Some(&mut reasoning.extra),
        Item::ToolCall(call) => Some(&mut call.extra),
        Item::ToolResult(result) => Some(&mut result.extra),
        Item::Media(media) => Some(&mut media.extra),
        Item::CacheBreakpoint(point) => Some(&mut point.extra),
        Item::Opaque(_) => None,
    }
}

/// The name of the first member of an object: the kind of a block that is not known.
fn first_member(whole: &str) -> Option<String> {
    let extra = Object::read(whole).ok()?.rest(OWN);
    extra.unknown().next().map(|(name, _)| name.to_owned())
}

fn read_known(kind: &str, inner: Object) -> Result<Option<Item>, Fault> {
    Ok(match kind {
        "toolUse" => Some(Item::ToolCall(read_call(inner)?)),
        "toolResult" => Some(Item::ToolResult(read_result(inner)?)),
        "reasoningContent" => read_reasoning(inner)?.map(Item::Reasoning),
        "cachePoint" => Some(Item::CacheBreakpoint(read_point(inner)?)),
        kind => match media::kind(kind) {
            Some(kind) => media::read(kind, inner)?.map(Item::Media),
            None => None,
        },
    })
}

fn read_call(mut inner: Object) -> Result<ToolCall, Fault> {
    let mut extra = Extra::new(OWN);
    let mut call = ToolCall { id: inner.text("toolUseId")?, ..ToolCall::default() };
    match inner.text("name")? {
        Some(name) => call.name = name,
        None => extra.note("name", ABSENT),
    }
    match inner.value("input") {
        Some(raw) => {
            if !raw.is_object() {
                extra.note("input", raw.as_str());
            }
            call.arguments = raw.as_text().unwrap_or_else(|| raw.to_string());
        }
        None => extra.note("input", ABSENT),
    }
    extra.merge(inner.rest(OWN));
    call.extra = extra;
    Ok(call)
}

fn read_result(mut inner: Object) -> Result<ToolResult, Fault> {
    let mut extra = Extra::new(OWN);
    let mut result = ToolResult { id: inner.text("toolUseId")?, ..ToolResult::default() };
    match inner.array("content")? {
        Some(blocks) => result.content = read_list(&inner, blocks, "content", &OF_RESULTS)?,
        None => extra.note("content", ABSENT),
    }
    if matches!(inner.peek_text("status").as_deref(), Some("success" | "error")) {
        result.is_error = inner.text("status")?.map(|word| word == "error");
    }
    extra.merge(inner.rest(OWN));
    result.extra = extra;
    Ok(result)
}

/// Reads the blocks of a message's or `system`'s list that is called so.
pub(super) fn read_all<'a>(within: &Object<'a>, blocks: Vec<&'a str>, name: &str) -> Result<Vec<Item>, Fault> {
    read_list(within, blocks, name, &OF_MESSAGES)
}

fn read_list<'a>(
    within: &Object<'a>,
    blocks: Vec<&'a str>,
    name: &str,
    kinds: &[&'static str],
) -> Result<Vec<Item>, Fault> {
    let read = |(number, block): (usize, &'a str)| {
        within.read_like(block).and_then(|object| read(object, block, kinds)).within_element(name, number)
    };
    blocks.into_iter().enumerate().map(read).collect()
}

fn read_reasoning(mut inner: Object) -> Result<Option<Reasoning>, Fault> {
    let mut reasoning = Reasoning::default();
    match inner.object("reasoningText")? {
        Some(mut shown) => {
            let mut notes = Extra::new(OWN);
            match shown.text("text")? {
                Some(text) => reasoning.text = text,
                None => notes.note("text", ABSENT),
            }
            reasoning.signature = shown.text("signature")?;
            notes.merge(shown.rest(OWN));
            let mut extra = Extra::new(OWN);
            extra.note("form", "reasoningText");
            extra.keep_inner("reasoningText", notes);
            reasoning.extra = extra;
        }
        None => reasoning.extra = Extra::new(OWN),
    }
    reasoning.encrypted = inner.text("redactedContent")?;
    if reasoning.encrypted.is_none() && reasoning.extra.noted(OWN, "form").is_none() {
        return Ok(None);
    }
    reasoning.extra.merge(inner.rest(OWN));
    Ok(Some(reasoning))
}

/// A point where the cache may end. `default` is the only type.
pub(super) fn read_point(mut inner: Object) -> Result<CacheBreakpoint, Fault> {
    let mut extra = Extra::new(OWN);
    match inner.peek_text("type").as_deref() {
        Some("default") => {
            inner.raw("type");
        }
        _ => extra.note("type", ABSENT),
    }
    let ttl = inner.text("ttl")?;
    extra.merge(inner.rest(OWN));
    Ok(CacheBreakpoint { ttl, extra })
}

/// Reads what says text in a form of its own: JSON that a tool answered, text that a guardrail is to judge, text with
/// citations. The form is noted, and kept as something that others do not know where it says more than the text.
fn read_form(kind: &'static str, raw: &Raw) -> Option<Item> {
    let mut extra = Extra::new(OWN);
    let text = match kind {
        "json" => raw.to_string(),
        "guardContent" => {
            let mut object = Object::read_leniently(raw.as_str()).ok()?;
            let mut inner = object.object("text").ok()??;
            let text = inner.text("text").ok()??;
            let mut rest = object.rest(OWN);
            rest.merge(inner.rest(OWN));
            extra.keep_inner("guardContent", rest);
            text
        }
        _ => {
            let mut object = Object::read_leniently(raw.as_str()).ok()?;
            let parts = object.array("content").ok()??;
            let texts: Option<Vec<String>> =
                parts.into_iter().map(|part| Object::read_leniently(part).ok()?.text("text").ok()?).collect();
            extra.keep_inner("citationsContent", object.rest(OWN));
            texts?.concat()
        }
    };
    extra.note(kind, raw.as_str());
    Some(Item::Text(Text { text, extra, ..Text::default() }))
}

/// The texts of the elements of a list that may be missing.
pub(super) fn strings(raw: &Raw) -> Option<Vec<String>> {
    elements(raw.as_str())?.into_iter().map(conversation::json::text).collect()
}
