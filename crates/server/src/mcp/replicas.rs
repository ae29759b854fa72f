//! What replicas tell each other of sessions, by the Redis that they share: which are over, and what their clients have
//! set. What this process keeps for itself is in `memory.rs`, and what it does with what it hears in `synchrony.rs`.

use super::kept::{Change, Kept, RESOURCES};
use base::Result;
use mcp::level::LEVELS;
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use store::redis::{Away, Cmd, Redis, Value, milliseconds};

/// For how long anything of a session is kept: a little longer than its id is good.
const KEPT: Duration = Duration::from_secs(8 * 24 * 3600);

/// The parts of the Redis: sessions that are over, and what the others have set.
const ENDED: &str = "ended";
const STATE: &str = "session";

/// What is told of.
pub(super) const CHANGED: &str = "session changed";
pub(super) const OVER: &str = "session ended";

/// The field that is there as long as the Redis has lost nothing.
const MARK: &str = "mark";
const LEVEL: &str = "level";

/// The most that waits to be told while the Redis is away. What is beyond that is not told.
const UNTOLD: usize = 10_000;

/// What replicas know of sessions.
pub(crate) struct Replicas {
    pub(crate) redis: Redis,
    /// By their ids, the sessions that changed or, with their names, ended while the Redis was away.
    untold: Mutex<HashMap<String, Option<String>>>,
}

/// What the Redis says of a session.
#[derive(Debug)]
pub(crate) enum Found {
    /// Its client has ended it.
    Ended,
    /// It has set this.
    State(Kept),
    /// Nothing: its client has set nothing, or the Redis has lost it.
    Nothing,
}

impl Replicas {
    pub(crate) fn new(redis: Redis) -> Self {
        Self { redis, untold: Mutex::default() }
    }

    /// Tells of a change. What cannot be told now is told when the Redis is back.
    pub(crate) async fn change(&self, name: &str, id: &str, change: &Change) {
        let told = match self.commands_of(name, id, std::slice::from_ref(change)) {
            Ok(commands) => self.redis.run(commands).await.is_ok(),
            Err(_) => false,
        };
        if !told {
            self.remember(id, None);
        }
    }

    /// Tells that a session is over.
    pub(crate) async fn end(&self, name: &str, id: &str) {
        let told = match self.commands_of_end(name, id) {
            Ok(commands) => self.redis.run(commands).await.is_ok(),
            Err(_) => false,
        };
        if !told {
            self.remember(id, Some(name.to_owned()));
        }
    }

    /// What is known of a session.
    pub(crate) async fn recall(&self, name: &str) -> Result<Found, Away> {
        let found = self.recall_all(&[name]).await?;
        found.into_iter().next().ok_or(Away)
    }

    /// What is known of several sessions, in their order.
    pub(super) async fn recall_all(&self, names: &[&str]) -> Result<Vec<Found>, Away> {
        let place = |space, name: &&str| self.redis.name(space, name).map_err(|_| Away);
        let ended = names.iter().map(|name| place(ENDED, name)).collect::<Result<Vec<_>, _>>()?;
        let states = names.iter().map(|name| place(STATE, name)).collect::<Result<Vec<_>, _>>()?;
        let both = ended.iter().zip(&states);
        let commands = both.flat_map(|(ended, state)| [Cmd::get(ended), Cmd::hgetall(state)]);
        let answers = self.redis.run(commands.collect()).await?;
        let both = ended.iter().zip(&states).zip(answers.chunks_exact(2));
        Ok(both.map(|((ended, state), answers)| self.read(ended, state, answers)).collect())
    }

    fn read(&self, ended: &str, state: &str, answers: &[Value]) -> Found {
        let [over, fields] = answers else { return Found::Nothing };
        if self.redis.open_sealed(ended, over).is_some() {
            return Found::Ended;
        }
        let Value::Array(fields) = fields else { return Found::Nothing };
        let mut kept = Kept::default();
        let mut is_there = false;
        for pair in fields.chunks_exact(2) {
            let [Value::BulkString(field), value] = pair else { continue };
            let field = String::from_utf8_lossy(field);
            let Some((value, _)) = self.redis.open_sealed(&place_of(state, &field), value) else { continue };
            let value = String::from_utf8(value).unwrap_or_default();
            match &*field {
                MARK => is_there = true,
                LEVEL => kept.level = value.parse().ok().filter(|level| *level < LEVELS.len()),
                _ if kept.watched.len() < RESOURCES => kept.watched.push(value),
                _ => {}
            }
        }
        if is_there { Found::State(kept) } else { Found::Nothing }
    }

    fn commands_of(&self, name: &str, id: &str, changes: &[Change]) -> Result<Vec<Cmd>> {
        let state = self.redis.name(STATE, name)?;
        let put = |field: &str, value: &str| {
            let sealed = self.redis.seal(&place_of(&state, field), value.as_bytes(), KEPT)?;
            Ok::<_, base::Error>(Cmd::hset(&state, field, sealed))
        };
        let of_uri = |uri: &str| -> Result<String> {
            Ok(self.redis.name("uri", uri)?.rsplit(':').next().unwrap_or_default().to_owned())
        };
        let mut commands = vec![put(MARK, "")?];
        for change in changes {
            commands.push(match change {
                Change::Level(level) => put(LEVEL, &level.to_string())?,
                Change::Watched(uri) => put(&of_uri(uri)?, uri)?,
                Change::Unwatched(uri) => Cmd::hdel(&state, of_uri(uri)?),
            });
        }
        commands.push(Cmd::pexpire(&state, milliseconds(KEPT).cast_signed()));
        commands.push(self.redis.tell(CHANGED, id)?);
        Ok(commands)
    }

    fn commands_of_end(&self, name: &str, id: &str) -> Result<Vec<Cmd>> {
        let state = self.redis.name(STATE, name)?;
        let ended = self.redis.put(&self.redis.name(ENDED, name)?, b"", KEPT)?;
        Ok(vec![ended, Cmd::del(state), self.redis.tell(OVER, &json!([id, name]).to_string())?])
    }

    fn remember(&self, id: &str, ended: Option<String>) {
        let mut untold = self.untold.lock().unwrap_or_else(PoisonError::into_inner);
        if untold.len() < UNTOLD {
            untold.insert(id.to_owned(), ended);
        }
    }

    /// What could not be told while the Redis was away: ids of sessions, and the names of those that ended.
    pub(super) fn take_untold(&self) -> HashMap<String, Option<String>> {
        std::mem::take(&mut *self.untold.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts all that a session has set in the place of what is there.
    pub(super) async fn put_whole(&self, name: &str, id: &str, kept: &Kept) {
        let commands = || -> Result<Vec<Cmd>> {
            let mut commands = vec![Cmd::del(self.redis.name(STATE, name)?)];
            commands.extend(self.commands_of(name, id, &kept.changes())?);
            Ok(commands)
        };
        let told = match commands() {
            Ok(commands) => self.redis.run(commands).await.is_ok(),
            Err(_) => false,
        };
        if !told {
            self.remember(id, None);
        }
    }

    /// Tells a Redis that has lost it which sessions are over.
    pub(super) async fn put_ended(&self, names: &[String]) -> Result<(), Away> {
        let put = |name: &String| self.redis.put(&self.redis.name(ENDED, name)?, b"", KEPT);
        let commands = names.iter().map(put).collect::<Result<_>>().map_err(|_| Away)?;
        self.redis.run(commands).await.map(drop)
    }
}

/// What a field of a session is sealed for.
fn place_of(state: &str, field: &str) -> String {
    format!("{state}:{field}")
}
