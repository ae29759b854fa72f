//! An approval on its way from the command line to the hub.
//!
//! Whoever reaches the hub's address may be a client, a page, or a server behind the hub; none of them may approve. So an
//! approval is sealed with the hub's master secret, which only those can read who could also change the hub's files.

use crate::catalogue::Kind;
use base::seal::Sealer;
use base::{Result, clock};
use serde_json::{Value, json};
use std::time::Duration;

/// How long an approval holds: from the command to the hub.
pub const LIFE: Duration = Duration::from_secs(60);

/// What is approved: names, and the digests of what was looked at, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Approval {
    /// Names and digests of tools.
    pub tools: Vec<(String, String)>,
    /// Names and digests of prompts.
    pub prompts: Vec<(String, String)>,
}

impl Approval {
    /// Names and digests of this kind.
    pub fn of_kind(&self, kind: Kind) -> &[(String, String)] {
        match kind {
            Kind::Tool => &self.tools,
            Kind::Prompt => &self.prompts,
        }
    }

    /// What seals and opens approvals, of the hub's own sealer.
    pub fn sealer(sealer: &Sealer) -> Result<Sealer> {
        sealer.for_purpose("approval of tools")
    }

    /// The approval for this server, sealed.
    pub fn seal(&self, sealer: &Sealer, server: &str) -> Result<String> {
        let until = clock::wall().saturating_add(LIFE).as_secs();
        sealer.seal(json!([until, self.tools, self.prompts]).to_string().as_bytes(), server.as_bytes())
    }

    /// The approval in `sealed`; nothing where it is none, not for this server, or too old.
    pub fn open(sealer: &Sealer, server: &str, sealed: &str) -> Option<Self> {
        let plain = sealer.open(sealed, server.as_bytes())?;
        let json: Value = base::json::from_bytes(&plain).ok()?;
        if json[0].as_u64()? < clock::wall().as_secs() {
            return None;
        }
        let pair = |pair: &Value| Some((pair[0].as_str()?.to_owned(), pair[1].as_str()?.to_owned()));
        let pairs = |json: &Value| json.as_array()?.iter().map(pair).collect::<Option<_>>();
        Some(Self { tools: pairs(&json[1])?, prompts: pairs(&json[2])? })
    }
}

#[cfg(test)]
mod tests;
