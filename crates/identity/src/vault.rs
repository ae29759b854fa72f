//! Secrets in the store: sealed, and bound to whom and what they are for, so that a row copied to another place opens
//! nothing there.

use crate::tables::{self, Key};
use base::ports::Principal;
use base::seal::Sealer;
use base::{Code, Error, Result};
use store::Db;

/// The vault; clones are cheap and share it.
#[derive(Clone)]
pub struct Vault {
    db: Db,
    sealer: Sealer,
}

/// Whose secret it is, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Whose.
    pub principal: Principal,
    /// For which upstream.
    pub upstream: String,
    /// What it is, such as `oauth`.
    pub kind: &'static str,
}

impl Slot {
    fn key(&self) -> Key<'_> {
        Key {
            tenant: &self.principal.tenant,
            principal: &self.principal.name,
            upstream: &self.upstream,
            kind: self.kind,
        }
    }

    /// The parts with their lengths, so that no two slots are bound to the same bytes.
    fn associated(&self) -> Vec<u8> {
        let parts = [self.principal.tenant.as_str(), &self.principal.name, &self.upstream, self.kind];
        parts.iter().flat_map(|part| [&(part.len() as u64).to_be_bytes()[..], part.as_bytes()].concat()).collect()
    }
}

impl Vault {
    /// The vault in `db`, whose table is created if it is not there.
    pub async fn open(db: Db, sealer: &Sealer) -> Result<Self> {
        tables::prepare(&db).await?;
        Ok(Self { db, sealer: sealer.for_purpose("vault")? })
    }

    /// What `slot` holds.
    ///
    /// # Errors
    /// [`Code::VaultSealed`] when it was sealed with another master secret.
    pub async fn get(&self, slot: &Slot) -> Result<Option<Vec<u8>>> {
        let Some(sealed) = tables::get(&self.db, &slot.key()).await? else { return Ok(None) };
        let opened = self.sealer.open(&sealed, &slot.associated());
        opened.map(Some).ok_or_else(|| {
            let name = &slot.upstream;
            Error::new(
                Code::VaultSealed,
                format!("the credential of `{name}` in the store was sealed with another master secret"),
                format!("bring the old TUTTI_SECRET or secret.key back, or run `tutti server login {name}`"),
            )
            .of_upstream(name)
        })
    }

    /// Keeps `secret` in `slot`, in place of what was there.
    pub async fn put(&self, slot: &Slot, secret: &[u8]) -> Result<()> {
        let sealed = self.sealer.seal(secret, &slot.associated())?;
        tables::put(&self.db, &slot.key(), sealed).await
    }

    /// Forgets what `slot` holds, and says whether there was anything.
    pub async fn delete(&self, slot: &Slot) -> Result<bool> {
        tables::delete(&self.db, &slot.key()).await
    }
}

#[cfg(test)]
mod tests;
