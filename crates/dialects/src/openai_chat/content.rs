//! The content of a message: a text, or parts.

use super::OWN;
use crate::dialect::Dialect;
use crate::extra::Extra;
use crate::fault::{Fault, Within};
use crate::item::{CacheBreakpoint, Item, Media, MediaKind, Opaque, Reasoning, Source, Text};
use crate::json::write::{ArrayWriter, ObjectWriter};
use crate::json::{self, Raw};
use crate::loss::Losses;
use crate::object::Object;

/// How `content` was written, as a note on what holds it.
const TEXT: &str = "text";
const EMPTY: &str = "empty";
const PARTS: &str = "parts";

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
    let cache = cache_control(&mut part)?;
    let item = match kind.as_str() {
        "text" | "refusal" => {
            let text = part.needed_text(&kind)?;
            Item::Text(Text { text, refusal: kind == "refusal", extra: part.rest(OWN), ..Text::default() })
        }
        "image_url" => Item::Media(read_address(part, "image_url", MediaKind::Image)?),
        "video_url" => Item::Media(read_address(part, "video_url", MediaKind::Video)?),
        "audio_url" => Item::Media(read_address(part, "audio_url", MediaKind::Audio)?),
        "input_audio" => Item::Media(read_audio(part)?),
        "file" => Item::Media(read_file(part)?),
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

/// Takes the breakpoint that Anthropic's models have at servers which speak this dialect.
pub(super) fn cache_control(object: &mut Object<'_>) -> Result<Option<CacheBreakpoint>, Fault> {
    let Some(mut control) = object.object("cache_control")? else { return Ok(None) };
    let ttl = control.text("ttl")?;
    Ok(Some(CacheBreakpoint { ttl, extra: control.rest(OWN) }))
}

/// Mistral's thoughts: `{"type":"thinking","thinking":[{"type":"text","text":"…"}]}`.
fn read_thinking(part: &Object<'_>, raw: &str) -> Item {
    let pieces = part.peek("thinking").and_then(json::elements).unwrap_or_default();
    let texts = pieces.iter().filter_map(|piece| Object::read(piece).ok()?.peek_text("text"));
    let mut extra = Extra::new(OWN);
    extra.note("part", raw);
    Item::Reasoning(Reasoning { text: texts.collect(), extra, ..Reasoning::default() })
}

/// A part that holds an address: `{"image_url":{"url":"…"}}`, or the address itself as some clients write it.
fn read_address(mut part: Object<'_>, member: &'static str, kind: MediaKind) -> Result<Media, Fault> {
    let (url, mut extra) = match part.peek_text(member) {
        Some(url) => {
            part.raw(member);
            let mut extra = Extra::new(OWN);
            extra.note("form", TEXT);
            (url, extra)
        }
        None => {
            let mut inner = part.object(member)?.ok_or_else(|| Fault::new("is missing").inside(member))?;
            (inner.needed_text("url").within(member)?, inner.rest(OWN))
        }
    };
    extra.keep_inner("part", part.rest(OWN));
    let (source, media_type) = read_url(url, &mut extra);
    Ok(Media { kind, source, media_type, name: None, extra })
}

/// The source that an address is. What `data:` addresses say is taken out of them.
fn read_url(url: String, extra: &mut Extra) -> (Source, Option<String>) {
    let Some((header, data)) = url.strip_prefix("data:").and_then(|rest| rest.split_once(',')) else {
        return (Source::Url(url), None);
    };
    let media_type = header.split(';').next().unwrap_or_default();
    if media_type.is_empty() || header != format!("{media_type};base64") {
        extra.note("header", header);
    }
    let source = if header.ends_with(";base64") {
        Source::Base64(data.to_owned())
    } else {
        extra.note("text", data);
        Source::Text(unescape(data))
    };
    (source, (!media_type.is_empty()).then(|| media_type.to_owned()))
}

/// What a text says that is percent-encoded (RFC 3986, section 2.1).
fn unescape(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { behind.get(2..).unwrap_or_default() } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn read_audio(mut part: Object<'_>) -> Result<Media, Fault> {
    let mut inner = part.object("input_audio")?.ok_or_else(|| Fault::new("is missing").inside("input_audio"))?;
    let source = Source::Base64(inner.needed_text("data").within("input_audio")?);
    let format = inner.text("format").within("input_audio")?;
    let media_type = format.as_deref().map(|format| match format {
        "mp3" => "audio/mpeg".to_owned(),
        other => format!("audio/{other}"),
    });
    let mut extra = inner.rest(OWN);
    extra.keep_inner("part", part.rest(OWN));
    Ok(Media { kind: MediaKind::Audio, source, media_type, name: None, extra })
}

fn read_file(mut part: Object<'_>) -> Result<Media, Fault> {
    let mut inner = part.object("file")?.ok_or_else(|| Fault::new("is missing").inside("file"))?;
    let name = inner.text("filename")?;
    let mut told = Extra::new(OWN);
    let (source, media_type) = if let Some(data) = inner.text("file_data").within("file")? {
        if data.starts_with("data:") {
            read_url(data, &mut told)
        } else if data.starts_with("http://") || data.starts_with("https://") {
            (Source::Url(data), None)
        } else {
            told.note("form", "bare");
            (Source::Base64(data), None)
        }
    } else {
        (Source::File(inner.needed_text("file_id").within("file")?), None)
    };
    let mut extra = inner.rest(OWN);
    extra.merge(told);
    extra.keep_inner("part", part.rest(OWN));
    let kind = media_type.as_deref().map_or(MediaKind::Document, MediaKind::of_type);
    Ok(Media { kind, source, media_type, name, extra })
}

/// Writes `content`. `how` is how it was written; nothing where it is made here. An item that cannot be said is a loss.
pub(super) fn write(items: &[&Item], how: Option<&str>, out: &mut ObjectWriter, losses: &mut Losses) {
    let one = match items {
        [Item::Text(text)] if text.extra.is_empty() && !text.refusal => Some(text),
        _ => None,
    };
    if let Some(text) = one.filter(|_| how != Some(PARTS)) {
        losses.add_if(text.signature.is_some(), "text.signature");
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
        Item::Media(Media { source: Source::Text(text), extra, .. }) if !extra.is_from(OWN) => {
            extra.lose("document", losses);
            let mut out = ObjectWriter::new();
            out.text("type", "text").text("text", text);
            out
        }
        Item::Media(media) => write_media(media, losses),
        Item::Reasoning(reasoning) => return reasoning.extra.noted(OWN, "part").map(str::to_owned),
        Item::Opaque(opaque) if opaque.dialect == OWN && opaque.kind.starts_with("content.") => {
            return Some(opaque.raw.as_str().to_owned());
        }
        Item::Opaque(opaque) => {
            losses.add(&format!("{}.{}", opaque.dialect.name(), opaque.kind));
            return None;
        }
        Item::ToolCall(_) | Item::ToolResult(_) | Item::CacheBreakpoint(_) => return None,
    };
    write_cache(cache, &mut out, losses);
    Some(out.finish())
}

/// Writes a breakpoint that came in this dialect. OpenAI's own server knows none and keeps what it likes, so one that
/// another dialect set is told as lost.
pub(super) fn write_cache(cache: Option<&CacheBreakpoint>, out: &mut ObjectWriter, losses: &mut Losses) {
    let Some(cache) = cache else { return };
    if !cache.extra.is_from(OWN) {
        losses.add("cache_breakpoint");
        return;
    }
    let mut control = ObjectWriter::new();
    control.text_if("ttl", cache.ttl.as_deref());
    cache.extra.write(OWN, "cache_breakpoint", &mut control, losses);
    out.object("cache_control", control);
}

fn write_media(media: &Media, losses: &mut Losses) -> ObjectWriter {
    let (mut out, mut inner) = (ObjectWriter::new(), ObjectWriter::new());
    let member = match (media.kind, &media.source) {
        (_, Source::File(_)) | (MediaKind::Document, _) => "file",
        _ if media.name.is_some() && media.extra.is_from(OWN) => "file",
        (MediaKind::Image, _) => "image_url",
        (MediaKind::Video, _) => "video_url",
        (MediaKind::Audio, Source::Base64(_)) if media.extra.noted(OWN, "header").is_some() => "audio_url",
        (MediaKind::Audio, Source::Base64(_)) => "input_audio",
        (MediaKind::Audio, _) => "audio_url",
    };
    let url = address(media);
    match (&media.source, member) {
        (Source::Base64(data), "input_audio") => {
            inner.text("data", data).text_if("format", media.media_type.as_deref().map(format_of));
        }
        (Source::File(id), _) => {
            inner.text("file_id", id);
        }
        (Source::Base64(data), "file") if media.extra.noted(OWN, "form") == Some("bare") => {
            inner.text("file_data", data);
        }
        (_, "file") => {
            inner.text("file_data", &url);
        }
        (_, _) if media.extra.noted(OWN, "form") == Some(TEXT) => {
            out.text("type", member).text(member, &url);
        }
        _ => {
            inner.text("url", &url);
        }
    }
    if member == "file" {
        let needed = matches!(media.source, Source::Base64(_) | Source::Text(_)) && !media.extra.is_from(OWN);
        inner.text_if("filename", media.name.as_deref().or(needed.then_some("document")));
    } else if media.name.is_some() {
        losses.add("media.name");
    }
    let detail = (Dialect::OpenAiResponses, ["detail"].as_slice());
    media.extra.write_shared(OWN, detail, media.kind.name(), &mut inner, losses);
    out.text("type", member).object(member, inner);
    if let Some(part) = media.extra.inner(OWN, "part") {
        part.write(OWN, "media", &mut out, losses);
    }
    out
}

/// The address of a medium, as a `data:` address where its bytes are here.
fn address(media: &Media) -> String {
    let media_type = media.media_type.as_deref();
    let (header, data) = match &media.source {
        Source::Url(url) => return url.clone(),
        Source::File(id) => return id.clone(),
        Source::Base64(data) => {
            let unnamed = if media.kind == MediaKind::Image { "image/png" } else { "application/octet-stream" };
            (format!("{};base64", media_type.unwrap_or(unnamed)), data)
        }
        Source::Text(text) => (media_type.unwrap_or("text/plain").to_owned(), text),
    };
    let header = media.extra.noted(OWN, "header").unwrap_or(&header);
    format!("data:{header},{}", media.extra.noted(OWN, "text").unwrap_or(data))
}

/// The format of sound as OpenAI names it.
fn format_of(media_type: &str) -> &str {
    match media_type.strip_prefix("audio/").unwrap_or(media_type) {
        "mpeg" => "mp3",
        "x-wav" | "wave" | "vnd.wave" => "wav",
        other => other,
    }
}
