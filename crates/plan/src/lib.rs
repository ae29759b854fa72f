//! Plans of tool calls: several calls in one, with references to earlier results.
//!
//! All of it decides and none of it does. [`definition`] reads what a plan says, [`prepare`] holds it against what there
//! is, [`machine`] says what is started next and takes what ended, [`answer`] says what came of it. Whoever makes the
//! calls hands in their results and the time.
//!
//! A plan comes from a model, and results from servers: everything in both has a limit ([`Limits`]), and what a result
//! says is data, never read for references.

pub mod answer;
pub mod config;
pub mod definition;
pub mod explain;
mod fit;
pub mod graph;
mod limits;
pub mod machine;
pub mod prepare;
pub mod profile;
pub mod reference;
pub mod rule;
pub mod target;
pub mod template;
pub mod value;

pub use limits::Limits;
