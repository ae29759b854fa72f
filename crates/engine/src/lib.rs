//! Runs language models of GGUF files on the processor, or, where it is built with the feature `cards`, with their weights on a graphics
//! card ([`Model::place`]). It takes bytes and gives tokens: no I/O, no clock, no chance but that of
//! a seed.
//!
//! [`estimate`] says by the beginning of a file what its model takes in memory, and [`Model::load`] takes the file as a whole; the
//! weights stay packed in it. [`Model::render`] makes a prompt of a [`Chat`] as the model's own template says, and
//! [`Engine::begin`] begins an answer, which [`Engine::step`] drives on together with all others. An answer may be held to a JSON Schema
//! ([`Request::schema`]). [`Engine::embed`] gives the vector of a text.

mod attention;
mod cache;
mod constraint;
mod crew;
mod description;
mod engine;
mod failure;
mod forward;
mod functions;
mod half;
mod matrix;
mod memory;
mod model;
mod place;
mod placement;
mod rope;
mod sampling;
mod session;
mod stops;
mod template;
#[cfg(test)]
mod testing;
mod tokens;
mod unpack;
mod weights;

pub use engine::{Engine, Request, Ticket};
pub use failure::{Failure, FailureKind};
pub use memory::{Limits, Memory, estimate};
pub use model::{Model, Pooling};
pub use place::{USES_CARDS, cards};
pub use placement::{Device, Placement};
pub use sampling::{Likelihood, Sampling};
pub use session::{Ended, Step, Usage};
pub use template::{Chat, Date, Message, Role};
pub use tokens::Token;
