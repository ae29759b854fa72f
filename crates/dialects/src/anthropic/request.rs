//! Requests.

mod read;
mod thinking;
mod tools;
mod turns;
mod write;

pub(super) use read::read;
pub(super) use thinking::mend;
pub(super) use write::write;

/// The place of the system prompt, in the note on its turn.
const SYSTEM: &str = "system";

#[cfg(test)]
mod tests;
