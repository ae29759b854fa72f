//! What entrances need of whoever carries runs out.

use base::ports::Wait;
use runner::Runner;

/// Carries runs out, and knows which workflows there are.
pub trait Runs: Send + Sync {
    /// The runner.
    fn runner(&self) -> &Runner;

    /// Waits until it is known what the workflows may call, as far as that is known soon: what is started then is planned by it.
    ///
    /// # Errors
    /// Those of the store.
    fn ready(&self) -> Wait<'_, ()>;
}
