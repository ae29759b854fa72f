//! Which signatures are kept, how much room they take and whose they are; the bounds of all that.

use super::Key;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// How long they are kept: a conversation may rest for some days.
pub(super) const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// The digest of who they belong to.
pub(super) type Owner = [u8; 32];

/// How many are kept, and how many bytes of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) entries: usize,
    pub(super) bytes: usize,
}

/// Of all.
const OF_ALL: Bounds = Bounds { entries: 65_536, bytes: 512 << 20 };
/// Of one owner, so that one who asks much does not push out all others.
const OF_ONE: Bounds = Bounds { entries: 16_384, bytes: 128 << 20 };

/// How many places of a queue may be stale beside as many as there are entries.
const STALE: usize = 1000;

#[derive(Debug)]
pub(super) struct Index {
    entries: HashMap<Key, Entry>,
    all: Queue,
    owners: HashMap<Owner, Queue>,
    last: u64,
    of_all: Bounds,
    of_one: Bounds,
}

#[derive(Debug)]
struct Entry {
    owner: Owner,
    bytes: usize,
    /// In seconds since 1970.
    at: i64,
    number: u64,
}

/// Keys in the order in which they came, each with its number: one that was kept anew has another by now.
#[derive(Debug, Default)]
struct Queue {
    order: VecDeque<(u64, Key)>,
    entries: usize,
    bytes: usize,
}

impl Queue {
    fn is_above(&self, bounds: Bounds) -> bool {
        self.entries > bounds.entries || self.bytes > bounds.bytes
    }

    fn add(&mut self, number: u64, key: Key, bytes: usize) {
        self.order.push_back((number, key));
        self.entries += 1;
        self.bytes += bytes;
    }

    fn remove(&mut self, bytes: usize) {
        self.entries = self.entries.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// The oldest that is still there.
    fn oldest(&mut self, entries: &HashMap<Key, Entry>) -> Option<Key> {
        while let Some((number, key)) = self.order.front() {
            if entries.get(key).is_some_and(|entry| entry.number == *number) {
                return Some(*key);
            }
            self.order.pop_front();
        }
        None
    }

    fn tidy(&mut self, entries: &HashMap<Key, Entry>) {
        if self.order.len() > 2 * self.entries + STALE {
            self.order.retain(|(number, key)| entries.get(key).is_some_and(|entry| entry.number == *number));
        }
    }
}

impl Default for Index {
    fn default() -> Self {
        Self::with(OF_ALL, OF_ONE)
    }
}

impl Index {
    pub(super) fn with(of_all: Bounds, of_one: Bounds) -> Self {
        let (entries, all, owners) = (HashMap::new(), Queue::default(), HashMap::new());
        Self { entries, all, owners, last: 0, of_all, of_one }
    }

    /// Whether something is kept under `key` that is not older than `since`.
    pub(super) fn has(&self, key: &Key, since: i64) -> bool {
        self.entries.get(key).is_some_and(|entry| entry.at >= since)
    }

    /// Notes what is kept since `at`, and gives what must go for it. `at` never goes back by much.
    pub(super) fn put(&mut self, key: Key, owner: Owner, bytes: usize, at: i64) -> Vec<Key> {
        self.remove(&key);
        self.last += 1;
        self.all.add(self.last, key, bytes);
        self.owners.entry(owner).or_default().add(self.last, key, bytes);
        self.entries.insert(key, Entry { owner, bytes, at, number: self.last });
        let since = at.saturating_sub(i64::try_from(KEPT.as_secs()).unwrap_or(i64::MAX));
        let mut gone = Vec::new();
        while let Some(oldest) = self.unwanted(&owner, since) {
            self.remove(&oldest);
            gone.push(oldest);
        }
        self.all.tidy(&self.entries);
        if let Some(queue) = self.owners.get_mut(&owner) {
            queue.tidy(&self.entries);
        }
        gone
    }

    /// One that must go: what is too old, or the oldest where there is too much.
    fn unwanted(&mut self, owner: &Owner, since: i64) -> Option<Key> {
        let queue = self.owners.get_mut(owner)?;
        if queue.is_above(self.of_one) {
            return queue.oldest(&self.entries);
        }
        let oldest = self.all.oldest(&self.entries)?;
        let is_old = self.entries.get(&oldest).is_some_and(|entry| entry.at < since);
        (is_old || self.all.is_above(self.of_all)).then_some(oldest)
    }

    fn remove(&mut self, key: &Key) {
        let Some(entry) = self.entries.remove(key) else { return };
        self.all.remove(entry.bytes);
        if let Some(queue) = self.owners.get_mut(&entry.owner) {
            queue.remove(entry.bytes);
            if queue.entries == 0 {
                self.owners.remove(&entry.owner);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn size(&self) -> (usize, usize) {
        (self.all.entries, self.all.bytes)
    }
}

#[cfg(test)]
mod tests;
