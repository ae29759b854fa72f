//! Scopes of the memory, as whoever runs the hub means them.

use crate::Scope;

/// Which scopes somebody means: one by its address, `project` or `user:ann`, or all that belong to somebody by their name,
/// `user` or `user:`. Empty: all there are. What only begins in the same way is another's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes {
    pub(crate) name: String,
    pub(crate) of: String,
}

/// What may go: what is over, and versions that are not the newest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pruning {
    /// The tenant.
    pub tenant: String,
    /// Only in these scopes.
    pub scopes: Scopes,
    /// The time, in milliseconds since 1970. What is over only since then, or has a newer version only since then, stays.
    pub now: u64,
    /// Versions that are not the newest go if they were written before.
    pub old: u64,
}

impl Scopes {
    /// Those that `text` means.
    pub fn of(text: &str) -> Self {
        let (name, of) = text.split_once(':').unwrap_or((text, ""));
        Self { name: name.to_owned(), of: of.to_owned() }
    }

    /// Whether `scope` is one of them.
    pub fn have(&self, scope: &Scope) -> bool {
        (self.name.is_empty() || self.name == scope.name()) && (self.of.is_empty() || self.of == scope.of())
    }
}
