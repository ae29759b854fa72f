//! Sealing: texts that only this Tutti can make and read.
//!
//! What leaves the process and must come back unchanged (session ids, request states), and what lies in the store and
//! must not be read by whoever has the file (tokens), is sealed: encrypted and authenticated.
//!
//! The form is base64url of `version (1) | salt (24) | ciphertext and tag`. Each text has a key of its own, derived from
//! the sealer's and the salt by HKDF-SHA256 (RFC 5869), so that the number of texts has no limit that a random nonce of
//! 96 bits would set. The cipher is ChaCha20-Poly1305 (RFC 8439).

use crate::{Error, Result, random};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};

/// Makes and opens sealed texts. It has no `Debug`, for it holds a key. Clones are cheap.
#[derive(Clone)]
pub struct Sealer {
    key: Prk,
}

/// The version of the form, which is authenticated too.
const VERSION: u8 = 1;

/// Random bytes in each text: 16 would do for a key that never repeats; the last 12 are also the nonce.
const SALT: usize = 24;

/// The bytes of a tag.
const TAG: usize = 16;

/// The length of a sealer's key.
struct KeyLength;

impl KeyType for KeyLength {
    fn len(&self) -> usize {
        32
    }
}

impl Sealer {
    /// A sealer with a key made from `material`, which must be unpredictable.
    pub fn new(material: &[u8; 32]) -> Self {
        Self { key: Salt::new(HKDF_SHA256, b"tutti seal v1").extract(material) }
    }

    /// A sealer for one purpose. What one purpose sealed no other can open, so that a text cannot be carried from one
    /// place to another.
    pub fn for_purpose(&self, purpose: &str) -> Result<Self> {
        let info = [b"purpose".as_slice(), purpose.as_bytes()];
        let okm = self.key.expand(&info, KeyLength).map_err(|_| derivation())?;
        let mut material = [0; 32];
        okm.fill(&mut material).map_err(|_| derivation())?;
        Ok(Self { key: Prk::new_less_safe(HKDF_SHA256, &material) })
    }

    /// Seals `plain`. `associated` is not in the text but must be the same when it is opened: whom or what it is for.
    ///
    /// # Errors
    /// Only when the operating system has no randomness to give.
    pub fn seal(&self, plain: &[u8], associated: &[u8]) -> Result<String> {
        self.seal_with(&random::bytes::<SALT>()?, plain, associated)
    }

    /// As [`Sealer::seal`], but the same text comes of the same input: for names that somebody compares. Whoever sees two of
    /// them sees whether they are the same, and nothing else.
    pub fn seal_stable(&self, plain: &[u8], associated: &[u8]) -> Result<String> {
        // The salt is a keyed digest of the input, so that no two inputs have the same key and nonce.
        let (plain_digest, bound_digest) = (random::sha256(plain), random::sha256(associated));
        let info = [b"stable".as_slice(), &plain_digest, &bound_digest];
        let okm = self.key.expand(&info, KeyLength).map_err(|_| derivation())?;
        let mut digest = [0; 32];
        okm.fill(&mut digest).map_err(|_| derivation())?;
        let (salt, _) = digest.split_first_chunk::<SALT>().ok_or_else(derivation)?;
        self.seal_with(salt, plain, associated)
    }

    /// A digest of `text` that only this sealer can make: a name for something, from which nobody learns what it is of.
    pub fn digest(&self, text: &[u8]) -> Result<[u8; 32]> {
        let digest = random::sha256(text);
        let info = [b"digest".as_slice(), &digest];
        let okm = self.key.expand(&info, KeyLength).map_err(|_| derivation())?;
        let mut out = [0; 32];
        okm.fill(&mut out).map_err(|_| derivation())?;
        Ok(out)
    }

    fn seal_with(&self, salt: &[u8; SALT], plain: &[u8], associated: &[u8]) -> Result<String> {
        let (key, nonce) = self.key_of(salt).ok_or_else(derivation)?;
        let mut sealed = Vec::with_capacity(1 + SALT + plain.len() + TAG);
        sealed.push(VERSION);
        sealed.extend_from_slice(salt);
        let mut body = plain.to_vec();
        key.seal_in_place_append_tag(nonce, Aad::from(bound(associated)), &mut body).map_err(|_| derivation())?;
        sealed.extend_from_slice(&body);
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// What `sealed` holds; nothing where it was not sealed by this sealer for the same `associated`, whatever the reason.
    /// The tag is compared in constant time.
    pub fn open(&self, sealed: &str, associated: &[u8]) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (&version, rest) = bytes.split_first()?;
        let (salt, body) = rest.split_first_chunk::<SALT>()?;
        if version != VERSION || body.len() < TAG {
            return None;
        }
        let (key, nonce) = self.key_of(salt)?;
        let mut body = body.to_vec();
        let plain = key.open_in_place(nonce, Aad::from(bound(associated)), &mut body).ok()?.len();
        body.truncate(plain);
        Some(body)
    }

    /// The key and nonce that belong to a salt.
    fn key_of(&self, salt: &[u8; SALT]) -> Option<(LessSafeKey, Nonce)> {
        let info = [b"text".as_slice(), salt.as_slice()];
        let okm = self.key.expand(&info, &CHACHA20_POLY1305).ok()?;
        let nonce = salt.last_chunk::<NONCE_LEN>()?;
        Some((LessSafeKey::new(UnboundKey::from(okm)), Nonce::assume_unique_for_key(*nonce)))
    }
}

/// The version is authenticated with what the caller binds.
fn bound(associated: &[u8]) -> Vec<u8> {
    [&[VERSION], associated].concat()
}

fn derivation() -> Error {
    Error::internal("a key could not be derived")
}

#[cfg(test)]
mod tests;
