//! What comes next in a durable run: a pure function of its plan, its journal and the time. No I/O, no clock, no randomness.
//!
//! [`State`] is what a journal means; entries are applied one by one, so that who carries out a run need not begin anew.
//! [`decide()`] says what is to be done now, as [`Command`]s. Whoever carries them out appends what they tell
//! ([`Command::entries`]) and what came of them, applies what was appended, and asks again. Nothing that is not in the
//! journal changes the state, but for one thing: which commands are under way ([`State::begin`]), which a crash forgets.
//!
//! What follows from the plan and from results alone is in no entry: which steps are ready, `when`, `switch`, `set`, the
//! items of a `for_each`, the rounds of a `repeat`, what groups give. It is the same whenever it is looked at.

mod command;
mod decide;
mod fault;
mod graph;
mod moment;
mod node;
mod past;
mod path;
pub mod simulate;
mod state;
mod task;

pub use command::{Command, Intent};
pub use decide::{Free, Payable, Price, Prices, decide};
pub use fault::{Fault, is_left, left};
pub use moment::of as moment;
pub use node::Ended;
pub use past::{Past, name_of, past};
pub use state::{FOR_CONTEXT, GateRule, Progress, Seen, State, Unfit, weight};
pub use task::{Call, Task, Work};

#[cfg(test)]
mod tests;
