//! The content of a message: a text, or parts.

use super::notes::{BOTH, EMPTY, PARTS, PLACE, TEXT};
use super::{OWN, media};
use crate::breakpoint;
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::item::{CacheBreakpoint, Item, Media, MediaKind, Opaque, Reasoning, Text};
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::json::{self, Raw};
use conversation::loss::Losses;
use conversation::object::Object;

/// Takes `content` of a message: the items, and how it was written.
pub(super) fn read(object: &mut Object<'_>) -> Result<(Vec<Item>, Option<&'static str>), Fault> {
    let Some(value) = object.raw("content") else { return Ok((Vec::new(), None)) };
    if let Some(text) = json::text(value) {
        let how = if text.is_empty() { EMPTY } else { TEXT };
        let items = if text.is_empty() { Vec::new() } else { vec![Item::text(text)] };
        return Ok((items, Some(how)));
    }
    let parts = json::elements(value).ok_or_else(|| Fault::new("is neither text nor parts").inside("content"))?;
    let mut items = Vec::with_capacity(parts.len());
    for (number, part) in parts.into_iter().enumerate() {
        read_part(object.read_like(part), part, &mut items).within_element("content", number)?;
    }
    Ok((items, Some(PARTS)))
}

/// Reads a part, and the breakpoint behind it.
pub(super) fn read_part(object: Result<Object<'_>, Fault>, raw: &str, items: &mut Vec<Item>) -> Result<(), Fault> {
    let mut part = object?;
    let kind = part.needed_text("type")?;
    let cache = read_cache(&mut part)?;
    let item = match kind.as_str() {
        "text" | "refusal" => {
            let text = part.needed_text(&kind)?;
            Item::Text(Text { text, refusal: kind == "refusal", extra: part.rest(OWN), ..Text::default() })
        }
        "image_url" => Item::Media(media::read_address(part, "image_url", MediaKind::Image)?),
        "video_url" => Item::Media(media::read_address(part, "video_url", MediaKind::Video)?),
        "audio_url" => Item::Media(media::read_address(part, "audio_url", MediaKind::Audio)?),
        "input_audio" => Item::Media(media::read_audio(part)?),
        "file" => Item::Media(media::read_file(part)?),
        "thinking" => read_thinking(&part, raw),
        _ => {
            items.push(Item::Opaque(Opaque::new(OWN, format!("content.{kind}"), Raw::of_valid(raw))));
            return Ok(());
        }
    };
    items.push(item);
    items.extend(cache.map(Item::CacheBreakpoint));
    Ok(())
}

/// Takes the breakpoint of a part, in OpenAI's words or in Anthropic's.
fn read_cache(part: &mut Object<'_>) -> Result<Option<CacheBreakpoint>, Fault> {
    let control = cache_control(part)?;
    let Some(raw) = part.value(breakpoint::NAME) else { return Ok(control) };
    Ok(Some(match control {
        Some(mut point) => {
            point.extra.note(breakpoint::NAME, raw.as_str());
            point.extra.note(PLACE, BOTH);
            point
        }
        None => breakpoint::read(OWN, raw.as_str()),
    }))
}

/// Takes the breakpoint that Anthropic's models have at servers which speak this dialect.
pub(super) fn cache_control(object: &mut Object<'_>) -> Result<Option<CacheBreakpoint>, Fault> {
    let Some(mut control) = object.object("cache_control")? else { return Ok(None) };
    let ttl = control.text("ttl")?;
    let usual = control.peek_text("type").as_deref() == Some("ephemeral");
    if usual {
        control.raw("type");
    }
    let mut extra = control.rest(OWN);
    extra.note_fixed("type", (!usual).then(String::new));
    Ok(Some(CacheBreakpoint { ttl, extra }))
}

/// Mistral's thoughts: `{"type":"thinking","thinking":[{"type":"text","text":"…"}]}`.
fn read_thinking(part: &Object<'_>, raw: &str) -> Item {
    let pieces = part.peek("thinking").and_then(json::elements).unwrap_or_default();
    let texts = pieces.iter().filter_map(|piece| Object::read(piece).ok()?.peek_text("text"));
    let mut extra = Extra::new(OWN);
    extra.note("part", raw);
    Item::Reasoning(Reasoning { text: texts.collect(), extra, ..Reasoning::default() })
}

/// Writes `content`. `how` is how it was written; nothing where it is made here. An item that cannot be said is a loss.
pub(super) fn write(items: &[&Item], how: Option<&str>, out: &mut ObjectWriter, losses: &mut Losses) {
    let one = match items {
        [Item::Text(text)] if !text.extra.is_from(OWN) || text.extra.is_empty() => Some(text),
        _ => None,
    };
    if let Some(text) = one.filter(|text| how != Some(PARTS) && !text.refusal) {
        lose_text(text, losses);
        out.text("content", &text.text);
        return;
    }
    let mut parts = ArrayWriter::new();
    for (number, item) in items.iter().enumerate() {
        let cache = match items.get(number + 1) {
            Some(Item::CacheBreakpoint(cache)) => Some(cache),
            _ => None,
        };
        if let Some(part) = write_part(item, cache, losses) {
            parts.raw(&part);
        }
    }
    match how {
        Some(PARTS) => out.array("content", parts),
        Some(EMPTY) if parts.is_empty() => out.text("content", ""),
        _ if parts.is_empty() => out,
        _ => out.array("content", parts),
    };
}

/// Writes what the model said as one text, which is what its messages are everywhere. Pictures are given back: only
/// answers have a place for them. Other dialects say things that have no place here.
pub(super) fn write_joined<'a>(items: &[&'a Item], out: &mut ObjectWriter, losses: &mut Losses) -> Vec<&'a Media> {
    let (mut whole, mut media) = (None::<String>, Vec::new());
    for item in items {
        match item {
            Item::Text(text) => {
                lose_text(text, losses);
                whole.get_or_insert_default().push_str(&text.text);
            }
            Item::Media(medium) => media.push(medium),
            Item::CacheBreakpoint(_) => losses.add("cache_breakpoint"),
            item => {
                write_part(item, None, losses);
            }
        }
    }
    match whole {
        Some(text) => out.text("content", &text),
        None => out.raw("content", "null"),
    };
    media
}

fn lose_text(text: &Text, losses: &mut Losses) {
    losses.add_if(text.signature.is_some(), "text.signature");
    text.extra.lose("text", losses);
}

/// A part; nothing, and a loss, for an item that cannot be one.
pub(super) fn write_part(item: &Item, cache: Option<&CacheBreakpoint>, losses: &mut Losses) -> Option<String> {
    let mut out = match item {
        Item::Text(text) => {
            let kind = if text.refusal { "refusal" } else { "text" };
            let mut out = ObjectWriter::new();
            out.text("type", kind).text(kind, &text.text);
            losses.add_if(text.signature.is_some(), "text.signature");
            text.extra.write(OWN, "text", &mut out, losses);
            out
        }
        Item::Media(media) => match media.words().filter(|_| !media.extra.is_from(OWN)) {
            // Files are PDF here, and most servers know none.
            Some(text) => {
                media.extra.lose("document", losses);
                let text = media.name.as_ref().map_or_else(|| text.to_string(), |name| format!("{name}\n\n{text}"));
                let mut out = ObjectWriter::new();
                out.text("type", "text").text("text", &text);
                out
            }
            None => media::write(media, losses)?,
        },
        Item::Reasoning(reasoning) => {
            let part = reasoning.extra.noted(OWN, "part");
            losses.add_if(part.is_none(), "reasoning");
            return part.map(str::to_owned);
        }
        Item::Opaque(opaque) if opaque.dialect == OWN && opaque.kind.starts_with("content.") => {
            return Some(opaque.raw.as_str().to_owned());
        }
        Item::Opaque(opaque) => {
            losses.add(&format!("{}.{}", opaque.dialect.name(), opaque.kind));
            return None;
        }
        // Only the model calls, and only others answer.
        Item::ToolCall(_) | Item::ToolResult(_) => {
            losses.add("message.tool_call");
            return None;
        }
        Item::CacheBreakpoint(_) => return None,
    };
    write_cache(cache, &mut out, losses);
    Some(out.finish())
}

/// Writes a breakpoint that came in this dialect, in the words in which it came. What was not said in this dialect has no place: see
/// [`breakpoint::taken`].
pub(super) fn write_cache(cache: Option<&CacheBreakpoint>, out: &mut ObjectWriter, losses: &mut Losses) {
    let Some(cache) = cache else { return };
    if !cache.extra.is_from(OWN) {
        losses.add("cache_breakpoint");
        return;
    }
    if let Some(raw) = cache.extra.noted(OWN, breakpoint::NAME) {
        out.raw(breakpoint::NAME, raw);
        if cache.extra.noted(OWN, PLACE) != Some(BOTH) {
            return;
        }
    }
    let mut control = ObjectWriter::new();
    cache.extra.write_fixed(OWN, "type", r#""ephemeral""#, &mut control);
    control.text_if("ttl", cache.ttl.as_deref());
    cache.extra.write(OWN, "cache_breakpoint", &mut control, losses);
    out.object("cache_control", control);
}
