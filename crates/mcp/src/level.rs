//! The levels of log messages (specification, server/utilities/logging).

use crate::raw;

/// The levels, least important first.
pub const LEVELS: [&str; 8] = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

/// The place of the level that `name` names in [`LEVELS`].
pub fn place(name: &str) -> Option<usize> {
    LEVELS.iter().position(|known| *known == name)
}

/// The level of a log message whose params are `params`, as a place in [`LEVELS`]. An unknown one counts as the least.
pub fn of_message(params: &str) -> usize {
    raw::get(params, "level").and_then(raw::text).and_then(|level| place(&level)).unwrap_or(0)
}
