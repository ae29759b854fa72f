//! How a runner works.

use std::time::Duration;

/// How a runner works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What others call this worker: unlike that of any other.
    pub worker: String,
    /// Which runs it takes: those that were started with this tag.
    pub tag: String,
    /// How many runs it has at once; others wait. Runs that only wait for runs of their own do not count.
    pub runs: usize,
    /// How many calls it makes at once, of all runs together; others wait.
    pub calls: usize,
    /// For how long it has a run before it must say that it is still there: so long a run waits after a crash.
    pub lease: Duration,
    /// How long it waits for calls under way when it is to end.
    pub grace: Duration,
}

impl Options {
    /// A worker of this name that has up to 256 runs and makes up to 256 calls at once, with leases of 30 seconds.
    pub fn of(worker: impl Into<String>) -> Self {
        Self {
            worker: worker.into(),
            tag: "default".to_owned(),
            runs: 256,
            calls: 256,
            lease: Duration::from_secs(30),
            grace: Duration::from_secs(5),
        }
    }
}
