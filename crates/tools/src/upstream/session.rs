//! Which connections are sessions, for the numbers.

use super::{Connection, Live, Upstream};
use crate::config::{self, Transport};
use mcp::client::Link;
use mcp::{Era, version};
use telemetry::Telemetry;
use telemetry::names::OTHER;
use telemetry::session::{Carrier, Lasting};

impl Upstream {
    /// The session on a connection that was just made. Towards a modern server over HTTP there is none: each request is by
    /// itself.
    pub(super) fn session_on(&self, live: &Live, telemetry: &Telemetry) -> Option<Lasting> {
        match &live.connection {
            Connection::Builtin(_) => return None,
            Connection::Link(Link::Http(_)) if live.greeting.era == Era::Modern => return None,
            Connection::Link(_) => {}
        }
        let carrier = match &self.settings.transport {
            Transport::Command { .. } => Carrier::STDIO,
            Transport::Socket { .. } => Carrier::SOCKET,
            Transport::Address { carrier: config::Carrier::WebSocket, .. } => Carrier::WEBSOCKET,
            Transport::Address { .. } => Carrier::HTTP,
            Transport::Files { .. } | Transport::Within(_) | Transport::OpenApi(_) => return None,
        };
        Some(telemetry.upstream_session(&self.settings.name, carrier, known(&live.greeting.version)))
    }
}

/// The version, where it is one of the protocol: a server could make others up.
fn known(version: &str) -> &'static str {
    let all = version::LEGACY.iter().chain(&version::MODERN);
    all.copied().find(|known| *known == version).unwrap_or(OTHER)
}
