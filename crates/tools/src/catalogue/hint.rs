//! How long a list may be kept and by whom (specification 2026-07-28, caching).

use mcp::raw;
use std::time::{Duration, Instant};

/// What is said with a list about keeping it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hint {
    /// How long it may be taken to be what there is.
    pub fresh: Duration,
    /// Whether it is the same for everybody.
    pub public: bool,
}

/// When a list was read, and how long that took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// When it was asked for.
    pub at: Instant,
    /// How long the answer took.
    pub took: Duration,
}

/// The longest that a list is kept, by the hub or by its clients, whatever its upstream says.
pub const LONGEST: Duration = Duration::from_secs(3600);

/// The shortest time between two readings of a list.
const SHORTEST: Duration = Duration::from_secs(1);

/// So many times as long as a reading took there is none after it, so that reading is a small part of all work.
const REST: u32 = 20;

/// How long a list is kept that its upstream wants nobody to keep and does not tell changes of.
const UNTOLD: Duration = Duration::from_secs(60);

/// What is said of a list that nobody says anything of. A client that listens is told of changes; one that does not finds
/// out after this time.
pub const UNSAID: Hint = Hint { fresh: Duration::from_secs(60), public: false };

impl Hint {
    /// What a page of a list says. What is missing or makes no sense is not to be kept, and not for others.
    pub fn of(page: &str) -> Self {
        let milliseconds = raw::get(page, "ttlMs").and_then(|text| text.parse::<f64>().ok());
        let milliseconds = milliseconds.filter(|time| *time > 0.0).unwrap_or_default();
        let fresh = Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or(LONGEST).min(LONGEST);
        let public = raw::get(page, "cacheScope").and_then(raw::text).as_deref() == Some("public");
        Self { fresh, public }
    }

    /// What holds for both together: the shorter time, and for all only if both are.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { fresh: self.fresh.min(other.fresh), public: self.public && other.public }
    }

    /// What is left of it after this time.
    #[must_use]
    pub fn aged(self, age: Duration) -> Self {
        Self { fresh: self.fresh.saturating_sub(age), ..self }
    }

    /// How long after a reading that took `took` the list is read again; nothing when that need not be, because the
    /// upstream tells of changes.
    pub fn again(self, tells: bool, took: Duration) -> Option<Duration> {
        let wanted = if self.fresh > Duration::ZERO { Some(self.fresh) } else { (!tells).then_some(UNTOLD) };
        let least = took.saturating_mul(REST).clamp(SHORTEST, LONGEST);
        wanted.map(|wanted| wanted.clamp(least, LONGEST))
    }
}

/// What holds for several lists together, of each of which this is said, if anything.
pub fn merged(all: impl Iterator<Item = Option<Hint>>) -> Hint {
    all.map(|hint| hint.unwrap_or(UNSAID)).reduce(Hint::and).unwrap_or(UNSAID)
}

#[cfg(test)]
mod tests;
