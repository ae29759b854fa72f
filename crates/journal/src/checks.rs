//! What others choose: names, and for how long.

use crate::limits::{LEASE, NAME};
use crate::{JournalError, Result};
use std::time::Duration;

/// Refuses a name that is empty, too long or could not be told.
pub(crate) fn name(what: &str, text: &str) -> Result<()> {
    if !text.is_empty() && text.len() <= NAME && !text.contains(char::is_control) {
        return Ok(());
    }
    Err(JournalError::Invalid(format!("{what} is empty, longer than {NAME} bytes or has control characters")))
}

/// The time of a lease in milliseconds, if it may be that long.
pub(crate) fn milliseconds(time: Duration) -> Result<u64> {
    if time.is_zero() || time > LEASE {
        return Err(JournalError::Invalid(format!("a lease lasts from a millisecond to {} seconds", LEASE.as_secs())));
    }
    Ok(u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1))
}
