//! Who may do what, and with which credentials.
//!
//! [`vault`] keeps secrets sealed in the store. [`oauth`] decides, without I/O, all that RFC 6749 and its companions leave
//! to a client; [`account`] does it: the credentials of one principal at one upstream.

pub mod account;
pub mod oauth;
mod tables;
pub mod vault;

pub use account::Broker;
pub use vault::Vault;
