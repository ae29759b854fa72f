//! How long a worker may have a run.

use crate::checks::{milliseconds, name};
use crate::{Claim, Result};

/// The time of a lease in milliseconds, if it and the rest of the claim may be.
pub(crate) fn check(claim: &Claim) -> Result<u64> {
    name("a worker", &claim.worker)?;
    milliseconds(claim.time)
}

/// The latest end of a lease that can be: with another clock that is ahead of this one by as much as the lease lasts. One that
/// ends later was given out before the clock was set back.
pub(crate) const fn latest(now: u64, time: u64) -> u64 {
    now.saturating_add(time).saturating_add(time)
}
