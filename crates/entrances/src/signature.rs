//! Signatures of requests: HMAC-SHA256 with a secret that both sides know, as GitHub signs its webhooks (docs.github.com,
//! validating webhook deliveries).

use base::{Secret, random};
use ring::hmac;

/// The headers that sign a request: Tutti's own, and GitHub's.
pub(crate) const HEADERS: [&str; 2] = ["x-tutti-signature-256", "x-hub-signature-256"];

/// The header that says when a request was signed, in seconds since 1970, where that is signed too.
pub(crate) const TIMESTAMP: &str = "x-tutti-timestamp";

/// What a signature begins with.
const ALGORITHM: &str = "sha256=";

/// Whether a header could be a signature at all, which costs nothing to see.
pub(crate) fn is_signature(text: &str) -> bool {
    tag(text).is_some()
}

/// Whether `signature` is that of `bytes`; compared in constant time.
pub(crate) fn is_signed(secret: &Secret<String>, bytes: &[u8], signature: &str) -> bool {
    let Some(tag) = tag(signature) else { return false };
    hmac::verify(&key(secret), bytes, &tag).is_ok()
}

/// The signature of `bytes`, as a header has it.
pub(crate) fn sign(secret: &Secret<String>, bytes: &[u8]) -> String {
    format!("{ALGORITHM}{}", random::to_hex(hmac::sign(&key(secret), bytes).as_ref()))
}

/// What is signed of a request that says when it was signed: the time, a full stop, the body.
pub(crate) fn stamped(timestamp: &str, body: &[u8]) -> Vec<u8> {
    [timestamp.as_bytes(), b".", body].concat()
}

fn tag(text: &str) -> Option<Vec<u8>> {
    let tag = text.trim().strip_prefix(ALGORITHM).and_then(from_hex)?;
    (tag.len() == hmac::HMAC_SHA256.digest_algorithm().output_len()).then_some(tag)
}

fn key(secret: &Secret<String>) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests;
