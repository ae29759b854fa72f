//! The protocol as a server: what clients ask the hub, over HTTP and stdio.

pub(crate) mod asked;
pub(crate) mod client;
pub(crate) mod dialogue;
pub(crate) mod events;
pub(crate) mod http;
pub(crate) mod ids;
pub(crate) mod lifecycle;
mod lines;
pub(crate) mod lists;
pub(crate) mod memory;
pub(crate) mod modern;
mod operation;
pub(crate) mod peer;
pub(crate) mod pending;
mod replay;
pub(crate) mod resume;
pub(crate) mod rounds;
pub(crate) mod session;
pub(crate) mod socket;
pub mod stdio;
pub(crate) mod subscribers;
pub(crate) mod tasks;
mod ticket;
mod watching;
pub(crate) mod websocket;

use crate::Shared;
use base::{Code, Error, Result};
use std::sync::Arc;
use tools::View;

/// The view of this name.
fn view(shared: &Shared, name: &str) -> Result<Arc<View>> {
    shared.hub.view(name).ok_or_else(|| {
        let name: String = name.chars().filter(|character| !character.is_control()).take(64).collect();
        let known = shared.hub.view_names().join(", ");
        Error::new(Code::UnknownView, format!("there is no view `{name}`"), format!("views: {known}"))
    })
}
