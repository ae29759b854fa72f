//! Pictures, sound, videos and files as parts of a message.

use super::OWN;
use super::notes::TEXT;
use conversation::dialect::Dialect;
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::item::{Media, MediaKind, Source};
use conversation::json::write::ObjectWriter;
use conversation::loss::Losses;
use conversation::object::Object;

/// A part that holds an address: `{"image_url":{"url":"…"}}`, or the address itself as some clients write it.
pub(super) fn read_address(mut part: Object<'_>, member: &'static str, kind: MediaKind) -> Result<Media, Fault> {
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

pub(super) fn read_audio(mut part: Object<'_>) -> Result<Media, Fault> {
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

pub(super) fn read_file(mut part: Object<'_>) -> Result<Media, Fault> {
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

/// Writes a medium as a part. Nothing, and a loss, for a file that only another provider has.
pub(super) fn write(media: &Media, losses: &mut Losses) -> Option<ObjectWriter> {
    let known = media.extra.dialect().is_none_or(|dialect| matches!(dialect, OWN | Dialect::OpenAiResponses));
    if matches!(media.source, Source::File(_)) && !known {
        losses.add("media.file");
        return None;
    }
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
    Some(out)
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
