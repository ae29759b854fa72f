//! Proof Key for Code Exchange (RFC 7636), method S256 only.

use base::{Result, Secret, random};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A secret that only who asked for a code has.
#[derive(Debug, Clone)]
pub struct Verifier(Secret<String>);

impl Verifier {
    /// A new one of 256 random bits.
    pub fn new() -> Result<Self> {
        Ok(Self(Secret::new(URL_SAFE_NO_PAD.encode(random::bytes::<32>()?))))
    }

    /// The secret itself, for the token request.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What the authorization request shows of it.
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(random::sha256(self.expose().as_bytes()))
    }
}

#[cfg(test)]
mod tests;
