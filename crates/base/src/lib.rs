//! The ground floor: what every other room stands on, and nothing that knows of a model, a tool or a run.
//!
//! Time, randomness, spawning, the environment, disk and network are reached through this crate, so that a test can
//! hand in its own and so that a rule (a size limit, `TCP_NODELAY`, a coded error) is written once.

pub mod alarm;
pub mod clock;
pub mod code;
pub mod config;
pub mod disk;
pub mod environment;
pub mod error;
pub mod flight;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod master;
pub mod network;
pub mod ports;
pub mod program;
pub mod random;
pub mod rare;
pub mod seal;
pub mod secret;
pub mod task;
pub mod visible;
pub mod workers;

pub use code::Code;
pub use error::{Error, Limit, Result};
pub use secret::Secret;
