//! Requests.

mod read;
mod thinking;
mod tools;
mod turns;
mod write;

pub(super) use read::read;
pub(crate) use thinking::{Plan, version};
pub(super) use thinking::{mend, without_thoughts};
pub(crate) use write::Chosen;
pub(super) use write::write;

/// The place of the system prompt, in the note on its turn.
const SYSTEM: &str = "system";

#[cfg(test)]
mod tests;
