//! The context that steps of workflows and agents get: exactly what they declare, under a budget, with a receipt.
//!
//! - [`Memory`] keeps [`Fragment`]s in versions, and finds them by key, class, handle, words and meaning.

mod fragment;
mod kept;
pub mod limits;
mod tables;

pub use fragment::{Fragment, NewFragment, Owner, Provenance, Scope, Trust, Written};
pub use kept::{Filter, Memory, Pruned, Stats};
