//! The workflows as an upstream of the hub: `builtin: workflows`.

use base::ports::Principal;
use base::task;
use entrances::Tools;
use mcp::{Message, Method, write};
use std::sync::Arc;
use tools::Hub;
use tools::builtin::Local;
use tools::config::{Server, Settings, Transport};

/// What the upstream is called in the configuration.
pub(crate) const KIND: &str = "workflows";

/// Hands the workflows in wherever `settings` have `builtin: workflows`.
pub(crate) fn hand_in(workflows: &Arc<Tools>, settings: &mut Settings) {
    for server in &mut settings.servers {
        if let Transport::Within(within) = &mut server.transport
            && within.kind == KIND
        {
            within.local = Some(Arc::clone(workflows) as Arc<dyn Local>);
        }
    }
}

/// Has the hub read again which workflows there are, and tell clients whose lists are others by that.
pub(crate) fn changed(hub: &Hub) {
    let is_within = |server: &Server| matches!(&server.transport, Transport::Within(within) if within.kind == KIND);
    for upstream in hub.upstreams().into_iter().filter(|upstream| is_within(&upstream.settings)) {
        task::spawn("changed workflows", async move {
            let Ok(note) = Message::parse(write::notification(Method::ToolsChanged.name(), None)) else { return };
            // What is only remembered of it is older than what changed.
            if upstream.lease_of(&Principal::local().name).await.is_ok() {
                upstream.heard(note);
            }
        });
    }
}
