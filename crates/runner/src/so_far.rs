//! What a call has taken while it is under way: known to whoever makes it, and wanted by whoever cuts it off.

use journal::Amount;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

type Counts = Box<dyn Fn() -> Amount + Send + Sync>;

/// The most that a call may have taken by now, as far as whoever makes it tells. Clones are one.
#[derive(Clone, Default)]
pub struct SoFar(Arc<Mutex<Vec<Counts>>>);

impl SoFar {
    /// From now on `counts` is asked for what this part of the call may have taken: what it took, and the most of what is under way.
    /// All parts together are the call.
    pub fn counted(&self, counts: impl Fn() -> Amount + Send + Sync + 'static) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(counts));
    }

    /// The most that the call may have taken; nothing where nobody counts.
    pub fn at_most(&self) -> Option<Amount> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|count| count()).reduce(|one, other| Amount {
            money: one.money.saturating_add(other.money),
            tokens: one.tokens.saturating_add(other.tokens),
        })
    }
}

impl PartialEq for SoFar {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for SoFar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("SoFar").field(&self.at_most()).finish()
    }
}
