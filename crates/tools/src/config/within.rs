//! An upstream that whoever builds the hub hands in.

use crate::builtin::Local;
use std::fmt;
use std::sync::Arc;

/// Something that lives in this process, and of which the hub knows nothing but what [`Local`] says.
#[derive(Clone)]
pub struct Within {
    /// What it is called in the configuration: `builtin: prompts`.
    pub kind: &'static str,
    /// Changes whenever what it lists does; then clients are told.
    pub digest: String,
    /// The upstream itself; nothing while nobody has handed it in.
    pub local: Option<Arc<dyn Local>>,
}

impl PartialEq for Within {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.digest == other.digest && self.local.is_some() == other.local.is_some()
    }
}

impl fmt::Debug for Within {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Within({}, {})", self.kind, self.digest)
    }
}
