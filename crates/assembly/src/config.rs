//! The configuration file: where it lies, and what it says.

mod load;
mod vaulted;

pub use load::{Loaded, demo, find, fingerprint, load};
pub use vaulted::{Opened, Part, Vaulted};
