//! What the tests share, and tests of the whole.

pub(crate) mod house;
mod models;
mod tools;
