//! What a person at a terminal reads and writes: data, messages and errors in colour or as JSON ([`output`]), and what a tool
//! takes as flags ([`schema`], [`flags`], [`value`]); parameters ([`parameters`]); runs ([`runs`]); what differs between two texts ([`diff`]).

pub mod diff;
pub mod flags;
pub mod output;
pub mod parameters;
pub mod runs;
pub mod schema;
pub mod value;
