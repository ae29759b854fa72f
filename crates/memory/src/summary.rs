//! Summaries: what was asked of a model once is not asked again.

use journal::Digest;
use std::collections::BTreeMap;

/// What a summary depends on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SummaryKey {
    /// The SHA-256 of the text that is made shorter.
    pub sha256: Digest,
    /// How many tokens it may be.
    pub tokens: u64,
    /// The model; empty for the step's own.
    pub model: String,
    /// The SHA-256 of what the model is told to do.
    pub prompt: Digest,
}

/// A summary that is not there yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedSummary {
    /// What it depends on.
    pub key: SummaryKey,
    /// The text that is made shorter.
    pub text: String,
}

/// Summaries that are there.
pub type Summaries = BTreeMap<SummaryKey, String>;
