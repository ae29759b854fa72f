//! Which clients are told of which resources.

use crate::forward::unknown_resource;
use crate::hub::Hub;
use crate::naming;
use crate::upstream::{Upstream, watched};
use crate::view::View;
use base::{Code, Error, Result};
use mcp::raw;
use std::sync::Arc;

impl Hub {
    /// Has a client told of changes of the resource at `uri`, as `view` has it.
    pub async fn watch_resource(&self, view: &View, uri: &str, client: u64) -> Result<watched::Answer> {
        let (upstream, original) = self.owner(view, uri)?;
        upstream.watch_resource(&original, client).await
    }

    /// The client does not want to be told of the resource at `uri` any more.
    pub fn unwatch_resource(&self, view: &View, uri: &str, client: u64) -> Result<()> {
        let (upstream, original) = self.owner(view, uri)?;
        upstream.unwatch_resource(&original, client);
        Ok(())
    }

    /// The client is gone: nothing is kept for it any more.
    pub fn forget_client(&self, client: u64) {
        self.set_log_level(client, None);
        self.upstreams().iter().for_each(|upstream| upstream.forget_client(client));
    }

    fn owner(&self, view: &View, uri: &str) -> Result<(Arc<Upstream>, String)> {
        let route = view.resource(uri).ok_or_else(|| unknown_resource(view, uri))?;
        let upstream = self.upstream(&route.upstream).ok_or_else(|| {
            let message = format!("`{}` was removed from the configuration", route.upstream);
            Error::new(Code::UpstreamDisabled, message, "ask for the list again").of_upstream(&route.upstream)
        })?;
        Ok((upstream, route.original))
    }
}

/// The address that clients know of the resource that a notification of `upstream` says has changed. `params` is raw
/// JSON.
pub fn updated(upstream: &str, params: &str) -> Option<String> {
    let uri = raw::get(params, "uri").and_then(raw::text)?;
    Some(naming::exposed_uri(upstream, &uri).into_owned())
}

/// Whether who watches `watched` is to be told that `updated` has changed: it is the same, or a part of it
/// (specification, server/resources: the address may be that of a sub-resource).
pub fn concerns(watched: &str, updated: &str) -> bool {
    let rest = updated.strip_prefix(watched);
    rest.is_some_and(|rest| rest.is_empty() || watched.ends_with('/') || rest.starts_with(['/', '?', '#']))
}

#[cfg(test)]
mod tests;
