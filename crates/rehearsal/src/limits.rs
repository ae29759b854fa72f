//! How much a file with tests may ask for.

/// Bytes of a file with tests, and of one with recorded answers.
pub const FILE: u64 = 8 << 20;
/// Cases of a file.
pub const CASES: usize = 1_000;
/// Things that happen in one case: commands that are begun, answers, decisions, times.
pub const EVENTS: usize = 200_000;
/// Calls of which the report of a case tells.
pub const CALLS: usize = 1_000;
/// Characters of a value that a line of a report shows.
pub const SHOWN: usize = 400;
