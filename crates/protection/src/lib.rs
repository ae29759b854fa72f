//! What stands between the calls of an upstream and the upstream.
//!
//! [`settings`] is what an entry of `servers:` says of that, and [`guard`] the state for one upstream and each of its
//! tools. The decisions are those of the crate `resilience`.

pub mod guard;
pub mod settings;

pub use guard::Guard;
pub use settings::{Keep, Protection, Rule, Says, Scope};
