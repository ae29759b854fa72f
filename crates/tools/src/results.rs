//! Results of an upstream that need not be asked for again: kept for as long as the upstream or the operator says, and
//! asked for once when many want the same at once.
//!
//! What is kept are the upstream's own bytes; each client gets them as its era wants them. A key holds everything that
//! the result may depend on, and whose it is unless it is for all.

mod alike;
mod elsewhere;
mod key;

pub use alike::{Alike, Looked, Pending};
pub use elsewhere::{Changed, Seen, Whose};
pub use key::{Owner, Question};

use crate::config::Server;
use base::{clock, flight};
use elsewhere::Elsewhere;
use key::Key;
use mcp::{Era, Message, Method, raw};
use protection::{Keep, Protection, Scope};
use resilience::Moment;
use resilience::cache::Cache;
use search::Encoding;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use store::redis::Redis;

/// The right to ask for all who want the same.
pub type Lead = flight::Lead<Key, Kept>;
/// A place among those who wait for that.
pub type Seat = flight::Seat<Kept>;
/// What came of waiting.
pub type Waited = flight::Waited<Kept>;

/// A result that is kept.
#[derive(Debug, PartialEq, Eq)]
pub struct Kept {
    /// The result as the upstream gave it, raw JSON.
    pub body: String,
    /// How the upstream spoke.
    pub era: Era,
    /// The address, if it is that of a resource.
    resource: Option<String>,
}

/// The results of one upstream.
pub struct Results {
    honours: bool,
    started: Instant,
    cache: Mutex<Cache<Key, Arc<Kept>>>,
    flights: flight::Flights<Key, Kept>,
    /// Counts what was said to have changed: what was asked for before may be older than that.
    epoch: AtomicU64,
    /// Whether the upstream ever said of a resource how long it may be kept.
    gives_time: AtomicBool,
    hits: AtomicU64,
    joined: AtomicU64,
    misses: AtomicU64,
    /// What other replicas keep, where there are some.
    elsewhere: Option<Elsewhere>,
    replicated: AtomicU64,
    /// Those that are given for texts that mean the same.
    pub alike: Alike,
}

/// What becomes of a request before it is sent.
pub enum Found {
    /// It is answered by this, which is kept for so long still.
    Kept(Arc<Kept>, Duration),
    /// Another client asked the same a moment ago, and its answer is for both.
    Joined(Seat),
    /// It is sent, and others may wait for its answer.
    Lead(Box<Lead>),
    /// It is sent; nobody knows yet whether its answer may be kept.
    Ask(u64),
    /// It is sent, and its answer is not kept.
    Nothing,
}

/// How much room there is for each upstream.
const ROOM: usize = 16 << 20;

/// The longest that an upstream may have a resource kept.
const LONGEST: Duration = Duration::from_secs(3600);

/// How much can be seen of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Requests that were answered by what was kept.
    pub hits: u64,
    /// Requests that waited for the answer to another.
    pub joined: u64,
    /// Requests that were sent, and whose answer is wanted by all who ask the same.
    pub misses: u64,
    /// Requests that were answered by what another replica has kept.
    pub replicated: u64,
    /// Results that made room for others.
    pub evicted: u64,
    /// Results that are kept.
    pub entries: usize,
    /// The room that they take.
    pub bytes: usize,
}

impl Results {
    /// Nothing kept yet.
    pub fn new(protection: &Protection) -> Self {
        Self {
            honours: protection.cache,
            started: clock::now(),
            cache: Mutex::new(Cache::new(ROOM)),
            flights: flight::Flights::default(),
            epoch: AtomicU64::new(0),
            gives_time: AtomicBool::new(false),
            hits: AtomicU64::new(0),
            joined: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            elsewhere: None,
            replicated: AtomicU64::new(0),
            alike: Alike::new(None),
        }
    }

    /// Those of this upstream, shared with other replicas where there is a Redis between them, and with vectors for texts
    /// that mean the same.
    pub fn of(settings: &Server, redis: Option<Redis>, encoding: Option<Arc<Encoding>>) -> Self {
        let elsewhere = redis.map(|redis| Elsewhere::new(redis, settings));
        Self { elsewhere, alike: Alike::new(encoding), ..Self::new(&settings.protection) }
    }

    /// Whether other replicas may have a result that is not here.
    pub fn is_shared(&self) -> bool {
        self.elsewhere.is_some()
    }

    /// Looks for an answer to `question`. `rule` is what the operator says of the tool; `may_join` is false for who has
    /// waited for another's answer in vain.
    pub fn find(&self, question: &Question<'_>, rule: Option<Keep>, owner: &Owner, may_join: bool) -> Found {
        let is_resource = question.method == &Method::ResourcesRead;
        let knows = rule.is_some() || self.gives_time.load(Ordering::Relaxed);
        if rule.is_none() && !(is_resource && self.honours) || question.is_answer() {
            return Found::Nothing;
        }
        let epoch = self.epoch.load(Ordering::Acquire);
        if !knows {
            return Found::Ask(epoch);
        }
        let keys = match rule.map(|rule| rule.scope) {
            Some(Scope::Public) => [Some(question.key(None)), None],
            Some(Scope::Private) => [Some(question.key(Some(owner))), None],
            None => [Some(question.key(Some(owner))), Some(question.key(None))],
        };
        let now = self.now();
        let mut cache = self.cache();
        if let Some((kept, left)) = keys.iter().flatten().find_map(|key| cache.get(key, now)) {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Found::Kept(kept, left);
        }
        drop(cache);
        let [Some(key), _] = keys else { return Found::Nothing };
        match self.flights.board(key, epoch, may_join) {
            Ok(lead) => Found::Lead(Box::new(lead)),
            Err(Some(seat)) => {
                self.joined.fetch_add(1, Ordering::Relaxed);
                Found::Joined(seat)
            }
            Err(None) => Found::Ask(epoch),
        }
    }

    /// Counts a request whose answer is for all who ask the same, once it is known that it is kept nowhere.
    pub fn sent(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }

    /// Keeps a result, if it may be kept. `epoch` is that of the moment when it was asked for.
    pub fn keep(
        &self,
        question: &Question<'_>,
        rule: Option<Keep>,
        owner: &Owner,
        epoch: u64,
        (body, era): (&str, Era),
    ) -> Option<Arc<Kept>> {
        let is_resource = question.method == &Method::ResourcesRead;
        let Keep { ttl, scope } = match rule {
            Some(keep) => keep,
            None if is_resource && self.honours => said(body)?,
            None => return None,
        };
        if rule.is_none() {
            self.gives_time.store(true, Ordering::Relaxed);
        }
        let resource = is_resource.then(|| question.name.to_owned());
        let kept = Arc::new(Kept { body: body.to_owned(), era, resource });
        self.put(question, (scope, owner), epoch, &kept, ttl).then_some(kept)
    }

    /// Keeps what another replica had kept.
    fn adopt(
        &self,
        question: &Question<'_>,
        whose: (Scope, &Owner),
        epoch: u64,
        kept: Arc<Kept>,
        left: Duration,
    ) -> (Arc<Kept>, Duration) {
        if question.method == &Method::ResourcesRead {
            self.gives_time.store(true, Ordering::Relaxed);
        }
        self.put(question, whose, epoch, &kept, left);
        (kept, left)
    }

    /// Whether it is kept: not so if something changed since it was asked for.
    fn put(
        &self,
        question: &Question<'_>,
        (scope, owner): (Scope, &Owner),
        epoch: u64,
        kept: &Arc<Kept>,
        ttl: Duration,
    ) -> bool {
        let key = question.key(Some(owner).filter(|_| scope == Scope::Private));
        let until = self.now() + ttl;
        let mut cache = self.cache();
        // Whoever says that something changed does so under this lock.
        if self.epoch.load(Ordering::Acquire) != epoch {
            return false;
        }
        cache.put(key, Arc::clone(kept), kept.body.len() + question.name.len(), until);
        true
    }

    /// Takes a notification of the upstream: what it says has changed is asked for anew, here and at other replicas.
    pub fn heard(&self, message: &Message) {
        let Some(changed) = Changed::of(message) else { return };
        self.forget_changed(&changed);
        if let Some(elsewhere) = &self.elsewhere {
            elsewhere.tell(&changed);
        }
    }

    fn forget_changed(&self, changed: &Changed) {
        match changed {
            // Whoever watches a folder is told of it; what lies in it may have other addresses.
            Changed::Resource(uri) => self.forget(|kept| match (&kept.resource, uri) {
                (Some(resource), Some(uri)) => resource.starts_with(uri.as_str()),
                (resource, _) => resource.is_some(),
            }),
            Changed::Resources => self.forget(|kept| kept.resource.is_some()),
            Changed::Tools => {
                self.forget(|kept| kept.resource.is_none());
                self.alike.changed();
            }
        }
    }

    /// Forgets what came over a connection that is gone: what changed since nobody told.
    pub fn disconnected(&self) {
        self.forget(|kept| kept.resource.is_some());
        if let Some(elsewhere) = &self.elsewhere {
            elsewhere.disconnected();
        }
    }

    /// How much can be seen of it.
    pub fn tally(&self) -> Tally {
        let ((entries, bytes), evicted) = {
            let cache = self.cache();
            (cache.size(), cache.evicted())
        };
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (hits, joined, misses) = (count(&self.hits), count(&self.joined), count(&self.misses));
        let replicated = count(&self.replicated);
        Tally { hits, joined, misses, replicated, evicted, entries, bytes }
    }

    fn forget(&self, unwanted: impl Fn(&Kept) -> bool) {
        let mut cache = self.cache();
        self.epoch.fetch_add(1, Ordering::AcqRel);
        cache.forget(|kept| unwanted(kept));
    }

    fn cache(&self) -> MutexGuard<'_, Cache<Key, Arc<Kept>>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Moment {
        clock::now().saturating_duration_since(self.started)
    }
}

/// How long an upstream says that its result may be kept, and for whom (specification 2026-07-28, caching). What it does
/// not say to be for all is for whoever asked.
fn said(body: &str) -> Option<Keep> {
    let milliseconds = raw::get(body, "ttlMs")?.parse::<f64>().ok().filter(|time| *time > 0.0)?;
    let ttl = Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or(LONGEST).min(LONGEST);
    let public = raw::get(body, "cacheScope").and_then(raw::text).as_deref() == Some("public");
    Some(Keep { ttl, scope: if public { Scope::Public } else { Scope::Private } })
}

/// A kept result with the time that is left in place of that which the upstream gave.
pub fn aged(body: &str, left: Duration) -> String {
    let mut splice = raw::Splice::new(body);
    if let Some(time) = raw::get(body, "ttlMs") {
        splice.replace(time, left.as_millis().to_string());
    }
    splice.finish().into_owned()
}

#[cfg(test)]
mod tests;
