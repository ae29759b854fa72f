//! Several models for one request of a client: who is asked what, what follows from the answers, and what the client gets.
//! Pure: no I/O, no clock, no randomness.
//!
//! A [`Strategy`] is what a route says. A [`Machine`] plays it for one request: it says which [`Part`]s are asked, is told how
//! each ended, and says what is next ([`Step`]). A part that fails never fails the request where another way is left: what
//! was to be shorter goes on as it was, a draft that is not there is not refined, a verifier that says nothing has not
//! accepted. What the parts are told stands in [`words`].

pub mod asked;
mod boost;
mod cascade;
mod compare;
mod draft;
mod machine;
mod map_reduce;
mod passages;
mod play;
mod reading;
mod speculate;
mod strategy;
mod words;

pub use machine::Machine;
pub use play::{Part, Step};
pub use strategy::{Boost, Cascade, Check, Compare, Decide, DraftRefine, MapReduce, Shorten, Speculate, Strategy};

/// Says how well each of some passages fits a question, higher is better: as many numbers as passages.
pub type Rank<'a> = &'a (dyn Fn(&str, &[String]) -> Vec<f32> + Send + Sync);
