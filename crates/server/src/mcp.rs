//! The protocol as a server: what clients ask the hub, over HTTP and stdio.

pub(crate) mod asked;
pub(crate) mod client;
pub(crate) mod dialogue;
pub(crate) mod http;
pub(crate) mod lifecycle;
pub(crate) mod lists;
pub(crate) mod memory;
pub(crate) mod modern;
mod operation;
pub(crate) mod pending;
pub(crate) mod rounds;
pub(crate) mod session;
pub mod stdio;
pub(crate) mod subscribers;
mod ticket;
mod watching;
