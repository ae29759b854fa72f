//! Randomness, from one place.

use crate::{Error, Result};
use ring::rand::{SecureRandom, SystemRandom};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Fills an array with unpredictable bytes. Errors only when the operating system has no randomness to give.
pub fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut out = [0; N];
    SystemRandom::new().fill(&mut out).map_err(|_| Error::internal("the operating system gave no random bytes"))?;
    Ok(out)
}

/// A number in 0..1 for choices that nobody gains anything by foreseeing: one such is much cheaper than [`bytes`].
///
/// The numbers come from SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014), which
/// begins at a random place.
pub fn fraction() -> f64 {
    static STATE: LazyLock<AtomicU64> = LazyLock::new(|| AtomicU64::new(bytes().map_or(0, u64::from_le_bytes)));
    let mixed = STATE.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let mixed = mixed ^ (mixed >> 31);
    // As many bits as a number of this type holds.
    (mixed >> 11) as f64 / (1u64 << 53) as f64
}

/// `N` unpredictable bytes as lower-case hexadecimal.
pub fn hex<const N: usize>() -> Result<String> {
    Ok(to_hex(&bytes::<N>()?))
}

/// `bytes` as lower-case hexadecimal.
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// The SHA-1 digest of `bytes`: broken for everything that must not be forged, but what RFC 6455 asks for.
pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    let mut out = [0; 20];
    out.copy_from_slice(ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref());
    out
}

/// The SHA-256 digest of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
    out
}

/// The SHA-256 digest of bytes that come piece by piece.
pub struct Sha256(ring::digest::Context);

impl Default for Sha256 {
    fn default() -> Self {
        Self(ring::digest::Context::new(&ring::digest::SHA256))
    }
}

impl Sha256 {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all that came.
    pub fn finish(self) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(self.0.finish().as_ref());
        out
    }
}

#[cfg(test)]
mod tests;
