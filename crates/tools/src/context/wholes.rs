//! Whole results, each for the client that it was for.

use crate::results::Owner;
use base::{Code, Error, clock};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A result that was shortened.
#[derive(Debug, PartialEq, Eq)]
pub struct Whole {
    /// Its texts.
    pub text: String,
    /// Its structured content, raw JSON.
    pub structured: Option<String>,
    /// All of it, raw JSON.
    pub result: String,
}

impl Whole {
    fn size(&self) -> usize {
        self.text.len() + self.structured.as_deref().map_or(0, str::len) + self.result.len()
    }
}

/// The whole results of all clients, by their ids.
pub struct Wholes {
    entries: Mutex<HashMap<String, Entry>>,
    room: usize,
}

struct Entry {
    owner: Owner,
    whole: Arc<Whole>,
    until: Instant,
}

/// The most bytes of all of them.
const ROOM: usize = 128 << 20;

/// The most of them.
const COUNT: usize = 10_000;

impl Default for Wholes {
    fn default() -> Self {
        Self::with_room(ROOM)
    }
}

impl Wholes {
    /// Nothing yet, and room for so many bytes.
    pub fn with_room(room: usize) -> Self {
        Self { entries: Mutex::default(), room }
    }

    /// Keeps `whole` for `time`; whether there is room. Nothing that is kept makes room for another before its time.
    pub fn keep(&self, id: &str, owner: &Owner, whole: Whole, time: Duration) -> bool {
        let now = clock::now();
        let mut all = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, entry| entry.until > now);
        let taken: usize = all.values().map(|entry| entry.whole.size()).sum();
        if taken + whole.size() > self.room || all.len() >= COUNT {
            return false;
        }
        all.insert(id.to_owned(), Entry { owner: owner.clone(), whole: Arc::new(whole), until: now + time });
        true
    }

    /// What is kept under `id` for `owner`. Another's is as one that is not there.
    pub fn get(&self, id: &str, owner: &Owner) -> Option<Arc<Whole>> {
        let now = clock::now();
        let all = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = all.get(id).filter(|entry| &entry.owner == owner && entry.until > now)?;
        Some(Arc::clone(&entry.whole))
    }
}

/// The error for an id under which nothing is kept for whoever asks.
pub fn unknown() -> Error {
    let next = "results are kept for a while and for the client that got them: call the tool again";
    Error::new(Code::UnknownResource, "there is no result of this id", next)
}
