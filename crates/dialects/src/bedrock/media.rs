//! Pictures, documents, videos and sound.

use super::own::{ABSENT, OWN};
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::item::{Media, MediaKind, Source};
use conversation::json::write::ObjectWriter;
use conversation::loss::Losses;
use conversation::object::Object;
use std::collections::HashSet;

/// Words for formats, and the media types that they stand for (`ImageBlock`, `DocumentBlock`, `VideoBlock` and
/// `AudioBlock` of the API reference). Of two words for one type the first is written.
const FORMATS: [(MediaKind, &str, &str); 32] = [
    (MediaKind::Image, "png", "image/png"),
    (MediaKind::Image, "jpeg", "image/jpeg"),
    (MediaKind::Image, "jpeg", "image/jpg"),
    (MediaKind::Image, "gif", "image/gif"),
    (MediaKind::Image, "webp", "image/webp"),
    (MediaKind::Document, "pdf", "application/pdf"),
    (MediaKind::Document, "csv", "text/csv"),
    (MediaKind::Document, "doc", "application/msword"),
    (MediaKind::Document, "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (MediaKind::Document, "xls", "application/vnd.ms-excel"),
    (MediaKind::Document, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (MediaKind::Document, "html", "text/html"),
    (MediaKind::Document, "txt", "text/plain"),
    (MediaKind::Document, "md", "text/markdown"),
    (MediaKind::Video, "mkv", "video/x-matroska"),
    (MediaKind::Video, "mov", "video/quicktime"),
    (MediaKind::Video, "mp4", "video/mp4"),
    (MediaKind::Video, "webm", "video/webm"),
    (MediaKind::Video, "flv", "video/x-flv"),
    (MediaKind::Video, "mpeg", "video/mpeg"),
    (MediaKind::Video, "mpg", "video/mpeg"),
    (MediaKind::Video, "wmv", "video/x-ms-wmv"),
    (MediaKind::Video, "three_gp", "video/3gpp"),
    (MediaKind::Audio, "mp3", "audio/mpeg"),
    (MediaKind::Audio, "mp3", "audio/mp3"),
    (MediaKind::Audio, "wav", "audio/wav"),
    (MediaKind::Audio, "aac", "audio/aac"),
    (MediaKind::Audio, "flac", "audio/flac"),
    (MediaKind::Audio, "mp4", "audio/mp4"),
    (MediaKind::Audio, "ogg", "audio/ogg"),
    (MediaKind::Audio, "opus", "audio/opus"),
    (MediaKind::Audio, "webm", "audio/webm"),
];
/// The longest name of a document.
const LONGEST_NAME: usize = 200;

/// The kind of the block that is called so.
pub(super) fn kind(block: &str) -> Option<MediaKind> {
    [MediaKind::Image, MediaKind::Document, MediaKind::Video, MediaKind::Audio]
        .into_iter()
        .find(|kind| kind.name() == block)
}

fn format(kind: MediaKind, media_type: &str) -> Option<&'static str> {
    FORMATS.iter().find(|(of, _, known)| *of == kind && *known == media_type).map(|(_, format, _)| *format)
}

/// Reads what stands in a block of this kind. None where its bytes are in a place that only this dialect has, such as S3.
pub(super) fn read(kind: MediaKind, mut inner: Object) -> Result<Option<Media>, Fault> {
    let mut extra = Extra::new(OWN);
    let Some(mut place) = inner.object("source")? else { return Ok(None) };
    let source = match (place.text("bytes").within("source")?, kind) {
        (Some(bytes), _) => Source::Base64(bytes),
        (None, MediaKind::Document) => match place.text("text").within("source")? {
            Some(text) => Source::Text(text),
            None => return Ok(None),
        },
        (None, _) => return Ok(None),
    };
    let told = inner.text("format")?;
    let found = told.as_ref().and_then(|told| FORMATS.iter().find(|(of, word, _)| *of == kind && word == told));
    let media_type = found.map(|(_, _, media_type)| (*media_type).to_owned());
    if media_type.as_deref().and_then(|media_type| format(kind, media_type)) != told.as_deref() {
        extra.note("format", told.as_deref().unwrap_or(ABSENT));
    }
    if media_type.is_none() && told.is_none() {
        extra.note("format", ABSENT);
    }
    let name = if kind == MediaKind::Document { inner.text("name")? } else { None };
    extra.keep_inner("source", place.rest(OWN));
    extra.merge(inner.rest(OWN));
    Ok(Some(Media { kind, source, media_type, name, extra }))
}

/// The names of the documents of a request. Each must have one, and no two the same.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// The name of a document that came from elsewhere. Only letters, digits, single spaces, hyphens, parentheses and
    /// brackets are taken.
    fn of(&mut self, name: Option<&str>) -> String {
        let fits = |character: char| character.is_ascii_alphanumeric() || " -()[]".contains(character);
        let told = name.unwrap_or("document").chars().map(|character| if fits(character) { character } else { '-' });
        let told: String = told.take(LONGEST_NAME - 20).collect();
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        let told = if told.is_empty() { "document".to_owned() } else { told };
        let name = match self.taken.contains(&told) {
            true => format!("{told} {}", self.taken.len() + 1),
            false => told,
        };
        self.taken.insert(name.clone());
        name
    }
}

/// What stands in the block of a medium. None, and a loss, where it cannot be said.
pub(super) fn write(media: &Media, names: &mut Names, losses: &mut Losses) -> Option<ObjectWriter> {
    let (own, kind) = (media.extra.is_from(OWN), media.kind);
    let format = match media.extra.noted(OWN, "format") {
        Some(ABSENT | "null") => None,
        Some(told) => Some(told.to_owned()),
        None => media.media_type.as_deref().and_then(|media_type| format(kind, plain(media_type))).map(str::to_owned),
    };
    let format = match (&media.source, kind) {
        (_, MediaKind::Document) if !own && media.words().is_some() => format.or(Some("txt".to_owned())),
        _ => format,
    };
    let Some(source) = source(media).filter(|_| own || format.is_some()) else {
        losses.add(&media.loss());
        return None;
    };
    let (mut out, mut place) = (ObjectWriter::new(), source);
    out.text_if("format", format.as_deref());
    match (&media.name, kind) {
        (Some(name), MediaKind::Document) if own => {
            out.text("name", name);
        }
        (name, MediaKind::Document) if !own => {
            out.text("name", &names.of(name.as_deref()));
        }
        (name, _) => losses.add_if(name.is_some(), &format!("{}.name", kind.name())),
    }
    if let Some(inner) = media.extra.inner(OWN, "source") {
        inner.write(OWN, "media.source", &mut place, losses);
    }
    out.object("source", place);
    Some(out)
}

/// A media type without parameters.
fn plain(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

fn source(media: &Media) -> Option<ObjectWriter> {
    let mut out = ObjectWriter::new();
    match &media.source {
        Source::Base64(bytes) => out.text("bytes", bytes),
        Source::Text(text) if media.kind == MediaKind::Document => out.text("text", text),
        Source::Url(address) if address.starts_with("s3://") => {
            let mut place = ObjectWriter::new();
            place.text("uri", address);
            out.object("s3Location", place)
        }
        Source::Text(_) | Source::Url(_) | Source::File(_) => return None,
    };
    Some(out)
}

#[cfg(test)]
mod tests;
