//! How much a runner takes on.

use std::time::Duration;

/// How deep workflows may call each other.
pub(crate) const DEPTH: usize = 16;
/// How long a run is kept in memory for a timer that is due so soon.
pub(crate) const SOON: u64 = 2_000;
/// How often a worker looks for itself whether there is something to do, whatever it was told.
pub(crate) const LOOK: Duration = Duration::from_secs(15);
/// How many entries of a journal are read at once.
pub(crate) const PAGE: usize = 1000;
/// How often somebody else may be faster when a decision is written down.
pub(crate) const TRIES: usize = 32;
/// How long it is waited before a probe that failed is asked again.
pub(crate) const PROBES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];
/// How many runs that were looked at are kept in memory, and the most bytes that all of them take together.
pub(crate) const LOOKS: usize = 64;
pub(crate) const LOOKS_BYTES: u64 = 32 << 20;
/// How many definitions are kept ready in memory.
pub(crate) const PLANS: usize = 256;
