//! Which deployments of a model may answer a request, in which order, and why. Pure: no I/O, no clock, no randomness but
//! what is handed in.
//!
//! [`decide`] takes the [`Policy`] of a route, its [`Candidate`]s as they are now, the [`Need`] of the request and the
//! [`Preferences`] that the client sent. It gives a [`Decision`]: who is asked first, who next, who is left out, each with
//! the reason; or a [`Refusal`] where nobody is left. [`PeakEwma`], [`HitRate`], [`OutputLength`] and [`Throughput`]
//! measure what a candidate says of itself. They are told the time as a [`Duration`](std::time::Duration) since a start
//! that the caller chooses once, and forget at a steady pace. [`learning`] learns which deployment is worth the most for
//! which requests.

mod arrangement;
mod candidate;
mod capability;
mod cost;
mod decision;
mod estimate;
mod exclusion;
mod explanation;
pub mod learning;
mod names;
mod outcome;
mod policy;
mod preferences;
mod price;
mod rendezvous;
mod words;

pub use candidate::{Candidate, Facts, Need};
pub use capability::{Capabilities, Capability, Known};
pub use decision::{Advice, decide, decide_by};
pub use estimate::{HitRate, OutputLength, PeakEwma, Throughput};
pub use exclusion::Why;
pub use outcome::{Behind, Decision, Figure, Ranked, Refusal};
pub use policy::{Place, Policy, Strategy};
pub use preferences::{MaxPrice, Partition, Preferences, Sort, suffix};
pub use price::Rates;
