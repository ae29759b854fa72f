//! The model gateway: one address for all models, in the dialect that a client speaks.
//!
//! [`request`] reads what is asked, [`route`] says which deployments may answer, [`gateway`] asks them one after another
//! until one does, and [`stream`] brings its answer back while it comes. A request to a provider of the client's own
//! dialect goes on as the client's own bytes, but for the model's name.

pub mod answer;
mod bill;
mod booking;
mod cache;
pub mod caller;
pub mod config;
pub mod failure;
pub mod gateway;
mod guard;
mod lane;
mod length;
mod listed;
mod mask;
pub mod prices;
mod provider;
mod replay;
pub mod request;
mod route;
mod seen;
mod sigv4;
pub mod stream;
pub mod tally;
mod told;
mod trace;
mod translation;
mod unserved;

pub use answer::{Answer, Body};
pub use booking::{Booking, CameTo};
pub use cache::{Held as CacheHeld, Tally as CacheTally, digest};
pub use caller::Caller;
pub use gateway::standing::{Behind, Named, Standing};
pub use gateway::{Gateway, Most};
pub use guard::Held;
pub use inspection::dialect::{Dialect, Endpoint};
pub use lessons::{Lessons, Standing as Learned};
pub use listed::Listed;
pub use provider::Probed;
pub use replay::Replay;
pub use request::Asked;
pub use seen::Measured;
pub use signatures::Signatures;
pub use unserved::unserved;
