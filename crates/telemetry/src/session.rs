//! How long sessions last.

use crate::family::Family;
use crate::instrument::Histogram;
use crate::names::{HTTP, PIPE, SOCKET, TCP, WEBSOCKET};
use base::clock;
use std::sync::Arc;
use std::time::Instant;

/// What a session goes over: `network.transport` and `network.protocol.name` of the conventions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carrier(&'static str, &'static str);

impl Carrier {
    /// Standard input and output.
    pub const STDIO: Self = Self(PIPE, "");
    /// HTTP, in any of its ways.
    pub const HTTP: Self = Self(TCP, HTTP);
    /// A WebSocket.
    pub const WEBSOCKET: Self = Self(TCP, WEBSOCKET);
    /// A socket of the file system.
    pub const SOCKET: Self = Self(SOCKET, "");
}

/// A session that goes on. When it is dropped, it is over and counted.
#[derive(Debug)]
pub struct Lasting {
    family: Arc<Family<Histogram>>,
    /// Nothing for a session with a client.
    upstream: Option<Box<str>>,
    version: &'static str,
    carrier: Carrier,
    since: Instant,
    until: Option<Instant>,
    failure: &'static str,
}

impl Lasting {
    pub(crate) fn new(
        family: &Arc<Family<Histogram>>,
        upstream: Option<&str>,
        version: &'static str,
        carrier: Carrier,
    ) -> Self {
        let (family, upstream) = (Arc::clone(family), upstream.map(Box::from));
        Self { family, upstream, version, carrier, since: clock::now(), until: None, failure: "" }
    }

    /// It began earlier than this was made.
    #[must_use]
    pub fn since(mut self, since: Instant) -> Self {
        self.since = since;
        self
    }

    /// It was over before anybody noticed.
    pub fn over_at(mut self, until: Instant) {
        self.until = Some(until);
    }

    /// It ended by a failure of this kind, one of few.
    pub fn failed(mut self, failure: &'static str) {
        self.failure = failure;
    }
}

impl Drop for Lasting {
    fn drop(&mut self) {
        let (version, Carrier(transport, protocol)) = (self.version, self.carrier);
        let series = match &self.upstream {
            Some(upstream) => self.family.series(&[upstream, version, transport, protocol, self.failure]),
            None => self.family.series(&[version, transport, protocol]),
        };
        series.record(self.until.unwrap_or_else(clock::now).saturating_duration_since(self.since));
    }
}

#[cfg(test)]
mod tests;
