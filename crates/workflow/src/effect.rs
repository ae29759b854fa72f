//! What doing a step twice means, by what is said of it.

pub use resilience::effect::Effect;
use serde::{Deserialize, Serialize};

/// What a tool says of itself (specification 2025-11-25, `ToolAnnotations`). Absent hints mean the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hints {
    /// `readOnlyHint`.
    pub read_only: Option<bool>,
    /// `idempotentHint`.
    pub idempotent: Option<bool>,
    /// `destructiveHint`.
    pub destructive: Option<bool>,
}

impl Hints {
    /// The class that follows from the hints.
    pub fn effect(self) -> Effect {
        match (self.read_only, self.idempotent) {
            (Some(true), _) => Effect::Read,
            (_, Some(true)) => Effect::Idempotent,
            _ => Effect::Unsafe,
        }
    }

    /// Whether it may destroy something: `destructiveHint` is true where nothing is said, and means nothing of a tool that
    /// only reads.
    pub fn may_destroy(self) -> bool {
        self.read_only != Some(true) && self.destructive != Some(false)
    }

    /// The hint that decided, in the words of the protocol.
    pub fn reason(self) -> &'static str {
        match (self.read_only, self.idempotent, self.destructive) {
            (Some(true), ..) => "the tool says `readOnlyHint: true`",
            (_, Some(true), _) => "the tool says `idempotentHint: true`",
            (_, _, Some(true)) => "the tool says `destructiveHint: true`",
            _ => "the tool does not say that it can be repeated",
        }
    }
}
