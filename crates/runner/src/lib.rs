//! Carries out durable runs.
//!
//! A [`JournalRunner`] has runs from a store of journals by leases, asks `machine` what comes next, calls what steps call through
//! [`Outside`], and writes down what came of it: intents before effects, results once. What it knows of a run it can forget at
//! any time and read again. Runs wait in the store and not in memory: for a time, an event or a person a run is given back.
//!
//! [`Runner`] is what faces talk to: it starts runs, tells people of them, and takes their decisions. They know no more of whoever
//! carries runs out.

mod about;
mod carry;
mod decisions;
mod export;
mod fork;
mod limits;
mod look;
mod looking;
mod options;
mod orders;
mod originals;
mod outside;
mod places;
mod plans;
mod port;
mod runner;
mod so_far;
mod start;
mod sure;
mod times;
mod watch;
mod worker;

pub use about::{Asking, Event, GateShown, Inspected, StepShown, Tokens, about};
pub use decisions::{Approval, By};
pub use options::Options;
pub use originals::original;
pub use outside::{Answer, Calling, Done, Failed, Outside, Reads, Sent};
pub use plans::Served;
pub use port::{Runner, Starting};
pub use runner::{Clock, JournalRunner};
pub use so_far::SoFar;
pub use start::{Start, Started};
pub use watch::{Came, Following};

#[cfg(test)]
mod tests;
