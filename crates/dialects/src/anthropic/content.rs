//! Content blocks, written.

use super::{EVENT, OWN, keeps};
use conversation::dialect::Dialect;
use conversation::item::{CacheBreakpoint, Media, MediaKind, Opaque, Reasoning, Source, Text, ToolCall};
use conversation::json::Raw;
use conversation::json::write::ObjectWriter;
use conversation::loss::Losses;
use conversation::object::Object;

/// Adds `cache_control`.
pub(super) fn write_cache(point: Option<&CacheBreakpoint>, out: &mut ObjectWriter, losses: &mut Losses) {
    let Some(point) = point else { return };
    let mut control = ObjectWriter::new();
    point.extra.write_fixed(OWN, "type", r#""ephemeral""#, &mut control);
    control.text_if("ttl", point.ttl.as_deref());
    // Servers of OpenAI's dialect that know breakpoints took their form from here.
    point.extra.write_shared(OWN, (Dialect::OpenAiChat, &["type"]), "cache_breakpoint", &mut control, losses);
    out.object("cache_control", control);
}

/// A block of text.
pub(super) fn text(text: &Text, point: Option<&CacheBreakpoint>, losses: &mut Losses) -> ObjectWriter {
    let mut out = ObjectWriter::new();
    out.text("type", "text").text("text", &text.text);
    losses.add_if(text.signature.is_some(), "text.signature");
    write_cache(point, &mut out, losses);
    text.extra.write(OWN, "text", &mut out, losses);
    out
}

/// A block with thoughts, as a model wrote or signed them. None, and a loss, where a model of this dialect could not take
/// them: without a signature, or as only another provider can read them.
pub(super) fn signed_reasoning(reasoning: &Reasoning, losses: &mut Losses) -> Option<ObjectWriter> {
    let own = reasoning.extra.is_from(OWN);
    let signed = reasoning.signature.as_deref().is_some_and(|signature| !signature.is_empty());
    if is_redacted(reasoning) {
        return Some(redacted(reasoning, losses));
    }
    if !own && !signed {
        losses.add("reasoning");
        return None;
    }
    thinking(reasoning, losses)
}

/// Whether these are thoughts that only the provider of this dialect's models can read: read here, from Bedrock, which
/// serves the same models, or from a server of OpenAI's dialect that says so (OpenRouter: `anthropic-claude-v1`).
pub(super) fn is_redacted(reasoning: &Reasoning) -> bool {
    let from = |dialect| reasoning.extra.is_from(dialect);
    let format = reasoning.extra.get("format").and_then(Raw::as_text).filter(|_| from(Dialect::OpenAiChat));
    let ours = from(OWN) || from(Dialect::Bedrock) || format.is_some_and(|format| format.starts_with("anthropic"));
    reasoning.encrypted.is_some() && reasoning.signature.is_none() && ours
}

/// Thoughts that only the provider can read.
pub(super) fn redacted(reasoning: &Reasoning, losses: &mut Losses) -> ObjectWriter {
    let mut out = ObjectWriter::new();
    out.text("type", "redacted_thinking").text_if("data", reasoning.encrypted.as_deref());
    reasoning.extra.write(OWN, "reasoning", &mut out, losses);
    out
}

/// Thoughts as text. A summary in parts becomes one text, before the thoughts themselves if there are any. None if there
/// is nothing to read and it was not signed.
pub(super) fn thinking(reasoning: &Reasoning, losses: &mut Losses) -> Option<ObjectWriter> {
    let mut out = ObjectWriter::new();
    let parts = reasoning.summary.iter().map(String::as_str).chain([reasoning.text.as_str()]);
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    out.text("type", "thinking").text("thinking", &parts.join("\n\n"));
    // Clients want the member; what has none was not signed.
    let own = reasoning.extra.is_from(OWN);
    let unsigned = if own { None } else { Some("") };
    out.text_if("signature", reasoning.signature.as_deref().or(unsigned));
    losses.add_if(reasoning.encrypted.is_some(), "reasoning.encrypted");
    losses.add_if(reasoning.id.is_some(), "reasoning.id");
    reasoning.extra.write(OWN, "reasoning", &mut out, losses);
    (own || !parts.is_empty() || reasoning.signature.is_some()).then_some(out)
}

/// A call of a tool.
pub(super) fn call(call: &ToolCall, id: &str, point: Option<&CacheBreakpoint>, losses: &mut Losses) -> ObjectWriter {
    let mut out = ObjectWriter::new();
    out.text("type", "tool_use");
    if call.id.is_some() || !keeps(&call.extra, "id") {
        out.text("id", id);
    }
    out.text("name", &call.name);
    let own = call.extra.is_from(OWN).then(|| Raw::parse(&call.arguments).ok()).flatten();
    if let Some(own) = own {
        out.raw("input", own.as_str());
    } else if !keeps(&call.extra, "input") {
        out.raw("input", &input(&call.arguments, losses));
    }
    losses.add_if(call.signature.is_some(), "tool_call.signature");
    write_cache(point, &mut out, losses);
    call.extra.write(OWN, "tool_call", &mut out, losses);
    out
}

/// Arguments as the object that they must be here.
pub(super) fn input(arguments: &str, losses: &mut Losses) -> String {
    if arguments.trim().is_empty() {
        return "{}".to_owned();
    }
    match Raw::parse(arguments) {
        Ok(raw) if raw.is_object() => raw.as_str().to_owned(),
        _ => {
            losses.add("tool_call.arguments");
            let mut out = ObjectWriter::new();
            out.text("arguments", arguments);
            out.finish()
        }
    }
}

/// A block that only one dialect knows: it as it was, or a loss.
pub(super) fn opaque(opaque: &Opaque, losses: &mut Losses) -> Option<String> {
    let own = opaque.dialect == OWN && !opaque.kind.starts_with(EVENT);
    losses.add_if(!own, &format!("{}.{}", opaque.dialect.name(), opaque.kind));
    own.then(|| opaque.raw.as_str().to_owned())
}

/// A picture or document; a loss where there is no place for it.
pub(super) fn media(media: &Media, point: Option<&CacheBreakpoint>, losses: &mut Losses) -> Option<ObjectWriter> {
    let own = media.extra.is_from(OWN);
    let place = media.kind.name();
    let Some(mut source) = write_source(media, own) else {
        losses.add(&media.loss());
        return None;
    };
    if let Some(inner) = media.extra.inner(OWN, "source") {
        inner.write(OWN, place, &mut source, losses);
    }
    let mut out = ObjectWriter::new();
    out.text("type", place).object("source", source);
    if media.kind == MediaKind::Document {
        out.text_if("title", media.name.as_deref());
    } else {
        losses.add_if(media.name.is_some(), &format!("{place}.name"));
    }
    write_cache(point, &mut out, losses);
    media.extra.write(OWN, place, &mut out, losses);
    Some(out)
}

/// The source of a medium that models of this dialect can take: pictures, documents in PDF and plain texts. The ids of
/// files are those of their provider only.
fn write_source(media: &Media, own: bool) -> Option<ObjectWriter> {
    let mut out = ObjectWriter::new();
    let media_type = media.media_type.as_deref();
    match (&media.source, media.kind) {
        (_, MediaKind::Audio | MediaKind::Video) => return None,
        (Source::Base64(_), MediaKind::Document) if !own && media.words().is_some() => {
            out.text("type", "text").text("media_type", "text/plain").text_if("data", media.words().as_deref());
        }
        (Source::Base64(data), kind) => {
            let media_type = if own { media_type } else { Some(type_of(data, kind, media_type)?) };
            out.text("type", "base64").text_if("media_type", media_type).text("data", data);
        }
        (Source::Text(text), MediaKind::Document) => {
            let media_type = if own { media_type } else { Some("text/plain") };
            out.text("type", "text").text_if("media_type", media_type).text("data", text);
        }
        (Source::Url(url), _) => {
            out.text("type", "url").text("url", url);
        }
        (Source::File(id), _) if own => {
            out.text("type", "file").text("file_id", id);
        }
        (Source::Text(_) | Source::File(_), _) => return None,
    }
    Some(out)
}

/// The media type of data of another dialect, if it is one that is taken here.
fn type_of<'a>(data: &str, kind: MediaKind, told: Option<&'a str>) -> Option<&'a str> {
    // How pictures of each type begin, in base64.
    let beginnings =
        [("/9j/", "image/jpeg"), ("R0lGOD", "image/gif"), ("UklGR", "image/webp"), ("iVBORw", "image/png")];
    let seen = || beginnings.iter().find(|(beginning, _)| data.starts_with(beginning)).map(|(_, name)| *name);
    match kind {
        MediaKind::Image => told.or_else(seen).or(Some("image/png")),
        _ => told.or(Some("application/pdf")).filter(|name| *name == "application/pdf"),
    }
}

/// The schema of arguments as it must be here: an object that says that it describes an object. None if it is no object.
pub(super) fn schema(parameters: Option<&Raw>) -> Option<String> {
    let Some(raw) = parameters else { return Some(r#"{"type":"object","properties":{}}"#.to_owned()) };
    let object = Object::read(raw.as_str()).ok()?;
    if object.peek("type").is_some() {
        return Some(raw.as_str().to_owned());
    }
    let mut out = ObjectWriter::new();
    out.text("type", "object");
    object.rest(OWN).write(OWN, "", &mut out, &mut Losses::new());
    Some(out.finish())
}
