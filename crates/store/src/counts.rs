//! What the store has done, in numbers.

/// How much work the store has done since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Units of work that were done.
    pub units: u64,
    /// Transactions that were committed for them; fewer than units when units shared one.
    pub commits: u64,
}
