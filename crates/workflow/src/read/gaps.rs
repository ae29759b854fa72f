//! What of a workflow could not be read: what follows from it is no fault of its own.

use std::collections::BTreeSet;

/// What is missing in a workflow whose file has faults of form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Gaps {
    /// The steps that have such faults: nothing else is said of them.
    pub(crate) steps: BTreeSet<String>,
    /// Whether there are steps of which not even the name is known.
    pub(crate) lost: bool,
    /// Whether parameters are missing.
    pub(crate) params: bool,
    /// Whether the workflow's own model is missing.
    pub(crate) model: bool,
    /// Whether triggers have such faults.
    pub(crate) triggers: bool,
    /// Whether there is a fault of form at all.
    pub(crate) any: bool,
}
