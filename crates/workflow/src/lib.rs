//! Durable workflows: what their files say, and the plans that are made of them. Pure: no I/O, no clock, no randomness.
//!
//! [`read()`] makes typed [`definition`]s of a file. What a file may say stands in [`keys`], of which the JSON Schema for
//! editors is made too.

pub mod approval;
mod arguments;
mod catalogue;
pub mod cron;
pub mod definition;
mod document;
pub mod draw;
mod effect;
pub mod explain;
mod hash;
pub mod keys;
mod library;
pub mod limits;
pub mod plan;
mod print;
mod read;
pub mod select;
mod source;
pub mod template;
mod words;

pub use arguments::arguments;
pub use catalogue::{Catalogue, Known, ModelFacts, Nothing, PromptFacts, SubWorkflowFacts, Tool};
pub use document::schema;
pub use effect::{Effect, Hints};
pub use library::{Definition, Definitions, File, Gathered, Planned, gather, in_order, plans};
pub use plan::Plan;
pub use print::printed;
pub use read::read;
pub use source::{Source, Spot};

#[cfg(test)]
mod tests;
