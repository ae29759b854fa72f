//! What was done with tools of the hub before a model called a tool of the client's.
//!
//! The client is not shown it, so it cannot send it back with the result of its own tool. It is kept for a while, and put back
//! where it was: else the model would not know what it has done, and do it again.

use base::{clock, random};
use conversation::Dialect;
use conversation::item::{Item, ToolCall};
use conversation::request::{Request, Role, Turn};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long it is kept.
const KEPT: Duration = Duration::from_secs(3600);

/// The most bytes that are kept of all, and of one talk.
const MOST: usize = 64 << 20;
const LARGEST: usize = 4 << 20;

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
    turns: Arc<[Turn]>,
    bytes: usize,
    since: Instant,
    number: u64,
}

impl Past {
    /// Keeps `turns`, what a model said and was told after `client` was asked, until it called tools of the client's in the
    /// last of them. `owner` is who asks.
    pub(super) fn keep(&self, owner: &str, dialect: Dialect, client: &Request, turns: Vec<Turn>) {
        let bytes = turns.iter().flat_map(|turn| &turn.items).map(weight).sum();
        let Some(last) = turns.last().filter(|_| bytes <= LARGEST) else { return };
        let mut place = Place::new(owner, dialect);
        client.turns.iter().for_each(|turn| place.pass(turn));
        let key = place.key(&[last]);
        let now = clock::now();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.put(key, turns.into(), bytes, now);
    }

    /// Puts what was kept back into a request of the same client.
    pub(super) fn put_back(&self, owner: &str, dialect: Dialect, request: &mut Request) {
        let mut place = Place::new(owner, dialect);
        let mut turns = Vec::with_capacity(request.turns.len());
        for run in request.turns.chunk_by(|turn, next| turn.role == Role::Assistant && next.role == Role::Assistant) {
            let of_model: Vec<&Turn> = run.iter().filter(|turn| turn.role == Role::Assistant).collect();
            let calls = of_model.iter().flat_map(|turn| &turn.items).any(|item| matches!(item, Item::ToolCall(_)));
            let found = if calls { self.find(&place.key(&of_model)) } else { None };
            match found {
                Some(found) => turns.extend(found.iter().cloned()),
                None => turns.extend(run.iter().cloned()),
            }
            run.iter().for_each(|turn| place.pass(turn));
        }
        request.turns = turns;
    }

    fn find(&self, key: &Key) -> Option<Arc<[Turn]>> {
        let now = clock::now();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.forget(now);
        kept.talks.get(key).map(|talk| Arc::clone(&talk.turns))
    }
}

impl Kept {
    fn put(&mut self, key: Key, turns: Arc<[Turn]>, bytes: usize, now: Instant) {
        self.last += 1;
        let number = self.last;
        if let Some(before) = self.talks.insert(key, Talk { turns, bytes, since: now, number }) {
            self.bytes -= before.bytes;
        }
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

/// A place in a conversation: what was said before it, as a client sends it again, and which of its tools are called there.
struct Place {
    dialect: Dialect,
    said: Vec<u8>,
}

impl Place {
    fn new(owner: &str, dialect: Dialect) -> Self {
        let mut place = Self { dialect, said: Vec::new() };
        place.add(owner);
        place.add(dialect.name());
        place
    }

    /// Goes past a turn. Its texts and calls say enough; how a client's library writes all else may differ.
    fn pass(&mut self, turn: &Turn) {
        self.add(&format!("{:?}", turn.role));
        for item in &turn.items {
            match item {
                Item::Text(text) => self.add(&text.text),
                Item::ToolCall(call) => self.call(call),
                _ => {}
            }
        }
        // A conversation is long, and each of its turns a place.
        self.said = random::sha256(&self.said).to_vec();
    }

    /// The name of the place at which a model says `turns`.
    fn key(&self, turns: &[&Turn]) -> Key {
        let mut here = Self { dialect: self.dialect, said: self.said.clone() };
        for item in turns.iter().flat_map(|turn| &turn.items) {
            if let Item::ToolCall(call) = item {
                here.call(call);
            }
        }
        random::sha256(&here.said)
    }

    fn call(&mut self, call: &ToolCall) {
        self.add(&call.name);
        match &call.id {
            // Clients of these may leave ids out, and write arguments in an order of their own.
            Some(id) if !matches!(self.dialect, Dialect::Gemini | Dialect::Ollama) => self.add(id),
            _ => {
                let arguments = serde_json::from_str::<BTreeMap<String, Value>>(&call.arguments).unwrap_or_default();
                for (name, value) in arguments {
                    self.add(&name);
                    self.add(&value.to_string());
                }
            }
        }
    }

    /// With its length, so that no two texts together are two others.
    fn add(&mut self, text: &str) {
        self.said.extend_from_slice(&text.len().to_le_bytes());
        self.said.extend_from_slice(text.as_bytes());
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
    .saturating_add(200)
}

#[cfg(test)]
mod tests;
