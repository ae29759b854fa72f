//! How long a test waits, in time in which it could have gone on.

use std::future::Future;
use std::time::{Duration, Instant};

/// Longer than anything takes on a busy machine: reaching it means that it never happens. The hub itself waits for a minute
/// before it gives up the call of a client that may come back.
pub(super) const DEADLINE: Duration = Duration::from_secs(90);

/// How often the time is counted.
const STEP: Duration = Duration::from_secs(1);

/// What is left of the deadline.
///
/// A machine that is paused or sleeps does not stop its clock. When it goes on, a deadline has passed in which nothing
/// could happen: not here, and not in the hub or its upstreams either. So no step counts for much more than it is.
pub(super) struct Patience {
    left: Duration,
    counted: Instant,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self { left: DEADLINE, counted: Instant::now() }
    }

    /// Counts the time since the last step; whether there is any left.
    pub(super) fn step(&mut self, now: Instant) -> bool {
        let gone = now.saturating_duration_since(self.counted);
        self.counted = now;
        self.left = self.left.saturating_sub(gone.min(STEP * 2));
        !self.left.is_zero()
    }
}

/// Waits for `future` up to the deadline.
pub(super) async fn patiently<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = Box::pin(future);
    let mut patience = Patience::new();
    loop {
        match tokio::time::timeout(STEP, &mut future).await {
            Ok(value) => return Some(value),
            Err(_) if patience.step(Instant::now()) => {}
            Err(_) => return None,
        }
    }
}
