//! Content blocks, read.

use super::OWN;
use crate::fault::{Fault, Within};
use crate::item::{CacheBreakpoint, Item, Media, MediaKind, Opaque, Reasoning, Source, Text, ToolCall, ToolResult};
use crate::json::{self, Raw};
use crate::object::Object;

/// What a `content` or `system` says.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) items: Vec<Item>,
    /// How it was written, for a note: `text`, or `[]` where there is nothing in it.
    pub(super) form: Option<&'static str>,
}

/// Takes `name`, a text or an array of blocks. `inner` are blocks inside the result of a tool.
pub(super) fn take_content(object: &mut Object, name: &str, inner: bool) -> Result<Option<Content>, Fault> {
    if let Some(text) = object.peek_text(name) {
        object.raw(name);
        return Ok(Some(Content { items: vec![Item::text(text)], form: Some("text") }));
    }
    let Some(elements) = object.array(name)? else { return Ok(None) };
    let mut content = Content { items: Vec::new(), form: elements.is_empty().then_some("[]") };
    for (number, element) in elements.into_iter().enumerate() {
        object
            .read_like(element)
            .and_then(|block| read_block(block, element, inner, &mut content.items))
            .within_element(name, number)?;
    }
    Ok(Some(content))
}

/// The items that a block of an answer is. One that cannot be understood is opaque.
pub(super) fn read_answered(raw: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let read = Object::read_leniently(raw).and_then(|block| read_block(block, raw, false, &mut items));
    if read.is_err() {
        items.push(opaque("block", raw));
    }
    items
}

/// Adds what a block says, and the breakpoint behind it.
fn read_block(mut object: Object, raw: &str, inner: bool, items: &mut Vec<Item>) -> Result<(), Fault> {
    let kind = object.text("type")?.unwrap_or_default();
    let point = match kind.as_str() {
        "text" | "thinking" | "tool_use" | "image" | "document" => take_cache(&mut object)?,
        "tool_result" if !inner => take_cache(&mut object)?,
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
        "tool_result" if !inner => read_result(object)?,
        "image" => read_media(object, MediaKind::Image, raw)?,
        "document" => read_media(object, MediaKind::Document, raw)?,
        "" => opaque("block", raw),
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

/// Takes `cache_control`. Its only kind so far is `ephemeral`; another is kept.
pub(super) fn take_cache(object: &mut Object) -> Result<Option<CacheBreakpoint>, Fault> {
    let Some(mut control) = object.object("cache_control")? else { return Ok(None) };
    if control.peek_text("type").as_deref() == Some("ephemeral") {
        control.raw("type");
    }
    let ttl = control.text("ttl").within("cache_control")?;
    Ok(Some(CacheBreakpoint { ttl, extra: control.rest(OWN) }))
}

fn read_text(mut object: Object) -> Result<Item, Fault> {
    let text = object.needed_text("text")?;
    super::take_nulls(&mut object, &["citations"]);
    let uncited = object.peek("citations").and_then(json::elements).is_some_and(|citations| citations.is_empty());
    if uncited {
        object.raw("citations");
    }
    let mut extra = object.rest(OWN);
    if uncited {
        extra.note("citations", "[]");
    }
    Ok(Item::Text(Text { text, extra, ..Text::default() }))
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
    super::take_nulls(&mut object, &["caller"]);
    Ok(Item::ToolCall(ToolCall { id, name, arguments, signature: None, extra: object.rest(OWN) }))
}

fn read_result(mut object: Object) -> Result<Item, Fault> {
    let id = Some(object.needed_text("tool_use_id")?);
    let content = take_content(&mut object, "content", true)?.unwrap_or_default();
    let is_error = object.flag("is_error")?;
    let mut extra = object.rest(OWN);
    content.form.into_iter().for_each(|form| extra.note("content", form));
    Ok(Item::ToolResult(ToolResult { id, name: None, content: content.items, is_error, extra }))
}

/// A picture or document. One whose source is not known, or is made of blocks, is opaque as a whole.
fn read_media(mut object: Object, kind: MediaKind, raw: &str) -> Result<Item, Fault> {
    let whole = || opaque(kind.name(), raw);
    let Some(mut inside) = object.object("source")? else { return Ok(whole()) };
    let mut media_type = None;
    let source = match inside.text("type").within("source")?.as_deref() {
        Some(form @ ("base64" | "text")) => {
            media_type = inside.text("media_type").within("source")?;
            let data = inside.needed_text("data").within("source")?;
            if form == "text" { Source::Text(data) } else { Source::Base64(data) }
        }
        Some("url") => match inside.needed_text("url").within("source")? {
            url if url.starts_with("data:") => return Ok(whole()),
            url => Source::Url(url),
        },
        Some("file") => Source::File(inside.needed_text("file_id").within("source")?),
        _ => return Ok(whole()),
    };
    super::take_nulls(&mut object, &["context", "citations"]);
    let name = if kind == MediaKind::Document { object.text("title")? } else { None };
    let mut extra = object.rest(OWN);
    extra.keep_inner("source", inside.rest(OWN));
    Ok(Item::Media(Media { kind, source, media_type, name, extra }))
}
