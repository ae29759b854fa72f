//! The configuration file: where it lies, what it says, and how other clients' files become part of it.

pub mod export;
pub mod import;
mod load;

pub use load::{Loaded, find, load};
