//! The record of a durable run, and the stores that keep it.
//!
//! A run is what its journal says: entries ([`Entry`]) in one order, only ever added at the end. What is ready, what waits and
//! what a step gave follows from them, so that a restart goes on where the journal ends. An intent stands in it before its
//! effect begins, a result after it; of several results of a step the first counts ([`Results`]).
//!
//! [`JournalStore`] is what keeps journals: [`MemoryJournal`] for tests, [`StoredJournal`] on `store::Db`. What a store must
//! hold is said once, as checks that each must pass (`conformance`). Steps are names here ([`StepPath`]) and values are
//! JSON ([`Payload`]): what they mean is for others to know.

mod changes;
mod checks;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod entry;
mod error;
mod id;
mod lease;
pub mod limits;
mod memory;
mod message;
mod payload;
mod port;
mod results;
mod run;
mod step;
mod stored;
mod wake;

pub use entry::{Amount, Decision, Effect, End, Entry, Gate, Kind, Recorded, Resolution};
pub use error::{JournalError, Result};
pub use id::{Digest, IdempotencyKey, RunId};
pub use memory::MemoryJournal;
pub use message::shortened;
pub use payload::Payload;
pub use port::{Append, Author, Claim, Due, Held, JournalStore, Lease, Rest, Signal, Signalled, Timer, Wait};
pub use results::Results;
pub use run::{Created, Definition, FIRST_FENCE, Filter, FirstLease, NewRun, Page, Run, Status};
pub use step::StepPath;
pub use stored::StoredJournal;
pub use wake::{News, Wake, Wanted, Watch};
