//! Content blocks, read.

use super::{EVENT, OWN, said};
use conversation::fault::{Fault, Within};
use conversation::item::{
    CacheBreakpoint, Item, Media, MediaKind, Opaque, Reasoning, Source, Text, ToolCall, ToolResult,
};
use conversation::json::Raw;
use conversation::object::Object;

/// Where blocks stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a message of a request.
    Message,
    /// In the result of a tool.
    Result,
    /// In an answer: there are neither breakpoints nor results of the client's tools.
    Answer,
}

/// What a `content` or `system` says.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) items: Vec<Item>,
    /// How it was written, for a note: `text`, or `[]` where there is nothing in it.
    pub(super) form: Option<&'static str>,
}

/// Takes `name`, a text or an array of blocks.
pub(super) fn take_content(object: &mut Object, name: &str, place: Place) -> Result<Option<Content>, Fault> {
    if let Some(text) = object.peek_text(name) {
        object.raw(name);
        return Ok(Some(Content { items: vec![Item::text(text)], form: Some("text") }));
    }
    let Some(elements) = object.array(name)? else { return Ok(None) };
    let mut content = Content { items: Vec::new(), form: elements.is_empty().then_some("[]") };
    for (number, element) in elements.into_iter().enumerate() {
        object
            .read_like(element)
            .and_then(|block| read_block(block, element, place, &mut content.items))
            .within_element(name, number)?;
    }
    Ok(Some(content))
}

/// The items that a block of an answer is. One that cannot be understood is opaque.
pub(super) fn read_answered(raw: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let read = Object::read_leniently(raw).and_then(|block| read_block(block, raw, Place::Answer, &mut items));
    if read.is_err() {
        items.push(opaque("block", raw));
    }
    items
}

/// Adds what a block says, and the breakpoint behind it.
fn read_block(mut object: Object, raw: &str, place: Place, items: &mut Vec<Item>) -> Result<(), Fault> {
    let kind = object.text("type")?.unwrap_or_default();
    let point = match kind.as_str() {
        _ if place == Place::Answer => None,
        "text" | "thinking" | "tool_use" | "image" | "document" => take_cache(&mut object)?,
        "tool_result" if place == Place::Message => take_cache(&mut object)?,
        "compaction" | "search_result" => take_cache(&mut object).unwrap_or_default(),
        _ => None,
    };
    let item = match kind.as_str() {
        "text" => read_text(object)?,
        "thinking" => read_thinking(object)?,
        "redacted_thinking" => {
            let encrypted = Some(object.needed_text("data")?);
            Item::Reasoning(Reasoning { encrypted, extra: object.rest(OWN), ..Reasoning::default() })
        }
        "tool_use" => read_call(object)?,
        "tool_result" if place == Place::Message => read_result(object)?,
        "image" => read_media(object, MediaKind::Image, raw, place)?,
        "document" => read_media(object, MediaKind::Document, raw, place)?,
        "compaction" | "search_result" if place != Place::Answer => {
            // One that failed stands for nothing.
            let failed = kind == "compaction" && object.peek("content").or(object.peek("encrypted_content")).is_none();
            let name = if failed { "compaction.failed" } else { &kind };
            said::read(&kind, object, raw).unwrap_or_else(|| opaque(name, raw))
        }
        other if other.is_empty() || other.starts_with(EVENT) => opaque("block", raw),
        other => opaque(other, raw),
    };
    // What is kept whole keeps its breakpoint too.
    let point = point.filter(|_| !matches!(item, Item::Opaque(_)));
    items.push(item);
    items.extend(point.map(Item::CacheBreakpoint));
    Ok(())
}

fn opaque(kind: &str, raw: &str) -> Item {
    Item::Opaque(Opaque::new(OWN, kind, Raw::of_valid(raw)))
}

/// Takes `cache_control`. Its only type so far is `ephemeral`.
pub(super) fn take_cache(object: &mut Object) -> Result<Option<CacheBreakpoint>, Fault> {
    let Some(mut control) = object.object("cache_control")? else { return Ok(None) };
    let kind = control.fixed("type", r#""ephemeral""#);
    let ttl = control.text("ttl").within("cache_control")?;
    let mut extra = control.rest(OWN);
    extra.note_fixed("type", kind);
    Ok(Some(CacheBreakpoint { ttl, extra }))
}

fn read_text(mut object: Object) -> Result<Item, Fault> {
    let text = object.needed_text("text")?;
    Ok(Item::Text(Text { text, extra: object.rest(OWN), ..Text::default() }))
}

fn read_thinking(mut object: Object) -> Result<Item, Fault> {
    let text = object.needed_text("thinking")?;
    let signature = object.text("signature")?;
    Ok(Item::Reasoning(Reasoning { text, signature, extra: object.rest(OWN), ..Reasoning::default() }))
}

fn read_call(mut object: Object) -> Result<Item, Fault> {
    let id = object.text("id")?;
    let name = object.needed_text("name")?;
    let arguments = object.raw("input").unwrap_or_default().to_owned();
    Ok(Item::ToolCall(ToolCall { id, name, arguments, signature: None, extra: object.rest(OWN) }))
}

fn read_result(mut object: Object) -> Result<Item, Fault> {
    let id = Some(object.needed_text("tool_use_id")?);
    let content = take_content(&mut object, "content", Place::Result)?.unwrap_or_default();
    let is_error = object.flag("is_error")?;
    let mut extra = object.rest(OWN);
    content.form.into_iter().for_each(|form| extra.note("content", form));
    Ok(Item::ToolResult(ToolResult { id, name: None, content: content.items, is_error, extra }))
}

/// A picture or document. One whose source is not known, or is made of blocks, is opaque as a whole.
fn read_media(mut object: Object, kind: MediaKind, raw: &str, place: Place) -> Result<Item, Fault> {
    let whole = || opaque(kind.name(), raw);
    let Some(mut inside) = object.object("source")? else { return Ok(whole()) };
    let mut media_type = None;
    let source = match inside.text("type").within("source")?.as_deref() {
        Some("text") if kind == MediaKind::Image => return Ok(whole()),
        Some(form @ ("base64" | "text")) => {
            media_type = inside.text("media_type").within("source")?;
            let data = inside.needed_text("data").within("source")?;
            if form == "text" { Source::Text(data) } else { Source::Base64(data) }
        }
        Some("url") => match inside.needed_text("url").within("source")? {
            url if url.starts_with("data:") => return Ok(whole()),
            url => Source::Url(url),
        },
        Some("content") if kind == MediaKind::Document && place != Place::Answer => {
            return Ok(said::read_document(object, inside, raw).unwrap_or_else(whole));
        }
        Some("file") => Source::File(inside.needed_text("file_id").within("source")?),
        _ => return Ok(whole()),
    };
    let name = if kind == MediaKind::Document { object.text("title")? } else { None };
    let mut extra = object.rest(OWN);
    extra.keep_inner("source", inside.rest(OWN));
    Ok(Item::Media(Media { kind, source, media_type, name, extra }))
}
