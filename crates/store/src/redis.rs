//! What replicas of a hub share: a Redis, where the configuration names one.
//!
//! It is never needed. While it is away everything that asks it is told so at once, and the hub goes on with what it has.
//! It is not trusted either: what lies there is sealed for the name it lies under and for a time, names are digests, and
//! what does not open is counted and taken for nothing. Whoever can write there can make it forget, or bring back what
//! was there under the same name a while ago, but cannot plant anything.

mod address;
mod config;
mod limited;
mod link;
pub mod source;
pub mod tier;

pub use ::redis::{Cmd, Value};
pub use config::Settings;

use ::redis::aio::MultiplexedConnection;
use ::redis::{ExistenceCheck, Pipeline, SetExpiry, SetOptions};
use base::seal::Sealer;
use base::{Code, Error, Result, clock, random};
use link::{Link, Lost};
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{broadcast, mpsc, watch};

/// A Redis that replicas share. Clones are cheap and are one.
#[derive(Clone)]
pub struct Redis {
    inner: Arc<Inner>,
    /// Tells the task that keeps the connection when nobody wants it any more.
    _held: mpsc::Sender<Infallible>,
}

struct Inner {
    settings: Settings,
    sealer: Sealer,
    /// Names this process in what it says to others.
    own: String,
    channel: String,
    /// The connection, while there is one.
    link: Mutex<Option<Link>>,
    standing: Mutex<Standing>,
    /// Whether the first attempt to connect is over.
    tried: watch::Sender<bool>,
    news: broadcast::Sender<Heard>,
    losses: AtomicU64,
    refused: AtomicU64,
}

struct Standing {
    since: Instant,
    error: Option<Error>,
    foreign: bool,
}

/// What other replicas say, and what became of the connection over which they do.
#[derive(Debug, Clone)]
pub enum Heard {
    /// A replica said something.
    Said {
        /// What it is about.
        topic: Arc<str>,
        /// What it said.
        body: Arc<[u8]>,
    },
    /// The Redis is there, for the first time or again: what was said meanwhile is not known.
    Back {
        /// Whether it has lost all that was there.
        empty: bool,
    },
}

/// The Redis is away, or did not answer in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Away;

/// How a Redis stands.
#[derive(Debug, Clone)]
pub struct Status {
    /// Why it is away, if it is.
    pub error: Option<Error>,
    /// Since when it stands like this.
    pub since: Instant,
    /// How often it was lost.
    pub losses: u64,
    /// How many entries and messages did not open.
    pub refused: u64,
    /// Whether a hub with another secret uses the same prefix.
    pub foreign: bool,
}

/// How long it is waited for the first connection when the hub starts.
const FIRST: Duration = Duration::from_secs(2);

/// How many messages wait for a part of the hub that does not listen.
const NEWS: usize = 4096;

/// The name under which a hub leaves a sign that it was there.
const SIGN: &str = "sign";

/// How long the sign stays.
const SIGN_STAYS: Duration = Duration::from_secs(30 * 24 * 3600);

impl Redis {
    /// The Redis that `settings` name, and a task that keeps the connection. Waits a moment for the first one.
    pub async fn open(settings: Settings, sealer: &Sealer) -> Result<Self> {
        let sealer = sealer.for_purpose("redis")?;
        let channel = format!("{}:news:{}", settings.prefix, random::to_hex(&sealer.digest(b"channel")?[..16]));
        let inner = Arc::new(Inner {
            sealer,
            own: random::hex::<8>()?,
            channel,
            link: Mutex::default(),
            standing: Mutex::new(Standing { since: clock::now(), error: None, foreign: false }),
            tried: watch::Sender::new(false),
            news: broadcast::Sender::new(NEWS),
            losses: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            settings,
        });
        let (held, task) = mpsc::channel(1);
        link::start(&inner, task);
        let mut tried = inner.tried.subscribe();
        let _ = tokio::time::timeout(FIRST, tried.wait_for(|tried| *tried)).await;
        Ok(Self { inner, _held: held })
    }

    /// Whether it is there, as far as is known.
    pub fn is_up(&self) -> bool {
        self.inner.link().is_some()
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        let standing = self.inner.standing();
        Status {
            error: standing.error.clone(),
            since: standing.since,
            losses: self.inner.losses.load(Ordering::Relaxed),
            refused: self.inner.refused.load(Ordering::Relaxed),
            foreign: standing.foreign,
        }
    }

    /// What other replicas say from now on.
    pub fn news(&self) -> broadcast::Receiver<Heard> {
        self.inner.news.subscribe()
    }

    /// The name under which something lies: a digest, so that nobody reads in the Redis what it is of.
    pub fn name(&self, space: &str, of: &str) -> Result<String> {
        self.inner.name(space, of)
    }

    /// The answers to commands that are sent together, one for each. Nothing of it is done while the Redis is away, and
    /// nobody waits for longer than the configured time. A value of a kind that no hub writes is taken for none, and counted.
    ///
    /// # Errors
    /// It is away, or late, or one of the answers is another error.
    pub async fn run(&self, commands: Vec<Cmd>) -> Result<Vec<Value>, Away> {
        let Some(mut link) = self.inner.link().clone() else { return Err(Away) };
        let mut together = Pipeline::with_capacity(commands.len());
        for command in commands {
            together.add_command(command);
        }
        let asked = link.commands.send_packed_commands(&together, 0, together.len());
        match tokio::time::timeout(self.inner.settings.patience, asked).await {
            Ok(Ok(answers)) => answers.into_iter().map(|answer| self.inner.checked(answer)).collect(),
            // The task that keeps the connection sees why, and says so.
            Ok(Err(_)) => Err(Away),
            Err(_) => {
                // Whatever else waits would wait as long.
                self.inner.link().take_if(|current| Arc::ptr_eq(&current.late, &link.late));
                link.late.notify_one();
                Err(Away)
            }
        }
    }

    /// The command that keeps `value` under `name` for a time.
    pub fn put(&self, name: &str, value: &[u8], stays: Duration) -> Result<Cmd> {
        Ok(set(name, self.inner.seal(name, value, stays)?, stays, false))
    }

    /// What was sealed for `place` to be kept there for a time: what [`Redis::open_sealed`] opens.
    pub fn seal(&self, place: &str, value: &[u8], stays: Duration) -> Result<String> {
        self.inner.seal(place, value, stays)
    }

    /// What an answer holds that was read from `place`, and how long it is good; nothing where nothing is there, where it
    /// is too old, or where it was not sealed by a hub with the same secret for this place, which is counted.
    pub fn open_sealed(&self, place: &str, answer: &Value) -> Option<(Vec<u8>, Duration)> {
        self.inner.open_sealed(place, answer)
    }

    /// The command that tells other replicas something.
    pub fn tell(&self, topic: &str, body: &str) -> Result<Cmd> {
        let text = format!("{}\n{topic}\n{body}", self.inner.own);
        let sealed = self.inner.sealer.seal(text.as_bytes(), self.inner.channel.as_bytes())?;
        Ok(Cmd::publish(&self.inner.channel, sealed))
    }
}

/// A time as Redis wants it.
pub fn milliseconds(stays: Duration) -> u64 {
    u64::try_from(stays.as_millis()).unwrap_or(u64::MAX).max(1)
}

/// The command that puts `value` under `name` for a time; where something is already, only if not `new`.
fn set(name: &str, value: String, stays: Duration, new: bool) -> Cmd {
    let options = SetOptions::default().with_expiration(SetExpiry::PX(milliseconds(stays)));
    let options = if new { options.conditional_set(ExistenceCheck::NX) } else { options };
    Cmd::set_options(name, value, options)
}

impl Inner {
    fn link(&self) -> MutexGuard<'_, Option<Link>> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An answer, if it is no error.
    fn checked(&self, answer: Value) -> Result<Value, Away> {
        match answer {
            Value::ServerError(error) if error.code() == "WRONGTYPE" => {
                self.refuse("a value of another kind");
                Ok(Value::Nil)
            }
            Value::ServerError(error) => {
                let (code, details) = (error.code().escape_debug(), error.details().unwrap_or_default().escape_debug());
                tracing::warn!(%code, %details, "redis refuses a command");
                Err(Away)
            }
            answer => Ok(answer),
        }
    }

    fn name(&self, space: &str, of: &str) -> Result<String> {
        let digest = self.sealer.digest(format!("{space}\n{of}").as_bytes())?;
        Ok(format!("{}:{space}:{}", self.settings.prefix, random::to_hex(&digest[..16])))
    }

    /// The end of a value's time is sealed with it, for whoever writes there could lengthen the Redis' own.
    fn seal(&self, place: &str, value: &[u8], stays: Duration) -> Result<String> {
        let until = milliseconds(clock::wall().saturating_add(stays));
        let plain = [&until.to_be_bytes(), value].concat();
        self.sealer.seal(&plain, place.as_bytes())
    }

    fn open_sealed(&self, place: &str, answer: &Value) -> Option<(Vec<u8>, Duration)> {
        let Value::BulkString(sealed) = answer else { return None };
        let plain = std::str::from_utf8(sealed).ok().and_then(|sealed| self.sealer.open(sealed, place.as_bytes()));
        let Some((until, value)) = plain.as_deref().and_then(|plain| plain.split_first_chunk::<8>()) else {
            self.refuse("an entry");
            return None;
        };
        let left = Duration::from_millis(u64::from_be_bytes(*until)).checked_sub(clock::wall())?;
        Some((value.to_vec(), left))
    }

    fn open_news(&self, sealed: &[u8]) -> Option<(String, String, Vec<u8>)> {
        let plain = self.sealer.open(std::str::from_utf8(sealed).ok()?, self.channel.as_bytes())?;
        let mut parts = plain.splitn(3, |byte| *byte == b'\n');
        let text = |part: &[u8]| String::from_utf8(part.to_vec()).ok();
        Some((text(parts.next()?)?, text(parts.next()?)?, parts.next()?.to_vec()))
    }

    fn refuse(&self, what: &str) {
        // Whoever can write there can do so often.
        if self.refused.fetch_add(1, Ordering::Relaxed).is_multiple_of(1000) {
            tracing::warn!("redis held {what} that no hub with this secret has written; it is ignored");
        }
    }

    /// Takes in what another replica said.
    fn hear(&self, sealed: &[u8]) {
        match self.open_news(sealed) {
            Some((from, _, _)) if from == self.own => {}
            Some((_, topic, body)) => drop(self.news.send(Heard::Said { topic: topic.into(), body: body.into() })),
            None => self.refuse("a message of a replica"),
        }
    }

    /// Looks whether a hub with the same secret was there before, and leaves a sign that this one was. Says whether the
    /// Redis holds nothing of such a hub.
    async fn greet(&self, commands: &MultiplexedConnection) -> Result<bool, Lost> {
        let mut commands = commands.clone();
        // Not derived from the secret, so that hubs that do not have the same one meet here.
        let name = format!("{}:{SIGN}", self.settings.prefix);
        let found = commands.send_packed_command(&Cmd::get(&name)).await?;
        let opens = match &found {
            Value::BulkString(sealed) => {
                let plain =
                    std::str::from_utf8(sealed).ok().and_then(|sealed| self.sealer.open(sealed, name.as_bytes()));
                plain.is_some()
            }
            _ => false,
        };
        let foreign = !opens && found != Value::Nil;
        self.standing().foreign = foreign;
        if foreign {
            tracing::warn!(
                "a hub with another secret uses this redis with the same prefix, so they share nothing: give replicas \
                 the same TUTTI_SECRET, and other hubs another `redis.prefix`"
            );
        } else {
            let sealed = self.seal(&name, b"", SIGN_STAYS)?;
            commands.send_packed_command(&set(&name, sealed, SIGN_STAYS, false)).await?;
        }
        Ok(!opens)
    }

    /// The connections are there.
    fn came(&self, link: Link, empty: bool) {
        {
            let mut standing = self.standing();
            if standing.error.is_some() {
                tracing::warn!(address = self.settings.address.shown(), "redis is there again");
            }
            standing.since = clock::now();
            standing.error = None;
        }
        *self.link() = Some(link);
        let _ = self.news.send(Heard::Back { empty });
        self.tried.send_replace(true);
    }

    /// The connections are gone, or cannot be made. Says whether they were there.
    fn went(&self, why: &str) -> bool {
        *self.link() = None;
        let address = self.settings.address.shown();
        let mut standing = self.standing();
        let was_there = standing.error.is_none();
        if was_there {
            self.losses.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(address, why, "redis is away; the hub goes on without it");
            standing.since = clock::now();
        }
        let message = format!("the Redis at {address} is away: {why}");
        let next = "nothing is lost that the hub needs, and it comes back to it by itself; start the Redis, or see `redis` \
                    in the configuration";
        standing.error = Some(Error::new(Code::RedisAway, message, next));
        drop(standing);
        self.tried.send_replace(true);
        was_there
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
