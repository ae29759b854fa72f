//! An approval on its way from the command line to the hub.
//!
//! Whoever reaches the hub's address may be a client, a page, or a server behind the hub; none of them may approve. So an
//! approval is sealed with the hub's master secret, which only those can read who could also change the hub's files.

use base::seal::Sealer;
use base::{Result, clock};
use serde_json::{Value, json};
use std::time::Duration;

/// How long an approval holds: from the command to the hub.
pub const LIFE: Duration = Duration::from_secs(60);

/// The tools that are approved: their names, and the digests of what was looked at, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Names and digests.
    pub tools: Vec<(String, String)>,
}

impl Approval {
    /// What seals and opens approvals, of the hub's own sealer.
    pub fn sealer(sealer: &Sealer) -> Result<Sealer> {
        sealer.for_purpose("approval of tools")
    }

    /// The approval for this server, sealed.
    pub fn seal(&self, sealer: &Sealer, server: &str) -> Result<String> {
        let until = clock::wall().saturating_add(LIFE).as_secs();
        sealer.seal(json!([until, self.tools]).to_string().as_bytes(), server.as_bytes())
    }

    /// The approval in `sealed`; nothing where it is none, not for this server, or too old.
    pub fn open(sealer: &Sealer, server: &str, sealed: &str) -> Option<Self> {
        let plain = sealer.open(sealed, server.as_bytes())?;
        let json: Value = base::json::from_bytes(&plain).ok()?;
        if json[0].as_u64()? < clock::wall().as_secs() {
            return None;
        }
        let pair = |pair: &Value| Some((pair[0].as_str()?.to_owned(), pair[1].as_str()?.to_owned()));
        Some(Self { tools: json[1].as_array()?.iter().map(pair).collect::<Option<_>>()? })
    }
}

#[cfg(test)]
mod tests;
