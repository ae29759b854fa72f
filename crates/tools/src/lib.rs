//! The hub: every upstream server in, one aggregated server out.
//!
//! [`config`] says what a person wrote; [`naming`], [`machine`], [`rewrite`] and [`view`] decide, without I/O;
//! [`upstream`] keeps servers alive; [`hub`] joins them, and [`forward`] carries one request through.

pub mod builtin;
pub mod caller;
pub mod catalogue;
pub mod config;
pub mod cursor;
pub mod discovery;
pub mod forward;
pub mod hub;
pub mod mode;
pub mod naming;
pub mod openapi;
pub mod own;
pub mod pins;
pub mod plans;
pub mod results;
pub mod rewrite;
pub mod subscriptions;
pub mod tables;
pub mod toolbox;
pub mod upstream;
pub mod view;
pub mod wholes;

pub use caller::{Ask, Caller, Reply, Toll};
pub use forward::{COMPLETE, Forward, Outcome, Step};
pub use hub::Hub;
pub use own::Work;
pub use plan::profile;
pub use resilience::machine;
pub use view::View;
