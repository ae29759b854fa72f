//! What is kept of legacy sessions over a restart, besides what their ids say: what changed since they were opened.

use base::{Result, clock};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;
use store::{Db, KeyValue};

/// The part of the store with the state of sessions.
const STATE: &str = "session";

/// The part of the store with the names of sessions that were ended by their clients.
const ENDED: &str = "session ended";

/// For how long anything of this is kept: as long as an id is good.
const KEPT: Duration = Duration::from_secs(8 * 24 * 3600);

/// The store of sessions; nothing where there is none.
#[derive(Clone, Default)]
pub(crate) struct Memory(Option<KeyValue>);

/// What is kept of one session.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// The lowest level of log messages that the client wants, as a place in the list of levels.
    pub(crate) level: Option<usize>,
    /// The resources that it is told of.
    pub(crate) watched: Vec<String>,
}

impl Memory {
    /// The sessions in `db`, and the names of those that were ended.
    pub(crate) async fn open(db: Db) -> Result<(Self, HashSet<String>)> {
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
        Ok((Self(Some(store)), ended))
    }

    /// Keeps what has changed in a session.
    pub(crate) async fn keep(&self, name: &str, kept: &Kept) {
        let Some(store) = &self.0 else { return };
        let value = json!({"level": kept.level.map(|level| level.to_string()), "watched": kept.watched}).to_string();
        if let Err(error) = store.put(STATE, name, value).await {
            tracing::warn!(%error, "what changed in a session could not be kept");
        }
    }

    /// What is kept of the session with this name.
    pub(crate) async fn recall(&self, name: &str) -> Kept {
        let Some(store) = &self.0 else { return Kept::default() };
        let bytes = store.get(STATE, name).await.ok().flatten().unwrap_or_default();
        let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let watched = value["watched"].as_array().into_iter().flatten();
        Kept {
            level: value["level"].as_str().and_then(|level| level.parse().ok()),
            watched: watched.filter_map(|uri| uri.as_str().map(str::to_owned)).collect(),
        }
    }

    /// Forgets a session. One that its client ended must not come back after a restart either.
    pub(crate) async fn forget(&self, name: &str, ended: bool) {
        let Some(store) = &self.0 else { return };
        let gone = store.delete(STATE, name).await.map(drop);
        let noted = if ended { store.put(ENDED, name, "").await } else { Ok(()) };
        if let Err(error) = gone.and(noted) {
            tracing::warn!(%error, "the end of a session could not be noted");
        }
    }
}
