//! What entrances need of whoever carries runs out.

use crate::notice::Notice;
use base::ports::Wait;
use runner::Runner;
use std::sync::Arc;

/// Carries runs out, and knows which workflows there are.
pub trait Runs: Send + Sync {
    /// The runner.
    fn runner(&self) -> &dyn Runner;

    /// What else somebody is: the names of the teams of their key. A gate may name one of these.
    fn roles(&self, principal: &str) -> Vec<String>;

    /// Who is told of gates that wait, and may answer.
    fn notices(&self) -> Arc<Vec<Notice>>;

    /// Waits until it is known what the workflows may call, as far as that is known soon: what is started then is planned by it.
    ///
    /// # Errors
    /// Those of the store.
    fn ready(&self) -> Wait<'_, ()>;
}
