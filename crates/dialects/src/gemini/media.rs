//! Parts with bytes: `inlineData` and `fileData`.

use super::OWN;
use super::spelling::{Members, Spelled};
use conversation::extra::Extra;
use conversation::fault::Fault;
use conversation::item::{Item, Media, MediaKind, Source};
use conversation::json::write::ObjectWriter;
use conversation::loss::Losses;

/// Where the addresses of files begin that the provider has: its Files API, and its own storage.
const OWN_FILES: [&str; 2] = ["https://generativelanguage.googleapis.com/", "gs://"];

/// Where the addresses of videos begin that the API takes without a type.
const VIDEOS: [&str; 3] = ["https://www.youtube.com/", "https://youtube.com/", "https://youtu.be/"];

/// Media types by the ending of a name, for those who give a name alone.
const TYPES: [(&str, &str); 14] = [
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("webp", "image/webp"),
    ("gif", "image/gif"),
    ("heic", "image/heic"),
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
    ("wav", "audio/wav"),
    ("mp3", "audio/mp3"),
    ("ogg", "audio/ogg"),
    ("mp4", "video/mp4"),
    ("mov", "video/mov"),
    ("webm", "video/webm"),
];

/// The medium that a part is; nothing where it is none that can be understood.
pub(super) fn read(part: &mut Members<'_>) -> Result<Option<Media>, Fault> {
    if let Some(mut blob) = part.object("inlineData")? {
        let media_type = blob.text("mimeType")?;
        let (data, name) = (blob.base64("data")?, blob.text("displayName")?);
        let mut extra = Extra::new(OWN);
        extra.keep_inner("inlineData", blob.rest());
        return Ok(data.map(|data| medium(Source::Base64(data), media_type, name, extra)));
    }
    let Some(mut file) = part.object("fileData")? else { return Ok(None) };
    let media_type = file.text("mimeType")?;
    let (uri, name) = (file.text("fileUri")?, file.text("displayName")?);
    let mut extra = Extra::new(OWN);
    extra.keep_inner("fileData", file.rest());
    let is_web = |uri: &str| uri.starts_with("http") && !OWN_FILES.iter().any(|own| uri.starts_with(own));
    let source = uri.map(|uri| if is_web(&uri) { Source::Url(uri) } else { Source::File(uri) });
    Ok(source.map(|source| medium(source, media_type, name, extra)))
}

fn medium(source: Source, media_type: Option<String>, name: Option<String>, extra: Extra) -> Media {
    let kind = match (&media_type, &source) {
        (Some(media_type), _) => MediaKind::of_type(media_type),
        (None, Source::Url(address)) if VIDEOS.iter().any(|videos| address.starts_with(videos)) => MediaKind::Video,
        (None, Source::Url(address)) => type_of_name(address).map_or(MediaKind::Document, MediaKind::of_type),
        _ => MediaKind::Document,
    };
    Media { kind, source, media_type, name, extra }
}

/// The medium with what else was said in its part.
pub(super) fn with_rest(mut media: Media, part: Members<'_>) -> Item {
    media.extra.merge(part.rest());
    Item::Media(media)
}

/// The part that says a medium.
pub(super) fn write(media: &Media, losses: &mut Losses) -> Option<String> {
    let own = media.extra.is_from(OWN);
    let mut part = Spelled::new(Some(&media.extra));
    let (holder, member, value) = match &media.source {
        Source::Base64(data) => ("inlineData", "data", data),
        Source::Url(address) => ("fileData", "fileUri", address),
        Source::File(address) if own || address.contains("://") => ("fileData", "fileUri", address),
        Source::File(_) => {
            losses.add(&media.loss());
            return None;
        }
        Source::Text(text) => {
            losses.add_if(media.name.is_some(), "media.name");
            let mut out = ObjectWriter::new();
            out.text("text", text);
            media.extra.lose("media", losses);
            return Some(out.finish());
        }
    };
    let mut data = Spelled::new(media.extra.inner(OWN, holder));
    let media_type = media.media_type.as_deref();
    data.text_if("mimeType", if own { media_type } else { media_type.or_else(|| likely_type(media)) });
    data.base64_if(member, Some(value));
    // `displayName` of what is sent inline is refused by the Gemini API and known to Vertex AI alone.
    data.text_if("displayName", media.name.as_deref().filter(|_| own));
    losses.add_if(media.name.is_some() && !own, "media.name");
    let data = data.finish("media", losses);
    part.raw(holder, &data);
    Some(part.finish("media", losses))
}

/// The media type by the ending of a name or of an address.
fn type_of_name(name: &str) -> Option<&'static str> {
    let path = name.split(['?', '#']).next().unwrap_or_default();
    let ending = path.rsplit_once('.')?.1.to_ascii_lowercase();
    TYPES.iter().find(|(known, _)| *known == ending).map(|(_, media_type)| *media_type)
}

/// Bytes are not taken without a type. An address is: the provider asks its server.
fn likely_type(media: &Media) -> Option<&'static str> {
    let name = match &media.source {
        Source::Url(address) | Source::File(address) => Some(address.as_str()),
        _ => media.name.as_deref(),
    };
    let known = name.and_then(type_of_name);
    let by_kind = match media.kind {
        MediaKind::Image => "image/png",
        MediaKind::Audio => "audio/wav",
        MediaKind::Video => "video/mp4",
        MediaKind::Document => "application/pdf",
    };
    known.or_else(|| matches!(media.source, Source::Base64(_)).then_some(by_kind))
}

#[cfg(test)]
mod tests;
