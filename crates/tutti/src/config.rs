//! The configuration file: where it lies, and what it says.

mod load;

pub use load::{Loaded, find, load};
