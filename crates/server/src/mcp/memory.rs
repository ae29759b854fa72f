//! What is kept of legacy sessions over a restart, besides what their ids say: what changed since they were opened. Where
//! replicas share a Redis they are told of it too.

use super::kept::{Change, Kept};
use super::replicas::{Found, Replicas};
use base::{Result, clock};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use store::redis::Redis;
use store::{Db, KeyValue};

/// The part of the store with the state of sessions.
const STATE: &str = "session";

/// The part of the store with the names of sessions that were ended by their clients.
const ENDED: &str = "session ended";

/// For how long anything of this is kept: as long as an id is good.
const KEPT: Duration = Duration::from_secs(8 * 24 * 3600);

/// What remembers sessions: a store and other replicas, each where there is one.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    store: Option<KeyValue>,
    replicas: Option<Arc<Replicas>>,
}

impl Memory {
    /// The sessions in `db`, and the names of those that were ended.
    pub(crate) async fn open(db: Db, redis: Option<Redis>) -> Result<(Self, HashSet<String>)> {
        let store = KeyValue::new(db).await?;
        let oldest = clock::wall().saturating_sub(KEPT).as_millis();
        let mut ended = HashSet::new();
        for space in [STATE, ENDED] {
            for entry in store.list(space).await? {
                if u128::try_from(entry.updated_at).unwrap_or(0) < oldest {
                    store.delete(space, &entry.key).await?;
                } else if space == ENDED {
                    ended.insert(entry.key);
                }
            }
        }
        let replicas = redis.map(|redis| Arc::new(Replicas::new(redis)));
        Ok((Self { store: Some(store), replicas }, ended))
    }

    /// What replicas know of sessions, where they share a Redis.
    pub(crate) fn replicas(&self) -> Option<&Arc<Replicas>> {
        self.replicas.as_ref()
    }

    /// The Redis that replicas share.
    pub(crate) fn redis(&self) -> Option<&Redis> {
        self.replicas.as_deref().map(|replicas| &replicas.redis)
    }

    /// Keeps what has changed in the session of this name and id, which now has set what `kept` says.
    pub(crate) async fn keep(&self, (name, id): (&str, &str), kept: &Kept, change: &Change) {
        if let Some(replicas) = &self.replicas {
            replicas.change(name, id, change).await;
        }
        let Some(store) = &self.store else { return };
        let value = json!({"level": kept.level.map(|level| level.to_string()), "watched": kept.watched}).to_string();
        if let Err(error) = store.put(STATE, name, value).await {
            tracing::warn!(%error, "what changed in a session could not be kept");
        }
    }

    /// What is kept of the session with this name; nothing if its client has ended it.
    pub(crate) async fn recall(&self, name: &str) -> Option<Kept> {
        if let Some(replicas) = &self.replicas {
            match replicas.recall(name).await {
                Ok(Found::Ended) => return None,
                Ok(Found::State(kept)) => return Some(kept),
                // What this replica knows may be old, and is better than nothing.
                Ok(Found::Nothing) | Err(_) => {}
            }
        }
        let Some(store) = &self.store else { return Some(Kept::default()) };
        let bytes = store.get(STATE, name).await.ok().flatten().unwrap_or_default();
        let value: Value = base::json::from_bytes(&bytes).unwrap_or_default();
        let watched = value["watched"].as_array().into_iter().flatten();
        Some(Kept {
            level: value["level"].as_str().and_then(|level| level.parse().ok()),
            watched: watched.filter_map(|uri| uri.as_str().map(str::to_owned)).collect(),
        })
    }

    /// Forgets a session. One that its client ended must not come back after a restart, or at another replica; one that is
    /// only quiet here may be in use elsewhere.
    pub(crate) async fn forget(&self, (name, id): (&str, &str), ended: bool) {
        if let Some(replicas) = self.replicas.as_ref().filter(|_| ended) {
            replicas.end(name, id).await;
        }
        self.forget_here(name, ended).await;
    }

    /// Forgets a session that this or another replica has ended.
    pub(crate) async fn forget_here(&self, name: &str, ended: bool) {
        let Some(store) = &self.store else { return };
        let gone = store.delete(STATE, name).await.map(drop);
        let noted = if ended { store.put(ENDED, name, "").await } else { Ok(()) };
        if let Err(error) = gone.and(noted) {
            tracing::warn!(%error, "the end of a session could not be noted");
        }
    }
}
