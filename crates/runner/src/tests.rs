//! Runs are carried out over a store in memory, in virtual time; those that are killed over one on the disk.

mod between;
mod carrying;
mod crashing;
mod deciding;
mod forking;
mod generated;
mod looking;
mod paying;
mod refused;
mod starting;
mod summaries;
mod surviving;
pub(crate) mod tools;

pub(crate) use tools::{House, Told, served};
