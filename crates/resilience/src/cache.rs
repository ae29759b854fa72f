//! Values that are kept for a time, within a number of bytes. What was not used for longest goes first.

use crate::Moment;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// A cache.
#[derive(Debug)]
pub struct Cache<Key, Value> {
    entries: HashMap<Key, Entry<Value>>,
    /// Keys by their last use, the oldest first.
    order: BTreeMap<u64, Key>,
    uses: u64,
    bytes: usize,
    limit: usize,
    evicted: u64,
}

#[derive(Debug)]
struct Entry<Value> {
    value: Value,
    bytes: usize,
    until: Moment,
    used: u64,
}

/// What an entry costs besides its value: its key, twice, and what holds them.
const OVERHEAD: usize = 256;

impl<Key: Clone + Eq + Hash, Value: Clone> Cache<Key, Value> {
    /// A cache that holds at most so many bytes.
    pub fn new(limit: usize) -> Self {
        Self { entries: HashMap::new(), order: BTreeMap::new(), uses: 0, bytes: 0, limit, evicted: 0 }
    }

    /// What is kept for `key`, and how long it still is; one whose time is over is forgotten.
    pub fn get(&mut self, key: &Key, now: Moment) -> Option<(Value, Moment)> {
        let entry = self.entries.get_mut(key)?;
        if entry.until <= now {
            self.remove(key);
            return None;
        }
        self.uses += 1;
        self.order.remove(&entry.used);
        self.order.insert(self.uses, key.clone());
        entry.used = self.uses;
        Some((entry.value.clone(), entry.until - now))
    }

    /// Keeps a value of this size until `until`. One that would take more than a quarter of all room is not kept.
    pub fn put(&mut self, key: Key, value: Value, size: usize, until: Moment) {
        self.remove(&key);
        let bytes = size.saturating_add(OVERHEAD);
        if bytes > self.limit / 4 {
            return;
        }
        while self.bytes + bytes > self.limit {
            let Some((_, oldest)) = self.order.pop_first() else { break };
            self.remove(&oldest);
            self.evicted += 1;
        }
        self.uses += 1;
        self.bytes += bytes;
        self.order.insert(self.uses, key.clone());
        self.entries.insert(key, Entry { value, bytes, until, used: self.uses });
    }

    /// Forgets every value that `unwanted` says.
    pub fn forget(&mut self, unwanted: impl Fn(&Value) -> bool) {
        let keys: Vec<Key> =
            self.entries.iter().filter(|(_, entry)| unwanted(&entry.value)).map(|(key, _)| key.clone()).collect();
        keys.iter().for_each(|key| self.remove(key));
    }

    /// How many values it holds, and how many bytes.
    pub fn size(&self) -> (usize, usize) {
        (self.entries.len(), self.bytes)
    }

    /// How many values made room for others.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    fn remove(&mut self, key: &Key) {
        if let Some(entry) = self.entries.remove(key) {
            self.order.remove(&entry.used);
            self.bytes -= entry.bytes;
        }
    }
}

#[cfg(test)]
mod tests;
