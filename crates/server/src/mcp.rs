//! The protocol as a server: what clients ask the hub, over HTTP and stdio.

pub(crate) mod asked;
mod caller;
pub(crate) mod client;
pub(crate) mod dialogue;
pub(crate) mod events;
mod head;
pub(crate) mod http;
pub(crate) mod ids;
mod input;
mod kept;
pub(crate) mod lifecycle;
mod lines;
pub(crate) mod lists;
pub(crate) mod memory;
mod models;
pub(crate) mod modern;
mod operation;
mod outlet;
pub(crate) mod peer;
pub(crate) mod pending;
pub(crate) mod questions;
mod replay;
pub(crate) mod replicas;
pub(crate) mod resume;
pub(crate) mod rounds;
pub(crate) mod session;
pub(crate) mod socket;
pub mod stdio;
pub(crate) mod subscribers;
pub(crate) mod synchrony;
pub(crate) mod tasks;
mod ticket;
mod watching;
pub(crate) mod websocket;

use crate::Shared;
use crate::keys::Visitor;
use base::seal::Sealer;
use base::{Code, Error, Result};
use std::sync::Arc;
use tools::View;

/// The view of this name, if the visitor may see it. One that it may not see is as one that is not there.
fn view(shared: &Shared, visitor: &Visitor, name: &str) -> Result<Arc<View>> {
    shared.hub.view(name).filter(|_| visitor.may_see(name)).ok_or_else(|| {
        let name: String = name.chars().filter(|character| !character.is_control()).take(64).collect();
        let mut known = shared.hub.view_names();
        known.retain(|view| visitor.may_see(view));
        let known = known.join(", ");
        Error::new(Code::UnknownView, format!("there is no view `{name}`"), format!("views: {known}"))
    })
}

/// Reads `text` as everything that the hub seals, and forgets it: the way of the fuzzer to parsers that are for this
/// crate alone.
#[doc(hidden)]
pub fn parse_sealed(sealer: &Sealer, text: &str, principal: &str) {
    let _ = ticket::Ticket::open(text, sealer, principal);
    let _ = resume::Last::open(sealer, text, principal);
    let _ = identity::tasks::Tasks::new(sealer.clone()).open(text, principal);
    let _ = rounds::Rounds::new(sealer.clone()).open(text, "", principal.trim_start());
}

/// Checks what a modern request says of itself, and what it answers: the way of the fuzzer to parsers that are for this
/// crate alone. Gives the digest of the call.
#[doc(hidden)]
pub fn check_request(headers: &::http::HeaderMap, message: &::mcp::Message) -> Result<String> {
    let method = message.method().ok_or_else(|| Error::internal("no request"))?;
    let params = message.body().unwrap_or("{}");
    modern::check(headers, message, method)?;
    modern::check_meta(message)?;
    input::check_responses(params)?;
    Ok(rounds::digest(method, params))
}
