//! Signatures in the store, sealed, under the digests that find them.

use super::Key;
use super::index::{Index, Owner};
use base::Result;
use store::{Db, Row, Statement};

const STEPS: &[&str] = &["CREATE TABLE model_signature (
    key BYTEA NOT NULL PRIMARY KEY,
    owner BYTEA NOT NULL,
    sealed TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    kept_at BIGINT NOT NULL
)"];

/// Makes the table, forgets what is older than `since`, in seconds since 1970, and says what there is.
pub(super) async fn open(db: &Db, since: i64) -> Result<Index> {
    const OLD: &str = "DELETE FROM model_signature WHERE kept_at < ?1";
    const ALL: &str = "SELECT key, owner, bytes, kept_at FROM model_signature ORDER BY kept_at, key";
    db.migrate("model_signatures", STEPS).await?;
    db.execute(vec![Statement::new(OLD).with(since)]).await?.done()?;
    let (mut index, mut gone) = (Index::default(), Vec::new());
    for row in db.query(Statement::new(ALL)).await? {
        let bytes = usize::try_from(row.integer(2)?).unwrap_or_default();
        if let (Some(key), Some(owner)) = (digest(&row, 0)?, digest(&row, 1)?) {
            gone.extend(index.put(key, owner, bytes, row.integer(3)?));
        }
    }
    if !gone.is_empty() {
        db.execute(gone.iter().map(forget).collect()).await?.done()?;
    }
    Ok(index)
}

fn digest(row: &Row, column: usize) -> Result<Option<Key>> {
    Ok(Key::try_from(row.blob(column)?).ok())
}

/// What is kept under `key`, sealed.
pub(super) async fn load(db: &Db, key: &Key) -> Result<Option<String>> {
    const SQL: &str = "SELECT sealed FROM model_signature WHERE key = ?1";
    let rows = db.query(Statement::new(SQL).with(key.to_vec())).await?;
    rows.first().map(|row| row.text(0).map(str::to_owned)).transpose()
}

/// Keeps something under `key`, whatever stood there.
pub(super) fn keep(key: &Key, owner: &Owner, sealed: String, at: i64) -> Statement {
    const SQL: &str = "INSERT INTO model_signature (key, owner, sealed, bytes, kept_at) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (key) DO UPDATE
        SET owner = excluded.owner, sealed = excluded.sealed, bytes = excluded.bytes, kept_at = excluded.kept_at";
    let bytes = i64::try_from(sealed.len()).unwrap_or(i64::MAX);
    Statement::new(SQL).with(key.to_vec()).with(owner.to_vec()).with(sealed).with(bytes).with(at)
}

/// Forgets what is under `key`.
pub(super) fn forget(key: &Key) -> Statement {
    Statement::new("DELETE FROM model_signature WHERE key = ?1").with(key.to_vec())
}
