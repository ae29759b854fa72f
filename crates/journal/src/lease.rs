//! How long a worker may have a run.

use crate::limits::LEASE;
use crate::{Claim, JournalError, Result};
use std::time::Duration;

/// The time of a lease in milliseconds, if it and the rest of the claim may be.
pub(crate) fn check(claim: &Claim) -> Result<u64> {
    crate::run::name("a worker", &claim.worker)?;
    milliseconds(claim.time)
}

/// The time of a lease in milliseconds, if it may be that long.
pub(crate) fn milliseconds(time: Duration) -> Result<u64> {
    if time.is_zero() || time > LEASE {
        return Err(JournalError::Invalid(format!("a lease lasts from a millisecond to {} seconds", LEASE.as_secs())));
    }
    Ok(u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1))
}

/// The latest end of a lease that can be: with another clock that is ahead of this one by as much as the lease lasts. One that
/// ends later was given out before the clock was set back.
pub(crate) const fn latest(now: u64, time: u64) -> u64 {
    now.saturating_add(time).saturating_add(time)
}
