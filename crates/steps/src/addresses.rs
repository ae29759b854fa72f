//! Addresses of tools as workflows write them, and where they lead. Pure.

use crate::acting::Acting;
use std::sync::Arc;
use tools::config::Transport;
use tools::naming::{self, Naming};
use tools::{Hub, View};
pub(crate) use workflow::approval::fits;

/// How the address of a tool begins.
const SCHEME: &str = "mcp://";

/// The address of `tool` of the upstream `server`.
pub(crate) fn address(server: &str, tool: &str) -> String {
    format!("{SCHEME}{server}/{tool}")
}

/// The upstream and the tool of an address.
pub(crate) fn parts(address: &str) -> Option<(&str, &str)> {
    address.strip_prefix(SCHEME)?.split_once('/')
}

/// A view through which a tool is called, and the name that it has there.
pub(crate) struct Door {
    pub(crate) view: Arc<View>,
    pub(crate) name: String,
}

/// Whether the tools of an upstream begin runs: they have no place within one, which would wait for them while it keeps its own.
pub(crate) fn begins_runs(hub: &Hub, server: &str) -> bool {
    let upstream = hub.upstream(server);
    upstream.is_some_and(
        |upstream| matches!(&upstream.settings.transport, Transport::Within(within) if within.kind == "workflows"),
    )
}

/// The views of somebody that are there, in their order.
pub(crate) fn views<'a>(hub: &'a Hub, acting: &'a Acting) -> impl Iterator<Item = Arc<View>> + 'a {
    acting.views.iter().filter_map(|name| hub.view(name))
}

/// The first view of somebody that has a tool of an upstream. An upstream that has not told yet what it has is asked by the
/// name that the tool would have.
pub(crate) fn door(hub: &Hub, acting: &Acting, server: &str, tool: &str) -> Option<Door> {
    let usual = naming::exposed(server, tool);
    let leads = |view: &View, name: &str| {
        view.tools.get(name).is_some_and(|route| route.upstream == server && route.original == tool)
    };
    for view in views(hub, acting) {
        if leads(&view, &usual) {
            return Some(Door { view, name: usual });
        }
        let other = view.tools.iter().find(|(_, route)| route.upstream == server && route.original == tool);
        if let Some(name) = other.map(|(name, _)| name.clone()) {
            return Some(Door { view, name });
        }
    }
    if hub.upstream(server)?.is_known() {
        return None;
    }
    let view = views(hub, acting).find(|view| view.upstreams.contains(server))?;
    let name = match view.naming() {
        Naming::Prefixed => usual,
        Naming::Own => tool.to_owned(),
    };
    Some(Door { view, name })
}

#[cfg(test)]
mod tests;
