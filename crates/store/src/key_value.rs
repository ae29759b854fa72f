//! A small table for what needs no table of its own.

use crate::{Db, Statement};
use base::{Result, clock};

const STEPS: &[&str] = &["CREATE TABLE key_value (
    space TEXT NOT NULL,
    key TEXT NOT NULL,
    value BYTEA NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (space, key)
)"];

/// Values by name, in spaces that do not see each other.
#[derive(Clone)]
pub struct KeyValue {
    db: Db,
}

/// What is kept under a key.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key, unique in its space.
    pub key: String,
    /// The bytes that were put.
    pub value: Vec<u8>,
    /// When they were put, in milliseconds since 1970.
    pub updated_at: i64,
}

impl KeyValue {
    /// The table in `db`, which is created if it is not there.
    pub async fn new(db: Db) -> Result<Self> {
        db.migrate("key_value", STEPS).await?;
        Ok(KeyValue { db })
    }

    /// What `key` holds in `space`.
    pub async fn get(&self, space: &str, key: &str) -> Result<Option<Vec<u8>>> {
        let statement =
            Statement::new("SELECT value FROM key_value WHERE space = ?1 AND key = ?2").with(space).with(key);
        let rows = self.db.query(statement).await?;
        rows.first().map(|row| row.blob(0).map(<[u8]>::to_vec)).transpose()
    }

    /// Keeps `value` under `key`, in place of what was there.
    pub async fn put(&self, space: &str, key: &str, value: impl Into<Vec<u8>>) -> Result<()> {
        self.db.execute(vec![Self::put_statement(space, key, value)]).await?.done()?;
        Ok(())
    }

    /// What [`KeyValue::put`] does, as a part of a unit of work that does more.
    pub fn put_statement(space: &str, key: &str, value: impl Into<Vec<u8>>) -> Statement {
        let now = i64::try_from(clock::wall().as_millis()).unwrap_or(i64::MAX);
        Statement::new(
            "INSERT INTO key_value (space, key, value, updated_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (space, key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
        )
        .with(space)
        .with(key)
        .with(value.into())
        .with(now)
    }

    /// Forgets `key` and says whether it was there.
    pub async fn delete(&self, space: &str, key: &str) -> Result<bool> {
        let statement = Statement::new("DELETE FROM key_value WHERE space = ?1 AND key = ?2").with(space).with(key);
        let rows = self.db.execute(vec![statement]).await?.done()?;
        Ok(rows == [1])
    }

    /// Everything in `space`, in the order of the keys' bytes.
    pub async fn list(&self, space: &str) -> Result<Vec<Entry>> {
        let statement = Statement::new("SELECT key, value, updated_at FROM key_value WHERE space = ?1").with(space);
        let rows = self.db.query(statement).await?;
        let entry = |row: &crate::Row| {
            Ok(Entry { key: row.text(0)?.to_owned(), value: row.blob(1)?.to_owned(), updated_at: row.integer(2)? })
        };
        let mut entries = rows.iter().map(entry).collect::<Result<Vec<_>>>()?;
        // Sorted here, because the order of text in SQL depends on the engine's locale.
        entries.sort_unstable_by(|left, right| left.key.cmp(&right.key));
        Ok(entries)
    }
}

#[cfg(test)]
mod tests;
