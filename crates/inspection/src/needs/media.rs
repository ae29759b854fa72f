//! The pictures, sounds and documents of a request, each counted once, where its dialect has them. Pure.
//!
//! What a tool is called, or what stands in its arguments, is none of them. A test holds this against what the dialects read.

use crate::dialect::Dialect;
use conversation::item::MediaKind;
use mcp::raw::{self, Index, Member};
use memchr::memmem::find;

/// What a picture, a page or a piece of sound takes at most where only its place is said, in tokens.
pub(super) const MEDIUM: u64 = 5_000;
/// How many bytes of media make a token at least: base64 of a page of a document has about 50, …
pub(super) const BYTES_OF_MEDIUM: u64 = 16;
/// … which is what is taken where it is not a bound that is wanted.
const USUAL_BYTES_OF_MEDIUM: u64 = 50;
/// What a picture takes as a rule, in tokens: providers make large ones smaller.
const PICTURE: u64 = 1_000;
/// What something else takes as a rule of which only the place is said.
const PLACED: u64 = 500;
/// The shortest text that is taken for media in base64, in bytes.
const SHORTEST: usize = 1_024;

/// How deep parts are looked at: a document is made of parts, in the result of a tool, in a message. Each level is one walk more
/// through what is in it.
const DEEPEST: u8 = 12;

/// Where the dialects have what is said.
const TURNS: [&str; 7] =
    ["messages", "input", "contents", "system", "instructions", "systemInstruction", "system_instruction"];

/// The media of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Media {
    /// Whether there are pictures.
    pub(super) pictures: bool,
    /// Whether there is sound.
    pub(super) sounds: bool,
    /// Whether there are documents that are not plain text.
    pub(super) documents: bool,
    /// Whether one can be many more tokens than can be told from here.
    pub(super) beyond: bool,
    /// How many there are.
    pub(super) count: u64,
    /// How many bytes of base64 there are.
    pub(super) bytes: u64,
    /// About how many tokens they take.
    pub(super) usual: u64,
}

impl Media {
    /// Those of a request.
    pub(super) fn of(dialect: Dialect, body: &str, index: &Index) -> Self {
        let mut media = Self::default();
        for turns in TURNS.into_iter().filter_map(|name| index.get(body, name)) {
            media.look(dialect, turns, DEEPEST);
        }
        media
    }

    /// How many tokens they take at most.
    pub(super) fn most(&self) -> u64 {
        self.count.saturating_mul(MEDIUM).saturating_add(self.bytes / BYTES_OF_MEDIUM)
    }

    /// Looks at turns, or at parts of one, and so many levels deep.
    fn look(&mut self, dialect: Dialect, value: &str, levels: u8) {
        let Some(levels) = levels.checked_sub(1) else { return };
        if raw::is_object(value) {
            return self.part(dialect, value, levels);
        }
        let nested = raw::elements(value).filter(|element| element.starts_with(['{', '[']));
        nested.for_each(|one| self.look(dialect, one, levels));
    }

    fn part(&mut self, dialect: Dialect, object: &str, levels: u8) {
        let mut kind = None;
        for Member { key, value } in raw::members(object) {
            match (dialect, &*raw::text(key).unwrap_or_default()) {
                (Dialect::Ollama, "images") => {
                    raw::elements(value).for_each(|picture| self.add(MediaKind::Image, picture));
                }
                (Dialect::Gemini, "inlineData" | "inline_data") => self.add(of_type(value), value),
                (Dialect::Gemini, "fileData" | "file_data") => {
                    let kind = of_type(value);
                    // The length of all but a picture is not told by its address.
                    self.beyond |= kind != MediaKind::Image;
                    self.add(kind, value);
                }
                (Dialect::Gemini, "parts" | "functionResponse" | "function_response")
                | (_, "content" | "output" | "images") => self.look(dialect, value, levels),
                (_, "type") => kind = raw::text(value),
                _ => {}
            }
        }
        match kind.as_deref().filter(|_| !matches!(dialect, Dialect::Gemini | Dialect::Ollama)) {
            Some("image_url" | "input_image" | "image" | "computer_screenshot") => {
                self.add(MediaKind::Image, object);
            }
            Some("input_audio" | "audio_url" | "audio") => self.add(MediaKind::Audio, object),
            Some("video_url" | "input_video" | "video") => self.add(MediaKind::Video, object),
            Some("input_file") => self.add(MediaKind::Document, object),
            Some("document") => self.document(dialect, object, levels),
            Some("file") => self.add(kind_of_file(object), object),
            _ => {}
        }
    }

    /// A document of Anthropic's, which may be text, or made of parts.
    fn document(&mut self, dialect: Dialect, object: &str, levels: u8) {
        let source = raw::get(object, "source").unwrap_or_default();
        match raw::get(source, "type").and_then(raw::text).as_deref() {
            Some("text") => {}
            Some("content") => self.look(dialect, raw::get(source, "content").unwrap_or_default(), levels),
            _ => self.add(MediaKind::Document, object),
        }
    }

    /// One more, which is `value`.
    fn add(&mut self, kind: MediaKind, value: &str) {
        let bytes = base64_in(value);
        self.count = self.count.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
        let placed = if bytes == 0 { PLACED } else { bytes / USUAL_BYTES_OF_MEDIUM };
        self.usual = self.usual.saturating_add(if kind == MediaKind::Image { PICTURE } else { placed });
        match kind {
            MediaKind::Image => self.pictures = true,
            MediaKind::Audio => self.sounds = true,
            MediaKind::Document => self.documents = true,
            MediaKind::Video => {}
        }
    }
}

/// What a medium of Gemini's is, by the type that it has. One without is taken for what no model is known to lack.
fn of_type(value: &str) -> MediaKind {
    let [camel, snake] = raw::pick(value, ["mimeType", "mime_type"]);
    let of_type = |kind: &str| raw::text(kind).map(|kind| MediaKind::of_type(&kind));
    camel.or(snake).and_then(of_type).unwrap_or(MediaKind::Video)
}

/// What a file in a chat is, by the address that has its bytes.
fn kind_of_file(part: &str) -> MediaKind {
    let data = raw::at(part, &["file", "file_data"]).unwrap_or_default();
    data.strip_prefix("\"data:").map_or(MediaKind::Document, MediaKind::of_type)
}

/// How many bytes of base64 stand in a part.
fn base64_in(part: &str) -> u64 {
    let bytes = part.as_bytes();
    let (mut from, mut sum) = (0, 0_u64);
    for quote in memchr::memchr_iter(b'"', bytes) {
        let text = bytes.get(from..quote).unwrap_or_default();
        from = quote + 1;
        if text.len() >= SHORTEST && is_base64(text) {
            sum = sum.saturating_add(text.len() as u64);
        }
    }
    sum
}

/// Whether a text is media, with or without `data:…;base64,` before it.
fn is_base64(text: &[u8]) -> bool {
    let text = match find(text.get(..200).unwrap_or(text), b";base64,") {
        Some(at) => text.get(at + 8..).unwrap_or_default(),
        None => text,
    };
    text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_\\".contains(byte))
}

#[cfg(test)]
mod tests;
