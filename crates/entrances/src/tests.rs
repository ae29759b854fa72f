//! What the tests share, and tests of the whole.

mod gates;
pub(crate) mod house;
mod models;
mod tools;
