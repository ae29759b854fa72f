//! Files that are no text, as content blocks.

use super::answer::Answer;
use super::failure::failure;
use super::folder::modified;
use super::limits::BINARY_BYTES;
use super::place::Place;
use base::{Code, Error, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cap_std::fs::{File, Metadata};
use serde_json::json;
use std::io::Read;

/// The first bytes of formats, and their type.
const SIGNATURES: [(&[u8], &str); 8] = [
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\x7fELF", "application/x-executable"),
];

/// The type of a file that begins with `start`, or nothing when it is text.
pub(super) fn sniff(start: &[u8]) -> Option<&'static str> {
    if start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP") {
        return Some("image/webp");
    }
    let known = SIGNATURES.iter().find(|(signature, _)| start.starts_with(signature)).map(|(_, mime_type)| *mime_type);
    known.or_else(|| start.contains(&0).then_some("application/octet-stream"))
}

/// The whole file as an image or as a resource.
pub(super) fn answer(
    place: &Place,
    metadata: &Metadata,
    mut bytes: Vec<u8>,
    rest: File,
    mime_type: &str,
) -> Result<Answer> {
    let room = (BINARY_BYTES + 1).saturating_sub(bytes.len() as u64);
    rest.take(room).read_to_end(&mut bytes).map_err(|error| failure("read", place, &error))?;
    if bytes.len() as u64 > BINARY_BYTES {
        let size = metadata.len();
        let message = format!("{} is a binary file of {size} bytes; at most {BINARY_BYTES} are given", place.quoted());
        return Err(Error::new(Code::FilesTooLarge, message, "look at it with file_info, or have it made smaller"));
    }
    let data = STANDARD.encode(&bytes);
    let kind = if mime_type.starts_with("image/") { "image" } else { "binary" };
    let block = if kind == "image" {
        json!({"type": "image", "data": data, "mimeType": mime_type})
    } else {
        json!({"type": "resource", "resource": {"uri": address(place), "mimeType": mime_type, "blob": data}})
    };
    let mut structured = json!({"path": place.shown(), "kind": kind, "size": bytes.len(), "mime_type": mime_type});
    if let Some(time) = modified(metadata) {
        structured["modified"] = time.into();
    }
    let note = format!("[{}: {mime_type}, {} bytes]", place.quoted(), bytes.len());
    Ok(Answer::of_block(block, structured).with_text(note))
}

/// The address of a file: below the served folder, so that it does not tell where that is.
fn address(place: &Place) -> String {
    let mut address = "files:///".to_owned();
    for byte in place.shown().bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    address
}

#[cfg(test)]
mod tests;
