//! Documents that are text, whichever way they came.

use crate::item::{Media, MediaKind, Source};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::borrow::Cow;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);
/// Types of text that do not begin with `text/`, and ends of such types.
const TYPES: [&str; 6] = [
    "application/json",
    "application/xml",
    "application/yaml",
    "application/x-yaml",
    "application/x-ndjson",
    "application/javascript",
];
const ENDINGS: [&str; 2] = ["+json", "+xml"];
/// How names of texts end, for those whose type is not said.
const NAMES: [&str; 7] = [".txt", ".md", ".csv", ".json", ".xml", ".yaml", ".html"];

impl Media {
    /// What a document says, if that is text: for dialects that take texts and no files.
    pub fn words(&self) -> Option<Cow<'_, str>> {
        match &self.source {
            _ if self.kind != MediaKind::Document => None,
            Source::Text(text) => Some(Cow::Borrowed(text)),
            Source::Base64(data) if self.is_text() => {
                String::from_utf8(BASE64.decode(data.trim()).ok()?).ok().map(Cow::Owned)
            }
            Source::Base64(_) | Source::Url(_) | Source::File(_) => None,
        }
    }

    fn is_text(&self) -> bool {
        match &self.media_type {
            Some(told) => {
                let told = told.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
                told.starts_with("text/")
                    || TYPES.contains(&told.as_str())
                    || ENDINGS.iter().any(|ending| told.ends_with(ending))
            }
            None => self.name.as_deref().is_some_and(|name| NAMES.iter().any(|ending| name.ends_with(ending))),
        }
    }
}

#[cfg(test)]
mod tests;
