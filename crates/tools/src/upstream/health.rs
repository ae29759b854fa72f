//! Asking an upstream whether it is well, with the cheapest request that there is.

use super::{Connection, Lease, Upstream};
use crate::config::Transport;
use crate::machine::State;
use mcp::client::handshake;
use mcp::{Era, Method};
use std::sync::Arc;
use std::time::Duration;

/// How long the answer may take: a server that needs longer to say that it is there is not well.
const PATIENCE: Duration = Duration::from_secs(5);

impl Upstream {
    /// Whether it can be asked: an API of an OpenAPI document has no request that is known to be cheap, and what is built in
    /// is always there.
    pub(crate) fn can_be_asked(&self) -> bool {
        !matches!(self.settings.transport, Transport::OpenApi(_) | Transport::Files { .. } | Transport::Within(_))
    }

    /// Whether it answers; an error that it answers with is an answer too. Nothing where there is no connection to ask over.
    pub(crate) async fn is_well(self: &Arc<Self>) -> Option<bool> {
        let lease = self.lease_to_ask().await?;
        let Connection::Link(link) = &lease.live.connection else { return None };
        let (method, params) = match lease.era() {
            Era::Legacy => (Method::Ping, "{}".to_owned()),
            // There is no ping any more.
            Era::Modern => (Method::Discover, format!("{{\"_meta\":{}}}", handshake::modern_meta(handshake::NOBODY))),
        };
        let limit = PATIENCE.min(self.settings.timeouts.call);
        Some(link.ask(method.name(), &params, lease.era(), limit).await.is_ok())
    }

    /// The connection. One to an address is made anew if need be; a program is not started to be asked how it is.
    async fn lease_to_ask(self: &Arc<Self>) -> Option<Lease> {
        let idle = self.status().state == State::Idle;
        if idle && matches!(self.settings.transport, Transport::Address { .. }) {
            self.want(false).await.ok()?;
        }
        self.lease_now()
    }
}
