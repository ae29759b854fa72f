//! What names runs, definitions, payloads and effects.

use crate::StepPath;
use base::random;
use std::fmt::{Debug, Display, Formatter, Result as Written};

/// The name of a run: a UUID of version 7 (RFC 9562, section 5.7), so that runs sort by when they were created.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId([u8; 16]);

/// A SHA-256 digest: of a definition in its canonical form, of a payload, of a plan or of arguments.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// What a server recognises an effect by that it is asked for a second time.
///
/// It is made of the run, the step and the logical group of attempts alone, so that it is the same for each retry within the
/// group and after each crash. A new group, as after a person said "try anew", gives another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey([u8; 16]);

impl RunId {
    /// The name of a run created at `at`, in milliseconds since 1970, made unique by `random`.
    pub fn new(at: u64, random: [u8; 10]) -> Self {
        let mut bytes = [0; 16];
        let (time, rest) = bytes.split_at_mut(6);
        time.copy_from_slice(&at.to_be_bytes()[2..]);
        rest.copy_from_slice(&random);
        // The version and the variant stand in the middle of what is random.
        bytes[6] = 0x70 | bytes[6] & 0x0f;
        bytes[8] = 0x80 | bytes[8] & 0x3f;
        Self(bytes)
    }

    /// The run that `text` names, with or without hyphens.
    pub fn parse(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(|&character| character != '-').collect();
        from_hex(&plain).map(Self)
    }

    /// The name as the store keeps it.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The run that the store keeps under `bytes`.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(random::sha256(bytes))
    }

    /// The digest that `text` is, in hexadecimal.
    pub fn parse(text: &str) -> Option<Self> {
        from_hex(text).map(Self)
    }

    /// Its bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest whose bytes these are.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl IdempotencyKey {
    /// The key of what `step` of `run` does in the logical group `group` of its attempts, from 0.
    pub fn new(run: RunId, step: &StepPath, group: u32) -> Self {
        // A path has no line ends, so that no two of these texts are the same. What is digested never changes: keys that were
        // sent before an upgrade must be the same after it.
        Self::of(&format!("tutti step 1\n{run}\n{step}\n{group}"))
    }

    /// The key of one of several effects of what has this key, by a name that no other of them has.
    #[must_use]
    pub fn of_part(self, part: &str) -> Self {
        Self::of(&format!("tutti part 1\n{self}\n{part}"))
    }

    fn of(text: &str) -> Self {
        let digest = random::sha256(text.as_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        Self(key)
    }

    /// The key that `text` is, in hexadecimal.
    pub fn parse(text: &str) -> Option<Self> {
        from_hex(text).map(Self)
    }
}

impl Display for RunId {
    fn fmt(&self, out: &mut Formatter<'_>) -> Written {
        let text = random::to_hex(&self.0);
        let mut from = 0;
        for (part, end) in [8, 12, 16, 20, 32].into_iter().enumerate() {
            if part > 0 {
                out.write_str("-")?;
            }
            out.write_str(text.get(from..end).unwrap_or_default())?;
            from = end;
        }
        Ok(())
    }
}

impl Display for Digest {
    fn fmt(&self, out: &mut Formatter<'_>) -> Written {
        out.write_str(&random::to_hex(&self.0))
    }
}

impl Display for IdempotencyKey {
    fn fmt(&self, out: &mut Formatter<'_>) -> Written {
        out.write_str(&random::to_hex(&self.0))
    }
}

impl Debug for RunId {
    fn fmt(&self, out: &mut Formatter<'_>) -> Written {
        Display::fmt(self, out)
    }
}

impl Debug for Digest {
    fn fmt(&self, out: &mut Formatter<'_>) -> Written {
        Display::fmt(self, out)
    }
}

impl Debug for IdempotencyKey {
    fn fmt(&self, out: &mut Formatter<'_>) -> Written {
        Display::fmt(self, out)
    }
}

/// The bytes that `text` is in hexadecimal, in lower or upper case, if it is as many.
fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;
