//! Results that clients are shown in fewer tokens, and the whole of each, kept for a while for the client that got it.

use crate::results::Owner;
use base::{Code, Error, clock, random};
use context::config::Settings;
use context::shape::{Wanted, shape};
use mcp::raw;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What shapes the results of one call.
pub struct Shaping {
    wholes: Arc<Wholes>,
    owner: Owner,
    settings: Arc<Settings>,
    tool: String,
    links: bool,
}

/// The first version of the protocol whose content may have links (specification 2025-06-18, tools).
const LINKS: &str = "2025-06-18";

impl Shaping {
    /// Shapes the results of the tool with this name in the hub for `owner`, who alone may read the whole, and who speaks
    /// this version of the protocol.
    pub fn new(wholes: Arc<Wholes>, owner: Owner, settings: Arc<Settings>, tool: String, version: &str) -> Self {
        Self { wholes, owner, settings, tool, links: version >= LINKS }
    }

    /// The result of a tool as the client gets it. What cannot be kept is shown as it is.
    pub fn shape(&self, result: String) -> String {
        // No token is less than a byte.
        if result.len() <= self.settings.limit && !self.settings.edits() {
            return result;
        }
        let Ok(id) = random::hex::<16>() else { return result };
        let wanted = Wanted { settings: &self.settings, tool: &self.tool, links: self.links, id: &id };
        let Some(shaped) = shape(&result, &wanted) else { return result };
        let whole = Whole { text: shaped.text, structured: shaped.structured, result: result.clone() };
        if self.wholes.keep(&id, &self.owner, whole, self.settings.keep) { shaped.shown } else { result }
    }
}

/// A result that is not shown as it is.
#[derive(Debug, PartialEq, Eq)]
pub struct Whole {
    /// Its texts, without what the view leaves out of them.
    pub text: String,
    /// Its structured content likewise, raw JSON.
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

    /// Keeps a text that is no result of a server for `time`. Gives its id, or nothing where there is no room.
    pub fn keep_text(&self, owner: &Owner, text: &str, time: Duration) -> Option<String> {
        let id = random::hex::<16>().ok()?;
        let result = format!(r#"{{"content":[{{"type":"text","text":{}}}]}}"#, raw::quote(text));
        let whole = Whole { text: text.to_owned(), structured: None, result };
        self.keep(&id, owner, whole, time).then_some(id)
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

#[cfg(test)]
mod tests;
