//! Vectors of tools, kept in the store: a hub that starts again embeds nothing that it has embedded before.

use base::ports::Wait;
use base::{Result, clock};
use search::{Key, Vector, VectorCache};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store::{Db, Statement};

/// The most vectors that are kept: of as many tools as are searched exactly, and half as many that were used lately.
/// Upstreams decide how many definitions there ever are.
const MOST: usize = search::EXACT_UP_TO / 2 * 3;
/// So many more may be there before any is thrown away: to look for the oldest takes a while.
const SLACK: usize = 1_000;
/// Of so many at once it is written that they are used, so that others have their turn between.
const AT_ONCE: usize = 500;
/// As many keys are looked up one by one; of more the whole table is read at once.
const FEW: usize = 64;
/// How long vectors are kept that nobody asked for when all were read.
const PATIENCE: Duration = Duration::from_secs(30 * 24 * 3_600);

/// The vectors in the store, under the digest of embedder and text.
pub(super) struct Kept {
    db: Db,
    most: usize,
    slack: usize,
    /// How many were put since the last were thrown away.
    put: AtomicUsize,
}

impl Kept {
    pub(super) fn new(db: Db) -> Self {
        Self::with_room(db, MOST, SLACK)
    }

    fn with_room(db: Db, most: usize, slack: usize) -> Self {
        // What an earlier run left is looked at with the first that comes.
        Self { db, most, slack, put: AtomicUsize::new(slack) }
    }

    async fn one(&self, key: &Key) -> Result<Option<Vector>> {
        const SQL: &str = "SELECT vector FROM tool_vector WHERE digest = ?1";
        let rows = self.db.query(Statement::new(SQL).with(key.to_vec())).await?;
        rows.first().map(|row| row.blob(0).map(Vector::from_bytes)).transpose()
    }

    /// All that there is, and forgets what has been of no use for long.
    async fn all(&self, wanted: &[Key]) -> Result<HashMap<Key, Vector>> {
        const ALL: &str = "SELECT digest, vector, kept_at FROM tool_vector";
        const FORGET: &str = "DELETE FROM tool_vector WHERE digest = ?1";
        let old = seconds(clock::wall().saturating_sub(PATIENCE));
        let wanted: std::collections::HashSet<&Key> = wanted.iter().collect();
        let (mut found, mut forgotten) = (HashMap::new(), Vec::new());
        for row in self.db.query(Statement::new(ALL)).await? {
            let digest = row.blob(0)?;
            match Key::try_from(digest) {
                Ok(key) if wanted.contains(&key) => drop(found.insert(key, Vector::from_bytes(row.blob(1)?))),
                _ if row.integer(2)? < old => forgotten.push(Statement::new(FORGET).with(digest.to_vec())),
                _ => {}
            }
        }
        if !forgotten.is_empty() {
            self.db.execute(forgotten).await?.done()?;
        }
        Ok(found)
    }

    async fn keep(&self, vectors: Vec<(Key, Vector)>) -> Result<()> {
        const KEEP: &str = "INSERT INTO tool_vector (digest, vector, kept_at) VALUES (?1, ?2, ?3)
            ON CONFLICT (digest) DO UPDATE SET vector = excluded.vector, kept_at = excluded.kept_at";
        // Those go first that were of no use for longest.
        const SHED: &str = "DELETE FROM tool_vector WHERE digest IN
            (SELECT digest FROM tool_vector ORDER BY kept_at DESC, digest LIMIT ?1 OFFSET ?2)";
        let now = seconds(clock::wall());
        let keep =
            |(key, vector): (Key, Vector)| Statement::new(KEEP).with(key.to_vec()).with(vector.to_bytes()).with(now);
        let count = vectors.len();
        let mut unit: Vec<Statement> = vectors.into_iter().map(keep).collect();
        if self.put.fetch_add(count, Ordering::Relaxed) + count > self.slack {
            self.put.store(0, Ordering::Relaxed);
            let most = i64::try_from(self.most).unwrap_or(i64::MAX);
            unit.push(Statement::new(SHED).with(most).with(most));
        }
        self.db.execute(unit).await?.done()?;
        Ok(())
    }
}

impl Kept {
    async fn use_now(&self, keys: Vec<Key>) -> Result<()> {
        const USE: &str = "UPDATE tool_vector SET kept_at = ?1 WHERE digest = ?2 AND kept_at < ?1";
        let now = seconds(clock::wall());
        for some in keys.chunks(AT_ONCE) {
            let unit = some.iter().map(|key| Statement::new(USE).with(now).with(key.to_vec())).collect();
            self.db.execute(unit).await?.done()?;
        }
        Ok(())
    }
}

impl VectorCache for Kept {
    fn get(&self, keys: Vec<Key>) -> Wait<'_, Vec<Option<Vector>>> {
        Box::pin(async move {
            if keys.len() > FEW {
                let mut all = self.all(&keys).await?;
                return Ok(keys.iter().map(|key| all.remove(key)).collect());
            }
            let mut found = Vec::with_capacity(keys.len());
            for key in &keys {
                found.push(self.one(key).await?);
            }
            Ok(found)
        })
    }

    fn put(&self, vectors: Vec<(Key, Vector)>) -> Wait<'_, ()> {
        Box::pin(self.keep(vectors))
    }

    fn used(&self, keys: Vec<Key>) -> Wait<'_, ()> {
        Box::pin(self.use_now(keys))
    }
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
