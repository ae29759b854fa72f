//! Runs are carried out over a store in memory, in virtual time.

mod carrying;
mod deciding;
mod surviving;
mod tools;
