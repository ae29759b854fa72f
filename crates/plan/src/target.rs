//! What a step calls.

use resilience::retry::Effect;
use std::time::Duration;

/// The tool of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name in the hub, whatever a view calls it.
    pub known_as: String,
    /// What calling it twice means.
    pub effect: Effect,
    /// Its definition, raw JSON; nothing while its server has not told.
    pub definition: Option<String>,
    /// How long it takes as a rule, if that was measured.
    pub usual: Option<Duration>,
}
