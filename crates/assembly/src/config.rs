//! The configuration file: where it lies, and what it says.

mod load;
mod runs;
mod vaulted;

pub use load::{Loaded, demo, find, fingerprint, load};
pub use runs::RunSettings;
pub use vaulted::{Opened, Part, Vaulted};
