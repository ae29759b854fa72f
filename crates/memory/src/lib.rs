//! The context that steps of workflows and agents get: exactly what they declare, under a budget, with a receipt.
//!
//! - [`Memory`] keeps [`Fragment`]s in versions, and finds them by key, class, handle, words and meaning.
//! - [`Memory::context`] finds what the needs of a step mean in a [`Run`], and asks for summaries.
//! - [`transcript`] says what of an agent's turns it reads, as they become many; all of them stay readable.
//! - [`assemble()`] decides what of the declared context comes into a prompt. It is pure: the same input gives the same bytes,
//!   and a [`Receipt`] names all that came in, all that was cut, and all that did not.

mod assemble;
mod content;
mod finding;
mod fit;
mod fragment;
mod kept;
pub mod limits;
mod overview;
mod patterns;
mod receipt;
mod scopes;
mod sight;
mod summary;
mod tables;
pub mod transcript;
pub mod trust;

pub use assemble::{Assembled, Assembling, Audience, Block, Found, Outcome, assemble, tokens};
pub use content::{Content, Place, text};
pub use fragment::{Fragment, NewFragment, Owner, Provenance, Scope, Trust, Written};
pub use kept::{Filter, Memory, Pruned};
pub use overview::{Size, Stats};
pub use patterns::{Reader, Run, Summariser};
pub use receipt::{How, Line, Receipt, Undeclared};
pub use scopes::{Pruning, Scopes};
pub use sight::Sight;
pub use summary::{Summaries, SummaryKey, WantedSummary};
