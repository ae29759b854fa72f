//! What whoever runs the hub sees of the memory of a tenant: all scopes, how much they hold, and what may go.

use crate::kept::{Memory, Pruned};
use crate::{Fragment, Pruning, Scopes, limits, tables};
use base::{Error, Result};
use journal::Digest;
use store::Row;

/// How much a tenant's memory holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// All of it.
    pub all: Size,
    /// How many scopes there are.
    pub scopes: u64,
    /// The largest of them by bytes, at most [`limits::PAGE`]: address and size.
    pub largest: Vec<(String, Size)>,
}

/// How much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Size {
    /// Fragments, versions counted.
    pub fragments: u64,
    /// Bytes of their texts.
    pub bytes: u64,
    /// Tokens of their texts, as counted when models read them; what none has read is taken for four bytes each.
    pub tokens: u64,
}

impl Memory {
    /// The notes of a tenant that are most about `query`, best first, of these scopes.
    ///
    /// # Errors
    /// Those of the store and the embedder.
    pub async fn find(&self, tenant: &str, of: &Scopes, query: &str, most: usize, now: u64) -> Result<Vec<Fragment>> {
        self.among(tenant, &|found| of.have(found), query, most, now).await
    }

    /// What a tenant has under a handle, in whatever scope: the version that was written last, also one that is over and
    /// not pruned. Nothing where there is none.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn original(&self, tenant: &str, handle: Digest) -> Result<Option<Fragment>> {
        self.db.query(tables::original(tenant, handle)).await?.first().map(tables::fragment).transpose()
    }

    /// How much the memory of a tenant holds.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn stats(&self, tenant: &str) -> Result<Stats> {
        let rows = self.db.query(tables::sizes(tenant, limits::PAGE)).await?;
        let one = |row: &Row| {
            let (name, of) = (row.text(0)?, row.text(1)?);
            let address = if of.is_empty() { name.to_owned() } else { format!("{name}:{of}") };
            Ok((address, size(row, 2)?))
        };
        let largest = rows.iter().map(one).collect::<Result<_>>()?;
        let total = self.db.query(tables::total(tenant)).await?;
        let row = total.first().ok_or_else(|| Error::internal("a sum has no row"))?;
        Ok(Stats { all: size(row, 0)?, scopes: whole(row, 3)?, largest })
    }

    /// How much [`Memory::prune_of`] would remove, called until nothing is left.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn prunable(&self, wanted: &Pruning) -> Result<(u64, u64)> {
        let rows = self.db.query(tables::count_over(wanted)).await?;
        let row = rows.first().ok_or_else(|| Error::internal("a sum has no row"))?;
        Ok((whole(row, 0)?, whole(row, 1)?))
    }

    /// Removes all that may go, as [`Memory::prune_of`] does. Gives how many fragments went, and the bytes of their texts.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn prune_all(&self, wanted: &Pruning) -> Result<(u64, u64)> {
        let (mut fragments, mut bytes) = (0_u64, 0_u64);
        loop {
            let gone = self.prune_of(wanted).await?;
            (fragments, bytes) = (fragments.saturating_add(gone.fragments), bytes.saturating_add(gone.bytes));
            if !gone.more {
                return Ok((fragments, bytes));
            }
        }
    }

    /// Removes what may go, but for turns of transcripts that are not over: at most [`limits::PAGE`] fragments at once.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn prune_of(&self, wanted: &Pruning) -> Result<Pruned> {
        let rows = self.db.query(tables::over_of(wanted, limits::PAGE)).await?;
        self.remove(&rows, wanted.now, Vec::new()).await
    }
}

fn size(row: &Row, first: usize) -> Result<Size> {
    let (fragments, bytes, tokens) = (whole(row, first)?, whole(row, first + 1)?, whole(row, first + 2)?);
    Ok(Size { fragments, bytes, tokens })
}

fn whole(row: &Row, column: usize) -> Result<u64> {
    row.integer(column).map(|number| u64::try_from(number).unwrap_or_default())
}

#[cfg(test)]
mod tests;
