//! What may be spent, and how that stands.

use crate::period::Period;
use serde::Serialize;

/// The most that a limit can be, in nano-dollars: what the store can keep. It is more than nine thousand million dollars.
pub const MOST: u64 = i64::MAX as u64;

/// What may be spent under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// What it is for, such as `key:alice`, `team:research`, `model:openai/gpt-5` or `run:7f3a`. What stands before the
    /// colon lets [`crate::Ledger::usage`] find what is unaccounted for.
    pub name: String,
    /// The most that may be spent in one period, in nano-dollars. More than [`MOST`] is as much as that.
    pub limit: u64,
    /// When it begins anew. Under another period a budget starts with nothing spent.
    pub period: Period,
}

/// How a budget stands. Amounts are in nano-dollars and of the period under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Which budget.
    pub name: String,
    /// The most that may be spent in one period.
    pub limit: u64,
    /// When it begins anew.
    pub period: Period,
    /// What is spent, with what is unaccounted for.
    pub spent: u64,
    /// What requests under way hold.
    pub reserved: u64,
    /// What may have been spent if the hub were killed now.
    pub granted: u64,
    /// What counts as spent because the hub was killed while it was granted.
    pub unaccounted: u64,
    /// When the next period begins, in seconds since 1970.
    pub resets_at: Option<u64>,
}
