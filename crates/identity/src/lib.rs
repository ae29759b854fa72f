//! Who may do what, and with which credentials.
//!
//! [`vault`] keeps what the hub gets by itself sealed in the store, [`secrets`] what the operator sets. [`oauth`] decides,
//! without I/O, all that RFC 6749 and its companions leave to a client; [`account`] does it: the credentials of one
//! principal at one upstream. [`redirect`] waits for the browser that a person logs in with.
//! [`tasks`] makes ids that are good for one principal alone.

pub mod account;
pub mod oauth;
pub mod redirect;
pub mod secrets;
mod tables;
pub mod tasks;
pub mod vault;

pub use account::Broker;
pub use secrets::Secrets;
pub use vault::Vault;
