//! What a model is capable of, what a request uses of it, and what nobody knows.

use crate::names::name_in;

/// Something that not every model is capable of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// Calling tools.
    Tools,
    /// Calling several tools at once.
    ParallelTools,
    /// Reading images.
    Vision,
    /// Hearing audio.
    Audio,
    /// Reading documents, such as PDF.
    Documents,
    /// Answering in JSON that holds to a schema.
    JsonSchema,
    /// Thinking before it answers, when told to.
    Reasoning,
    /// Answering piece by piece.
    Stream,
}

impl Capability {
    /// The capabilities, as they are written.
    pub const NAMES: [(&'static str, Capability); 8] = [
        ("tools", Capability::Tools),
        ("parallel_tools", Capability::ParallelTools),
        ("vision", Capability::Vision),
        ("audio", Capability::Audio),
        ("documents", Capability::Documents),
        ("json_schema", Capability::JsonSchema),
        ("reasoning", Capability::Reasoning),
        ("stream", Capability::Stream),
    ];

    /// Its name, as it is written.
    pub fn name(self) -> &'static str {
        name_in(&Self::NAMES, self)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capabilities(u8);

impl Capabilities {
    /// None.
    pub const NONE: Self = Self(0);
    /// All.
    pub const ALL: Self = Self(u8::MAX);

    /// These and `capability`.
    #[must_use]
    pub const fn with(self, capability: Capability) -> Self {
        Self(self.0 | capability.bit())
    }

    /// These and those of `other`.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These but not those of `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Those that are in both.
    #[must_use]
    pub const fn shared(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether `capability` is among them.
    pub const fn has(self, capability: Capability) -> bool {
        self.0 & capability.bit() != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Their names, as they are written.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Capability::NAMES.into_iter().filter(move |(_, capability)| self.has(*capability)).map(|(name, _)| name)
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(all: I) -> Self {
        all.into_iter().fold(Self::NONE, Self::with)
    }
}

/// What is known of a model's capabilities. What is in neither set it is known not to be capable of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// What it is known to be capable of.
    pub present: Capabilities,
    /// Of which nobody knows.
    pub unknown: Capabilities,
}

impl Known {
    /// Nothing is known.
    pub const NOTHING: Self = Self { present: Capabilities::NONE, unknown: Capabilities::ALL };

    /// It is known to be capable of `present` and of nothing else.
    pub const fn exactly(present: Capabilities) -> Self {
        Self { present, unknown: Capabilities::NONE }
    }

    /// Whether it is capable of this. None where nobody knows.
    pub const fn get(self, capability: Capability) -> Option<bool> {
        if self.present.has(capability) {
            return Some(true);
        }
        if self.unknown.has(capability) { None } else { Some(false) }
    }

    /// Those of `needed` that it is known to lack.
    pub(crate) const fn lacks(self, needed: Capabilities) -> Capabilities {
        needed.without(self.present).without(self.unknown)
    }

    /// Those of `needed` of which nobody knows.
    pub(crate) const fn doubts(self, needed: Capabilities) -> Capabilities {
        needed.without(self.present).shared(self.unknown)
    }
}

impl Default for Known {
    fn default() -> Self {
        Self::NOTHING
    }
}

#[cfg(test)]
mod tests;
