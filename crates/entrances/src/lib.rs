//! Ways into durable workflows, besides their own API.
//!
//! Each workflow is a tool of the protocol ([`Tools`]), whose calls may be tasks that outlive their client and the hub, and a
//! name of a model ([`Models`]), in whatever dialect. Runs are also begun at the times that a definition names ([`Schedules`])
//! and by signed requests ([`Webhooks`]). [`Notices`] tell others of gates, who may answer. All of them begin runs at a [`runner::Runner`], which [`Runs`] gives; what a run does
//! is not known here.

mod deduplication;
mod models;
mod notice;
mod notices;
mod owner;
mod runs;
mod schedules;
mod signature;
mod standing;
mod tools;
mod webhooks;

pub use models::{Models, PREFIX, Served, Waiting};
pub use notice::Notice;
pub use notices::Notices;
pub use runs::Runs;
pub use schedules::Schedules;
pub use tools::Tools;
pub use webhooks::{Begun, Delivery, LARGEST as LARGEST_DELIVERY, Webhooks};

#[cfg(test)]
mod tests;
