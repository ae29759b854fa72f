//! The parts of content: of messages, and of what tools answered.

use super::{OWN, Object, Quiet, opaque, rest, write_quiet};
use crate::breakpoint;
use conversation::dialect::Dialect;
use conversation::fault::Fault;
use conversation::item::{CacheBreakpoint, Item, Media, MediaKind, Source, Text, with_breakpoints};
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::loss::Losses;

/// Of a text: `annotations` and `logprobs` say nothing while they are empty.
const TEXT: &Quiet = &[("type", ""), ("annotations", "[]"), ("logprobs", "[]")];
const MEDIA: &Quiet = &[("type", ""), ("detail", "\"auto\"")];

/// Where parts stand, which decides what texts are called and which parts there can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// What is said to the model.
    Input,
    /// What the model said, in a request.
    History,
    /// What the model says, in an answer.
    Answer,
}

/// Reads a part: an item, and the breakpoint behind it if there is one. What is not known is opaque.
///
/// # Errors
/// A known part is not as it should be.
pub(super) fn read(mut object: Object<'_>, whole: &str) -> Result<Vec<Item>, Fault> {
    let kind = object.peek_text("type").unwrap_or_default();
    let point = object.value(breakpoint::NAME);
    let item = match kind.as_str() {
        "input_text" | "output_text" => {
            let text = object.needed_text("text")?;
            Item::Text(Text { text, extra: rest(object, TEXT), ..Text::default() })
        }
        "refusal" => {
            let text = object.needed_text("refusal")?;
            Item::Text(Text { text, refusal: true, extra: rest(object, TEXT), ..Text::default() })
        }
        "input_image" => match read_image(object)? {
            Some(media) => Item::Media(media),
            None => return Ok(vec![opaque(&kind, whole)]),
        },
        "input_file" => match read_file(object)? {
            Some(media) => Item::Media(media),
            None => return Ok(vec![opaque(&kind, whole)]),
        },
        _ => return Ok(vec![opaque(&kind, whole)]),
    };
    let point = point.map(|raw| Item::CacheBreakpoint(breakpoint::read(OWN, raw.as_str())));
    Ok([item].into_iter().chain(point).collect())
}

/// None for an address that can be kept only as it is.
fn read_image(mut object: Object<'_>) -> Result<Option<Media>, Fault> {
    let mut spelled = None;
    let (source, media_type) = match object.text("image_url")? {
        Some(address) if address.starts_with("data:") => {
            let Some((media_type, data)) = of_data_url(&address) else { return Ok(None) };
            let found = (Source::Base64(data.to_owned()), Some(media_type.to_owned()));
            spelled = (data_url(media_type, data) != address).then(|| address.clone());
            found
        }
        Some(address) => (Source::Url(address), None),
        None => (Source::File(object.needed_text("file_id")?), None),
    };
    let mut extra = rest(object, MEDIA);
    spelled.iter().for_each(|address| extra.note("image_url", address));
    Ok(Some(Media { kind: MediaKind::Image, source, media_type, name: None, extra }))
}

/// None for data that can be kept only as they are.
fn read_file(mut object: Object<'_>) -> Result<Option<Media>, Fault> {
    let name = object.text("filename")?;
    let mut spelled = None;
    let (source, media_type) = if let Some(data) = object.text("file_data")? {
        if !data.starts_with("data:") {
            spelled = Some(data.clone());
            let pdf = name.as_ref().is_some_and(|name| name.ends_with(".pdf"));
            (Source::Base64(data), pdf.then(|| "application/pdf".to_owned()))
        } else if let Some((media_type, content)) = of_data_url(&data) {
            let found = (Source::Base64(content.to_owned()), Some(media_type.to_owned()));
            spelled = (data_url(media_type, content) != data).then(|| data.clone());
            found
        } else {
            return Ok(None);
        }
    } else if let Some(address) = object.text("file_url")? {
        (Source::Url(address), None)
    } else {
        (Source::File(object.needed_text("file_id")?), None)
    };
    let mut extra = rest(object, MEDIA);
    spelled.iter().for_each(|data| extra.note("file_data", data));
    Ok(Some(Media { kind: MediaKind::Document, source, media_type, name, extra }))
}

/// The media type without parameters and the base64 of a `data:` URL (RFC 2397).
fn of_data_url(address: &str) -> Option<(&str, &str)> {
    let (head, data) = address.strip_prefix("data:")?.split_once(',')?;
    let head = head.strip_suffix(";base64")?;
    Some((head.split(';').next().unwrap_or_default(), data))
}

fn data_url(media_type: &str, data: &str) -> String {
    format!("data:{media_type};base64,{data}")
}

/// Writes parts; what cannot be a part there is a loss.
pub(super) fn write_all<'a>(items: impl IntoIterator<Item = &'a Item>, side: Side, losses: &mut Losses) -> ArrayWriter {
    let items: Vec<Item> = items.into_iter().cloned().collect();
    let mut parts = ArrayWriter::new();
    for (item, point) in with_breakpoints(&items) {
        let mut out = match item {
            Item::Text(text) => write_text(text, side, losses),
            Item::Media(media) => match write_media(media, side, losses) {
                Some(out) => out,
                None => {
                    losses.add(&media.loss());
                    continue;
                }
            },
            Item::Opaque(part) if part.dialect == OWN => {
                parts.raw(part.raw.as_str());
                continue;
            }
            item => {
                lose(item, losses);
                continue;
            }
        };
        write_breakpoint(point, &mut out, losses);
        parts.object(out);
    }
    parts
}

/// What was not said in this dialect has no place: see [`breakpoint::taken`].
fn write_breakpoint(point: Option<&CacheBreakpoint>, out: &mut ObjectWriter, losses: &mut Losses) {
    match point.map(|point| point.extra.noted(OWN, breakpoint::NAME)) {
        Some(Some(raw)) => {
            out.raw(breakpoint::NAME, raw);
        }
        Some(None) => losses.add("cache_breakpoint"),
        None => {}
    }
}

/// Takes note of an item that has no place where it stands.
pub(super) fn lose(item: &Item, losses: &mut Losses) {
    match item {
        Item::Text(_) => losses.add("text"),
        Item::Reasoning(_) => losses.add("reasoning"),
        Item::ToolCall(_) => losses.add("tool_call"),
        Item::ToolResult(_) => losses.add("tool_result"),
        Item::Media(media) => losses.add(&media.loss()),
        Item::CacheBreakpoint(_) => losses.add("cache_breakpoint"),
        Item::Opaque(opaque) => losses.add(&format!("{}.{}", opaque.dialect.name(), opaque.kind)),
    }
}

/// A text as a part.
pub(super) fn write_text(text: &Text, side: Side, losses: &mut Losses) -> ObjectWriter {
    let mut out = ObjectWriter::new();
    let refusal = text.refusal && (side != Side::Input || text.extra.noted(OWN, "type").is_some());
    write_quiet(&text.extra, TEXT, &mut out);
    let name = if side == Side::Input { "input_text" } else { "output_text" };
    out.text("type", if refusal { "refusal" } else { name });
    out.text(if refusal { "refusal" } else { "text" }, &text.text);
    if !text.extra.is_from(OWN) && !refusal && side != Side::Input {
        out.raw("annotations", "[]");
        if side == Side::Answer {
            out.raw("logprobs", "[]");
        }
    }
    losses.add_if(text.signature.is_some(), "text.signature");
    text.extra.write(OWN, "text", &mut out, losses);
    out
}

fn write_media(media: &Media, side: Side, losses: &mut Losses) -> Option<ObjectWriter> {
    let own = media.extra.is_from(OWN);
    // The ids of files are those of their provider only.
    let known = media.extra.dialect().is_none_or(|dialect| matches!(dialect, OWN | Dialect::OpenAiChat));
    let mut out = ObjectWriter::new();
    match media.kind {
        _ if matches!(media.source, Source::File(_)) && !known => return None,
        _ if side != Side::Input => return None,
        MediaKind::Image => {
            out.text("type", "input_image");
            match &media.source {
                Source::Base64(data) => match media.extra.noted(OWN, "image_url") {
                    Some(spelled) => out.text("image_url", spelled),
                    None => out.text("image_url", &data_url(media.media_type.as_deref().unwrap_or("image/png"), data)),
                },
                Source::Url(address) => out.text("image_url", address),
                Source::File(id) => out.text("file_id", id),
                Source::Text(_) => return None,
            };
            losses.add_if(media.name.is_some(), "media.name");
        }
        MediaKind::Document => write_file(media, own, &mut out),
        MediaKind::Audio | MediaKind::Video => return None,
    }
    write_quiet(&media.extra, MEDIA, &mut out);
    if !own && media.kind == MediaKind::Image {
        let detail = media.extra.get("detail").map_or("\"auto\"", |detail| detail.as_str());
        out.raw("detail", detail);
    }
    media.extra.write_shared(OWN, (Dialect::OpenAiChat, &["detail"]), "media", &mut out, losses);
    Some(out)
}

fn write_file(media: &Media, own: bool, out: &mut ObjectWriter) {
    let name = media.name.as_deref();
    match &media.source {
        Source::Base64(data) => {
            let media_type = media.media_type.as_deref().unwrap_or("application/octet-stream");
            out.text("type", "input_file");
            match media.extra.noted(OWN, "file_data") {
                Some(spelled) => out.text("file_data", spelled),
                None => out.text("file_data", &data_url(media_type, data)),
            };
            // Data without a name are refused.
            let made = if media_type == "application/pdf" { "file.pdf" } else { "file" };
            out.text_if("filename", name.or((!own).then_some(made)));
        }
        Source::Url(address) => {
            out.text("type", "input_file").text("file_url", address).text_if("filename", name);
        }
        Source::File(id) => {
            out.text("type", "input_file").text("file_id", id).text_if("filename", name);
        }
        Source::Text(text) => {
            let text = name.map_or_else(|| text.clone(), |name| format!("{name}\n\n{text}"));
            out.text("type", "input_text").text("text", &text);
        }
    }
}
