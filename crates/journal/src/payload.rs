//! What a step was given or gave.

use crate::limits::{INLINE, LARGEST_PAYLOAD};
use crate::{Digest, JournalError, Result};
use conversation::json::write::one_line;
use serde_json::value::RawValue;
use std::sync::Arc;

/// A JSON value of any size up to 16 MiB.
///
/// One of up to 8 KiB stands in its entry. A larger one is kept once, under its digest, however many entries have it, and
/// what is loaded names it: [`crate::JournalStore::payload`] has the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// The value itself.
    Inline(Arc<str>),
    /// A value that the store keeps.
    Stored {
        /// What it is kept under.
        digest: Digest,
        /// How long it is.
        bytes: u64,
    },
}

impl Payload {
    /// The value that `json` is.
    ///
    /// # Errors
    /// [`JournalError::Invalid`]: it is no JSON, or too large.
    pub fn new(json: &str) -> Result<Self> {
        let value = serde_json::from_str::<&RawValue>(json)
            .map_err(|error| JournalError::Invalid(format!("a payload is no JSON: {error}")))?;
        // Without line ends, so that an entry is one line.
        let payload = Self::Inline(one_line(value.get()).into());
        payload.check()?;
        Ok(payload)
    }

    /// How long it is, in bytes.
    pub fn size(&self) -> u64 {
        match self {
            Payload::Inline(json) => json.len() as u64,
            Payload::Stored { bytes, .. } => *bytes,
        }
    }

    /// The text, if it is here.
    pub fn inline(&self) -> Option<&str> {
        match self {
            Payload::Inline(json) => Some(json),
            Payload::Stored { .. } => None,
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        let bytes = self.size();
        if bytes <= LARGEST_PAYLOAD {
            return Ok(());
        }
        Err(JournalError::Invalid(format!("a payload has {bytes} bytes, and the most is {LARGEST_PAYLOAD}")))
    }

    /// The payload as it stands in its entry, and what the store has to keep beside it.
    pub(crate) fn split(self) -> (Self, Option<(Digest, Arc<str>)>) {
        match self {
            Payload::Inline(json) if json.len() > INLINE => {
                let digest = Digest::of(json.as_bytes());
                (Payload::Stored { digest, bytes: json.len() as u64 }, Some((digest, json)))
            }
            small => (small, None),
        }
    }
}
