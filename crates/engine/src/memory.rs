//! What a model takes in memory, said before it is read.

use crate::description::Description;
use crate::failure::{Failure, FailureKind};
use model::gguf;

/// Bytes of a number in the cache.
const KEPT_BYTES: u64 = 2;

/// How much a model may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of weights and caches together.
    pub memory: u64,
    /// Tokens of a text, prompt and answer; fewer where the model was made for fewer.
    pub context: usize,
    /// Texts that are worked on at once.
    pub sessions: usize,
    /// Caches that are kept for requests that begin as an earlier one did.
    pub kept: usize,
}

impl Default for Limits {
    /// 8 GiB, 4096 tokens, four texts at once and two kept.
    fn default() -> Self {
        Self { memory: 8 << 30, context: 4_096, sessions: 4, kept: 2 }
    }
}

/// What a model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Bytes of its file, which hold the weights.
    pub weights: u64,
    /// Bytes of all caches when all of them are full.
    pub caches: u64,
    /// Tokens that a text may have.
    pub context: usize,
}

/// What a model would take, by the first bytes of its file and the length of the whole. `Ok(None)` when these bytes are too few to
/// say: vocabularies are long, and the sizes mostly stand before them.
///
/// # Errors
/// [`FailureKind::TooLarge`] when it is more than `limits` allow, and what [`crate::Model::load`] says of headers.
pub fn estimate(beginning: &[u8], length: u64, limits: &Limits) -> Result<Option<Memory>, Failure> {
    let header = gguf::read(beginning).map_err(|fault| Failure::broken(format!("the model file {fault}")))?;
    match Description::read(&header.values) {
        Ok(description) => estimate_of(&description, length, limits).map(Some),
        Err(failure) if header.is_complete || failure.kind == FailureKind::Unsupported => Err(failure),
        Err(_) => Ok(None),
    }
}

pub(crate) fn estimate_of(description: &Description, length: u64, limits: &Limits) -> Result<Memory, Failure> {
    let context = description.context.min(limits.context).max(1);
    let token = (description.kept_numbers() as u64).saturating_mul(KEPT_BYTES);
    let texts = (limits.sessions.max(1) as u64).saturating_add(limits.kept as u64);
    let caches = token.saturating_mul(context as u64).saturating_mul(texts);
    if length.saturating_add(caches) > limits.memory {
        let cause = format!(
            "the model takes {} MiB and {texts} texts of {context} tokens {} MiB more: {} MiB are allowed",
            length >> 20,
            caches >> 20,
            limits.memory >> 20
        );
        return Err(Failure::new(FailureKind::TooLarge, cause));
    }
    Ok(Memory { weights: length, caches, context })
}
