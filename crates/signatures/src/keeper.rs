//! The one task that writes signatures. What comes at the same time shares one commit and one message to the Redis.

use super::index::{KEPT, Owner};
use super::{Key, tables};
use base::{Result, random, task};
use store::Db;
use store::redis::Redis;
use tokio::sync::{mpsc, oneshot};

/// So many share a commit.
const AT_ONCE: usize = 64;

/// What is to be done.
pub(super) enum Job {
    /// Something is to be kept, and others are to go for it.
    Keep { key: Key, owner: Owner, sealed: String, at: i64, forgotten: Vec<Key> },
    /// Somebody waits until all before it is done.
    End(oneshot::Sender<()>),
}

/// Starts the task. It ends when nobody can ask it any more.
pub(super) fn start(db: Db, redis: Option<Redis>, jobs: mpsc::Receiver<Job>) {
    task::spawn("signatures-keeper", run(db, redis, jobs));
}

async fn run(db: Db, redis: Option<Redis>, mut jobs: mpsc::Receiver<Job>) {
    let mut batch = Vec::new();
    while jobs.recv_many(&mut batch, AT_ONCE).await > 0 {
        let (mut unit, mut shared, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
        for job in batch.drain(..) {
            match job {
                Job::Keep { key, owner, sealed, at, forgotten } => {
                    if let Some(redis) = &redis {
                        shared.extend(name(redis, &key).and_then(|name| redis.put(&name, sealed.as_bytes(), KEPT)));
                    }
                    unit.extend(forgotten.iter().map(tables::forget));
                    unit.push(tables::keep(&key, &owner, sealed, at));
                }
                Job::End(done) => waiting.push(done),
            }
        }
        if let Some(redis) = redis.as_ref().filter(|_| !shared.is_empty()) {
            // A Redis that is away is told of elsewhere, and what is not there the other replicas do without.
            let _away = redis.run(shared).await;
        }
        if !unit.is_empty()
            && let Err(error) = db.execute(unit).await.and_then(store::Outcome::done)
        {
            tracing::warn!(%error, "signatures of models cannot be kept in the store, only in memory");
        }
        // Whoever asked may have gone.
        for done in waiting {
            let _gone = done.send(());
        }
    }
}

/// The name under which replicas find what is kept under `key`.
pub(super) fn name(redis: &Redis, key: &Key) -> Result<String> {
    redis.name("signature", &random::to_hex(key))
}
