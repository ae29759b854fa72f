//! Randomness, from one place.

use crate::{Error, Result};
use ring::rand::{SecureRandom, SystemRandom};

/// Fills an array with unpredictable bytes. Errors only when the operating system has no randomness to give.
pub fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut out = [0; N];
    SystemRandom::new().fill(&mut out).map_err(|_| Error::internal("the operating system gave no random bytes"))?;
    Ok(out)
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
