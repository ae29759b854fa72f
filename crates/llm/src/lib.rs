//! The model gateway: one address for all models, in the dialect that a client speaks.
//!
//! [`request`] reads what is asked, [`route`] says which deployments may answer, [`gateway`] asks them one after another
//! until one does, and [`stream`] brings its answer back while it comes. A request to a provider of the client's own
//! dialect goes on as the client's own bytes, but for the model's name.

pub mod answer;
pub mod config;
pub mod dialect;
pub mod exchange;
pub mod failure;
pub mod gateway;
mod guard;
mod provider;
pub mod request;
pub mod route;
mod sign;
pub mod stream;
pub mod tally;
mod translation;
pub mod watch;

pub use answer::{Answer, Body};
pub use dialect::{Dialect, Endpoint};
pub use gateway::Gateway;
pub use request::Asked;
