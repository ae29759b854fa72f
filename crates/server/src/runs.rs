//! What the API needs of whoever carries runs out.

pub use entrances::Runs;
