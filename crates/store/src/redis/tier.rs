//! A second tier for what was fetched from somewhere and is kept for a time: what one replica has fetched the others need
//! not.
//!
//! All that is kept of one source is of a *generation*, a random word that lies in the Redis too and is part of each value.
//! When the source says that something changed, the word is replaced, and with that everything of before is gone at all
//! replicas, whoever put it there and whenever it arrives.

use super::{Away, Cmd, Redis, Value, set};
use base::{Result, random};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// What is kept of one source.
pub struct Tier {
    redis: Redis,
    /// Names the source, the same at each replica.
    source: String,
    /// How many changes there were, and how many of them the others know of.
    changes: AtomicU64,
    told: AtomicU64,
    /// How many values are on their way.
    sending: AtomicUsize,
}

/// What was found for some keys.
#[derive(Debug)]
pub struct Look {
    /// What is current: what is fetched now may be put under it, and is of no use once it is replaced.
    pub generation: String,
    /// The first of the keys that has something, the value, and how long it is good.
    pub found: Option<(usize, Vec<u8>, Duration)>,
}

/// The most bytes of a value.
const LARGEST: usize = 1 << 20;

/// How many values may be on their way at once. What comes beyond that is not kept.
const SENDING: usize = 16;

/// How long a generation is known when nothing changes.
const GENERATION: Duration = Duration::from_secs(30 * 24 * 3600);

/// The random bytes of a generation.
const RANDOM: usize = 16;

impl Tier {
    /// What replicas keep of `source`.
    pub fn new(redis: Redis, source: String) -> Self {
        Self { redis, source, changes: AtomicU64::new(0), told: AtomicU64::new(0), sending: AtomicUsize::new(0) }
    }

    /// Looks whether a replica has put something under one of `keys`. One round trip, within the configured time.
    pub async fn look(&self, keys: &[String]) -> Result<Look, Away> {
        // What changed a moment ago must not be found.
        self.renew().await?;
        let named = || -> Result<(String, Vec<String>)> {
            let names = keys.iter().map(|key| self.name(key)).collect::<Result<_>>()?;
            Ok((self.generation_name()?, names))
        };
        let (generation, names) = named().map_err(|_| Away)?;
        let all = std::iter::once(&generation).chain(&names);
        let answers = self.redis.run(all.map(Cmd::get).collect()).await?;
        let Some((current, values)) = answers.split_first() else { return Err(Away) };
        let Some(generation) = word(current) else {
            return Ok(Look { generation: self.first(&generation, current).await?, found: None });
        };
        let found = names.iter().zip(values).enumerate().find_map(|(place, (name, value))| {
            let (plain, left) = self.redis.open_sealed(name, value)?;
            let value = plain.strip_prefix(generation.as_bytes())?;
            Some((place, value.to_vec(), left))
        });
        Ok(Look { generation, found })
    }

    /// Keeps a value for a time, unless it is large or much is on its way already; gives up where the Redis is away.
    pub async fn put(&self, key: &str, generation: &str, value: &[u8], stays: Duration) {
        let sending = self.sending.fetch_add(1, Ordering::AcqRel);
        if sending < SENDING && value.len() <= LARGEST {
            let plain = [generation.as_bytes(), value].concat();
            let command = self.name(key).and_then(|name| self.redis.put(&name, &plain, stays));
            if let Ok(command) = command {
                let _ = self.redis.run(vec![command]).await;
            }
        }
        self.sending.fetch_sub(1, Ordering::AcqRel);
    }

    /// Notes that all that was put, by whichever replica, is of no use any more. From now on nothing of it is found here,
    /// and by the others once [`Tier::renew`] has told them.
    pub fn changed(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }

    /// Tells the others of changes that they do not know of.
    ///
    /// # Errors
    /// The Redis is away. Then it is told before anything is looked for again.
    pub async fn renew(&self) -> Result<(), Away> {
        let changes = self.changes.load(Ordering::Acquire);
        if self.told.load(Ordering::Acquire) >= changes {
            return Ok(());
        }
        let (name, word) = self.generation_name().and_then(|name| Ok((name, new_word()?))).map_err(|_| Away)?;
        self.redis.run(vec![set(&name, word, GENERATION, false)]).await?;
        self.told.fetch_max(changes, Ordering::AcqRel);
        Ok(())
    }

    /// The first generation: this replica's, or that of another one which came first.
    async fn first(&self, name: &str, there: &Value) -> Result<String, Away> {
        let word = new_word().map_err(|_| Away)?;
        // What is no word must go; where nothing is, whoever comes first counts.
        let set = set(name, word.clone(), GENERATION, *there == Value::Nil);
        let answers = self.redis.run(vec![set, Cmd::get(name)]).await?;
        Ok(answers.last().and_then(self::word).unwrap_or(word))
    }

    fn name(&self, key: &str) -> Result<String> {
        self.redis.name("result", &format!("{}\n{key}", self.source))
    }

    fn generation_name(&self) -> Result<String> {
        self.redis.name("generation", &self.source)
    }
}

fn new_word() -> Result<String> {
    random::hex::<RANDOM>()
}

/// A generation that lies in the Redis.
fn word(answer: &Value) -> Option<String> {
    let Value::BulkString(bytes) = answer else { return None };
    let is_word = bytes.len() == RANDOM * 2 && bytes.iter().all(u8::is_ascii_hexdigit);
    String::from_utf8(bytes.clone()).ok().filter(|_| is_word)
}
