//! What was done with tools of the hub before a model called a tool of the client's.
//!
//! The client is not shown it, so it cannot send it back with the result of its own tool. It is kept for a while, and put back
//! where it was: else the model would not know what it has done, and do it again. What belongs to another conversation is worse than
//! nothing: where two cannot be told apart, nothing is put back.

mod place;
mod responses;

use base::clock;
use conversation::Dialect;
use conversation::item::Item;
use conversation::request::{Request, Role, Turn};
use place::Place;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long it is kept.
const KEPT: Duration = Duration::from_secs(3600);

/// The most bytes that are kept of all, and of one talk.
const MOST: usize = 64 << 20;
const LARGEST: usize = 4 << 20;

/// What a place takes of which nothing is kept.
const LEAST: usize = 200;

/// How many numbers of what was kept anew may wait to be forgotten, beside as many as there are talks.
const STALE: usize = 1000;

/// Names a place in a conversation of a client.
type Key = [u8; 32];

/// What is kept of all clients.
#[derive(Debug, Default)]
pub struct Past(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    talks: HashMap<Key, Talk>,
    /// In the order in which they came, each with its number. One that was kept anew has another number by now.
    order: VecDeque<(u64, Key)>,
    bytes: usize,
    last: u64,
}

#[derive(Debug)]
struct Talk {
    /// What was done; none where that is not the same in all conversations that are alike.
    turns: Option<Arc<[Turn]>>,
    bytes: usize,
    since: Instant,
    number: u64,
}

/// What was done before a model called tools of a client's, and what the client was told then.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Done {
    /// What the model said and was told, with these calls in the last of the turns. Nothing where it called no tool of the hub: that
    /// is kept too, because the same may be said in a conversation in which it did.
    pub(super) turns: Vec<Turn>,
    /// What the client was told.
    pub(super) told: Vec<Item>,
}

/// What is known of a place.
enum Found {
    /// Nothing was done there, or nobody knows of it.
    Nothing,
    /// Several conversations are alike, and something else was done in each.
    Unclear,
    Turns(Arc<[Turn]>),
}

impl Past {
    /// Keeps what was done after `client` was asked. `owner` is who asks.
    pub(super) fn keep(&self, owner: &str, dialect: Dialect, client: &Request, done: Done) {
        let bytes = done.turns.iter().flat_map(|turn| &turn.items).map(weight).sum::<usize>().saturating_add(LEAST);
        let mut place = Place::new(owner, dialect);
        client.turns.iter().for_each(|turn| place.pass(turn));
        let told = Turn::new(Role::Assistant, done.told);
        let turns: Option<Arc<[Turn]>> = (bytes <= LARGEST).then(|| done.turns.into());
        let now = clock::now();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in [place.by_ids(&[&told]), Some(place.by_words(&[&told]))].into_iter().flatten() {
            kept.put(key, turns.clone(), bytes, now);
        }
    }

    /// Puts what was kept back into a request of the same client. Whether all was: not where conversations are alike, and nobody
    /// can tell which of them this is.
    pub(super) fn put_back(&self, owner: &str, dialect: Dialect, request: &mut Request) -> bool {
        let mut place = Place::new(owner, dialect);
        let mut turns = Vec::with_capacity(request.turns.len());
        let mut is_clear = true;
        for run in request.turns.chunk_by(|turn, next| turn.role == Role::Assistant && next.role == Role::Assistant) {
            let of_model: Vec<&Turn> = run.iter().filter(|turn| turn.role == Role::Assistant).collect();
            let calls = of_model.iter().flat_map(|turn| &turn.items).any(|item| matches!(item, Item::ToolCall(_)));
            let found = if calls { self.find(&place, &of_model) } else { Found::Nothing };
            is_clear &= !matches!(found, Found::Unclear);
            match found {
                Found::Turns(found) => turns.extend(found.iter().cloned()),
                Found::Nothing | Found::Unclear => turns.extend(run.iter().cloned()),
            }
            run.iter().for_each(|turn| place.pass(turn));
        }
        request.turns = turns;
        is_clear
    }

    /// What was done where a model says `turns`. Calls that bear ids are found by these alone, but where several have the same.
    fn find(&self, place: &Place, turns: &[&Turn]) -> Found {
        let now = clock::now();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.forget(now);
        match place.by_ids(turns).map(|key| kept.find(&key)) {
            Some(Found::Unclear) | None => kept.find(&place.by_words(turns)),
            Some(found) => found,
        }
    }
}

impl Kept {
    fn find(&self, key: &Key) -> Found {
        match self.talks.get(key).map(|talk| &talk.turns) {
            Some(Some(turns)) if !turns.is_empty() => Found::Turns(Arc::clone(turns)),
            Some(None) => Found::Unclear,
            _ => Found::Nothing,
        }
    }

    fn turns(&mut self, key: &Key) -> Option<Arc<[Turn]>> {
        self.forget(clock::now());
        if let Found::Turns(turns) = self.find(key) { Some(turns) } else { None }
    }

    fn put(&mut self, key: Key, turns: Option<Arc<[Turn]>>, bytes: usize, now: Instant) {
        self.forget(now);
        self.last += 1;
        let number = self.last;
        let before = self.talks.remove(&key);
        self.bytes -= before.as_ref().map_or(0, |talk| talk.bytes);
        let is_same = |now: &Arc<[Turn]>, before: &Arc<[Turn]>| place::digest(now) == place::digest(before);
        let turns = turns
            .filter(|turns| before.is_none_or(|talk| talk.turns.as_ref().is_some_and(|before| is_same(turns, before))));
        let bytes = if turns.is_some() { bytes } else { LEAST };
        self.talks.insert(key, Talk { turns, bytes, since: now, number });
        self.order.push_back((number, key));
        self.bytes += bytes;
        self.forget(now);
        if self.order.len() > 2 * self.talks.len() + STALE {
            let talks = &self.talks;
            self.order.retain(|(number, key)| talks.get(key).is_some_and(|talk| talk.number == *number));
        }
    }

    /// Forgets what is too old, and the oldest while there is too much.
    fn forget(&mut self, now: Instant) {
        while let Some((number, key)) = self.order.front() {
            if let Some(talk) = self.talks.get(key).filter(|talk| talk.number == *number) {
                if self.bytes <= MOST && now.saturating_duration_since(talk.since) < KEPT {
                    return;
                }
                self.bytes -= talk.bytes;
                self.talks.remove(key);
            }
            self.order.pop_front();
        }
    }
}

/// How many bytes an item holds, more or less.
fn weight(item: &Item) -> usize {
    match item {
        Item::Text(text) => text.text.len(),
        Item::Reasoning(thought) => {
            thought.text.len()
                + thought.summary.iter().map(String::len).sum::<usize>()
                + thought.encrypted.as_ref().map_or(0, String::len)
                + thought.signature.as_ref().map_or(0, String::len)
        }
        Item::ToolCall(call) => call.name.len() + call.arguments.len() + call.signature.as_ref().map_or(0, String::len),
        Item::ToolResult(result) => result.content.iter().map(weight).sum(),
        Item::Media(media) => match &media.source {
            conversation::item::Source::Base64(text)
            | conversation::item::Source::Text(text)
            | conversation::item::Source::Url(text)
            | conversation::item::Source::File(text) => text.len(),
        },
        Item::CacheBreakpoint(_) => 0,
        Item::Opaque(opaque) => opaque.raw.as_str().len(),
    }
    .saturating_add(LEAST)
}

#[cfg(test)]
mod tests;
