//! The configuration file, and what is made of it.

pub mod config;
mod entering;
pub mod keeper;
pub mod prompting;
pub mod runs;
pub mod wiring;
pub mod workflows;
