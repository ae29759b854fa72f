//! What a session id says: all that the hub needs to serve the session on after a restart.
//!
//! The id is sealed. Nobody can read it, make one, or use it as another principal; it is no proof of who somebody is.

use base::random;
use base::seal::Sealer;
use base::{Result, clock};
use mcp::version;
use serde_json::{Value, json};
use std::time::Duration;

/// For how long after it was opened a session is taken up again by another process than the one that opened it.
const LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);

/// What a session id says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// Names the session in the store.
    pub(crate) name: String,
    /// The view that the client sees.
    pub(crate) view: String,
    /// The protocol version that was agreed.
    pub(crate) version: &'static str,
    /// What servers may ask of the client, as raw JSON.
    pub(crate) capabilities: String,
    /// The process that opened the session.
    pub(crate) process: String,
    /// When, in seconds since 1970.
    opened_at: u64,
}

impl Ticket {
    /// A ticket for a new session.
    pub(crate) fn new(view: &str, version: &'static str, capabilities: &str, process: &str) -> Result<Self> {
        Ok(Self {
            name: random::hex::<16>()?,
            view: view.to_owned(),
            version,
            capabilities: capabilities.to_owned(),
            process: process.to_owned(),
            opened_at: clock::wall().as_secs(),
        })
    }

    /// How long ago the session was opened.
    pub(crate) fn age(&self) -> Duration {
        Duration::from_secs(clock::wall().as_secs().saturating_sub(self.opened_at))
    }

    /// The session id.
    pub(crate) fn seal(&self, sealer: &Sealer, principal: &str) -> Result<String> {
        let value = json!([self.name, self.view, self.version, self.capabilities, self.process, self.opened_at]);
        sealer.seal(value.to_string().as_bytes(), principal.as_bytes())
    }

    /// What a session id says; nothing when it is none, not this principal's, or too old.
    pub(crate) fn open(id: &str, sealer: &Sealer, principal: &str) -> Option<Self> {
        let plain = sealer.open(id, principal.as_bytes())?;
        let value: Value = base::json::from_bytes(&plain).ok()?;
        let text = |index: usize| value.get(index)?.as_str().map(str::to_owned);
        let opened_at = value.get(5)?.as_u64()?;
        let version = text(2)?;
        let age = clock::wall().as_secs().saturating_sub(opened_at);
        let ticket = Self {
            name: text(0)?,
            view: text(1)?,
            version: version::LEGACY.iter().find(|known| **known == version)?,
            capabilities: text(3)?,
            process: text(4)?,
            opened_at,
        };
        (age <= LIFETIME.as_secs()).then_some(ticket)
    }
}

#[cfg(test)]
mod tests;
