//! Workflows tried offline: nothing outside is called, and no time passes but on a clock of its own.
//!
//! A [`Suite`] is what a file says beside a workflow: cases with parameters, the answers of what steps call, what people
//! decide, what comes from outside and when, and what is expected. [`rehearse`] carries a case out with the machine of real runs and
//! with the real memory, kept for that case alone; the [`Report`] says what came of all of them.

mod carry;
mod expect;
pub mod limits;
mod read;
mod report;
mod script;
mod stage;
mod suite;

pub use carry::rehearse;
pub use expect::Mismatch;
pub use report::{Report, Tried, to_junit};
pub use stage::{Called, Course, Given};
pub use suite::Suite;

#[cfg(test)]
mod tests;
