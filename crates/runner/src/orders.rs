//! What a worker and its runs tell each other.

use std::sync::atomic::AtomicBool;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// What a worker tells one of its runs.
#[derive(Default)]
pub(crate) struct Orders {
    /// There is something new in the journal.
    pub(crate) news: Notify,
    /// The run is another's by now.
    pub(crate) lost: CancellationToken,
    /// The worker is to end.
    pub(crate) end: CancellationToken,
    /// Whether the run does nothing but wait for runs of its own: then it takes no place from others.
    pub(crate) idle: AtomicBool,
}

/// How a run was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// It is at its end.
    Ended,
    /// It waits: for a time, in milliseconds since 1970, or for something from outside.
    Waiting(Option<u64>),
    /// It is another's, or is to become another's.
    Lost,
}
