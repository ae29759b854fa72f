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

/// What is approved of one server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Approval(pub Vec<Approved>);

/// One thing that is approved, as somebody looked at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    /// What it is.
    pub kind: Kind,
    /// What its server calls it.
    pub name: String,
    /// The digest of what was looked at, in hexadecimal.
    pub digest: String,
}

impl Approval {
    /// What is approved of this kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Approved> {
        self.0.iter().filter(move |approved| approved.kind == kind)
    }

    /// What seals and opens approvals, of the hub's own sealer.
    pub fn sealer(sealer: &Sealer) -> Result<Sealer> {
        sealer.for_purpose("approval of tools")
    }

    /// The approval for this server, sealed.
    pub fn seal(&self, sealer: &Sealer, server: &str) -> Result<String> {
        let until = clock::wall().saturating_add(LIFE).as_secs();
        let one = |approved: &Approved| json!([approved.kind.word(), approved.name, approved.digest]);
        let all: Vec<Value> = self.0.iter().map(one).collect();
        sealer.seal(json!([until, all]).to_string().as_bytes(), server.as_bytes())
    }

    /// The approval in `sealed`; nothing where it is none, not for this server, or too old.
    pub fn open(sealer: &Sealer, server: &str, sealed: &str) -> Option<Self> {
        let plain = sealer.open(sealed, server.as_bytes())?;
        let json: Value = base::json::from_bytes(&plain).ok()?;
        if json[0].as_u64()? < clock::wall().as_secs() {
            return None;
        }
        let one = |one: &Value| {
            let (name, digest) = (one[1].as_str()?.to_owned(), one[2].as_str()?.to_owned());
            Some(Approved { kind: Kind::of_word(one[0].as_str()?)?, name, digest })
        };
        json[1].as_array()?.iter().map(one).collect::<Option<_>>().map(Self)
    }
}

#[cfg(test)]
mod tests;
