//! How requests to providers ended.

use std::sync::atomic::{AtomicU64, Ordering};

/// How a request to a provider ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// With a whole answer.
    Answered,
    /// Without an answer, so that another could be asked.
    Failed,
    /// In the middle of an answer, of which the client has a part.
    BrokenOff,
    /// By the fault of the request itself.
    Refused,
    /// Because the client left.
    Left,
}

impl Ended {
    /// All, each with its name.
    pub const ALL: [(Self, &str); 5] = [
        (Ended::Answered, "answered"),
        (Ended::Failed, "failed"),
        (Ended::BrokenOff, "broken_off"),
        (Ended::Refused, "refused"),
        (Ended::Left, "left"),
    ];
}

/// How many requests to a provider ended how.
#[derive(Debug, Default)]
pub struct Tally([AtomicU64; Ended::ALL.len()]);

impl Tally {
    /// One more.
    pub(crate) fn count(&self, ended: Ended) {
        self.0[ended as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many there were of each.
    pub fn read(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Ended::ALL.iter().map(|(ended, name)| (*name, self.0[*ended as usize].load(Ordering::Relaxed)))
    }
}
