//! What stands between the calls of an upstream and the upstream.
//!
//! [`limit`] is how much a server is asked and who waits where that is as much as may be, [`allowance`] what may be done beyond what must
//! be for the sake of speed.
//!
//! [`settings`] is what an entry of `servers:` says of that, and [`guard`] the state for one upstream and each of its
//! tools. The decisions are those of the crate `resilience`.

pub mod allowance;
pub mod guard;
pub mod limit;
pub mod settings;

pub use guard::Guard;
pub use settings::{Keep, Protection, Rule, Says, Scope};
