//! Signatures and encrypted thoughts for which a client's dialect has no place, kept until the client sends the turn back.
//!
//! What is kept is found by the id of the first call of the turn, or where there is none by what the turn and the one
//! before it say ([`place`]), and by who asks, so that nobody finds another's. It goes back only to models of whoever made
//! it ([`maker`]). A table in memory knows all that is kept ([`index`]), a task writes it to the store and to the Redis that
//! replicas share ([`keeper`]): neither is waited for before an answer goes to its client.

mod index;
mod keeper;
mod maker;
mod place;
mod recall;
mod tables;

pub use maker::maker;
pub use place::say;
pub use recall::Recall;

use base::seal::Sealer;
use base::{Result, clock, random};
use conversation::Signed;
use index::{Index, KEPT};
use keeper::Job;
use resilience::Moment;
use resilience::cache::Cache;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use store::Db;
use store::redis::{Redis, Value};
use tokio::sync::{mpsc, oneshot};

/// Names what is kept: made of a secret of the hub, of who asks, and of a place in a conversation.
pub(crate) type Key = [u8; 32];

/// The largest of what is kept of one answer, in bytes.
const LARGEST: usize = 1 << 20;
/// The room for what lies in memory too, in bytes.
const ROOM: usize = 16 << 20;
/// The most that may wait to be written. What comes beyond it is kept in memory only.
const WAITING: usize = 1024;
/// The most turns of a request that other replicas are asked about: the latest.
const ASKED: usize = 64;

/// What is kept of an answer.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Whose models made it.
    pub(crate) maker: Arc<str>,
    pub(crate) signed: Arc<Signed>,
}

/// What is kept of all answers to all clients.
pub struct Signatures {
    sealer: Sealer,
    db: Db,
    redis: Option<Redis>,
    index: Mutex<Index>,
    recent: Mutex<Cache<Key, Kept>>,
    started: Instant,
    jobs: mpsc::Sender<Job>,
}

impl Signatures {
    /// What `db` holds, and what replicas share in `redis`; `sealer` is the hub's own.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn open(db: Db, redis: Option<Redis>, sealer: &Sealer) -> Result<Arc<Self>> {
        let (sender, jobs) = mpsc::channel(WAITING);
        let index = tables::open(&db, seconds(clock::wall().saturating_sub(KEPT))).await?;
        keeper::start(db.clone(), redis.clone(), jobs);
        Ok(Arc::new(Self {
            sealer: sealer.for_purpose("signatures")?,
            db,
            redis,
            index: Mutex::new(index),
            recent: Mutex::new(Cache::new(ROOM)),
            started: clock::now(),
            jobs: sender,
        }))
    }

    /// Waits until all that was kept is written.
    pub async fn close(&self) {
        let (done, written) = oneshot::channel();
        if self.jobs.send(Job::End(done)).await.is_ok() {
            let _ = written.await;
        }
    }

    /// Keeps what `owner` was answered under each of `keys`. Says whether it is kept.
    fn keep(&self, owner: &str, keys: &[Key], kept: &Kept) -> bool {
        let plain = format!("{}\n{}", kept.maker, kept.signed.to_text());
        if plain.len() > LARGEST || keys.is_empty() {
            return false;
        }
        let now = clock::wall();
        for key in keys {
            self.recent().put(*key, kept.clone(), plain.len(), self.now() + KEPT);
            // What cannot be sealed, because the system has no randomness, is kept in memory only.
            let Ok(sealed) = self.sealer.seal(plain.as_bytes(), key) else { continue };
            let owner = random::sha256(owner.as_bytes());
            let forgotten = self.index().put(*key, owner, sealed.len(), seconds(now));
            let job = Job::Keep { key: *key, owner, sealed, at: seconds(now), forgotten };
            if self.jobs.try_send(job).is_err() {
                tracing::warn!(
                    "signatures of an answer are in memory only: the store is slower than what it is to keep"
                );
            }
        }
        true
    }

    /// What is kept under each of `keys`, which stand in the order of a conversation.
    async fn find(&self, keys: &[Key]) -> Vec<Option<Kept>> {
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            found.push(self.find_here(key).await);
        }
        self.find_elsewhere(keys, &mut found).await;
        found
    }

    async fn find_here(&self, key: &Key) -> Option<Kept> {
        let recent = self.recent().get(key, self.now());
        if let Some((kept, _)) = recent {
            return Some(kept);
        }
        if !self.index().has(key, seconds(clock::wall().saturating_sub(KEPT))) {
            return None;
        }
        match tables::load(&self.db, key).await {
            Ok(sealed) => self.adopt(key, &sealed?, KEPT),
            Err(error) => {
                tracing::warn!(%error, "signatures that are kept cannot be read");
                None
            }
        }
    }

    /// Asks the other replicas for what is not known here, once for all.
    async fn find_elsewhere(&self, keys: &[Key], found: &mut [Option<Kept>]) {
        let Some(redis) = self.redis.as_ref().filter(|redis| redis.is_up()) else { return };
        let name = |(place, key): (usize, &Key)| Some((place, keeper::name(redis, key).ok()?));
        let missing: Vec<(usize, String)> = keys
            .iter()
            .enumerate()
            .rev()
            .filter(|(place, _)| found[*place].is_none())
            .take(ASKED)
            .filter_map(name)
            .collect();
        if missing.is_empty() {
            return;
        }
        let gets = missing.iter().map(|(_, name)| store::redis::Cmd::get(name)).collect();
        let Ok(answers) = redis.run(gets).await else { return };
        for ((place, name), answer) in missing.iter().zip(&answers) {
            if *answer == Value::Nil {
                continue;
            }
            let Some((sealed, left)) = redis.open_sealed(name, answer) else { continue };
            let sealed = String::from_utf8(sealed).unwrap_or_default();
            found[*place] = self.adopt(&keys[*place], &sealed, left);
        }
    }

    fn adopt(&self, key: &Key, sealed: &str, left: Duration) -> Option<Kept> {
        let plain = String::from_utf8(self.sealer.open(sealed, key)?).ok()?;
        let (maker, signed) = plain.split_once('\n')?;
        let kept = Kept { maker: maker.into(), signed: Arc::new(Signed::read(signed)?) };
        self.recent().put(*key, kept.clone(), plain.len(), self.now() + left);
        Some(kept)
    }

    fn now(&self) -> Moment {
        clock::now().saturating_duration_since(self.started)
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recent(&self) -> MutexGuard<'_, Cache<Key, Kept>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
