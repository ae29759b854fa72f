//! Results that clients are shown in fewer tokens, and the whole of each, kept for a while for the client that got it.

use crate::results::Owner;
use base::{Code, Error, clock, random};
use context::config::Settings;
use context::shape::{Wanted, shape};
use mcp::{raw, task};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use telemetry::instrument::Counter;

/// What shapes the results of one call, or of one task.
pub struct Shaping {
    wholes: Arc<Wholes>,
    owner: Owner,
    settings: Arc<Settings>,
    tool: String,
    links: bool,
    saved: Arc<Counter>,
    task: Option<OfTask>,
}

/// Where the result of a task stands, and what it is kept under: a task is looked at as often as its client likes, and is
/// kept once.
struct OfTask {
    id: String,
    is_member: bool,
}

/// The first version of the protocol whose content may have links (specification 2025-06-18, tools).
const LINKS: &str = "2025-06-18";

impl Shaping {
    /// Shapes the results of the tool with this name in the hub for `owner`, who alone may read the whole, and who speaks
    /// this version of the protocol. What it saves is counted in `saved`.
    pub fn new(
        wholes: Arc<Wholes>,
        owner: Owner,
        settings: Arc<Settings>,
        tool: String,
        version: &str,
        saved: Arc<Counter>,
    ) -> Self {
        Self { wholes, owner, settings, tool, links: version >= LINKS, saved, task: None }
    }

    /// What it saves is told elsewhere.
    #[must_use]
    pub fn uncounted(self) -> Self {
        Self { saved: Arc::default(), ..self }
    }

    /// Shapes the result of a task of `upstream` as the clients of `view` are shown it: what `tasks/result` answers, or
    /// the `result` in what `tasks/get` does.
    #[must_use]
    pub fn of_task(self, view: &str, upstream: &str, task: &str, is_member: bool) -> Self {
        let name = format!("{view}\n{upstream}\n{:?}\n{task}", self.owner);
        let id = random::to_hex(&random::sha256(name.as_bytes())[..16]);
        let tool = self.wholes.tool_of(upstream, task).unwrap_or_default();
        Self { tool, task: Some(OfTask { id, is_member }), ..self }
    }

    /// The result of a tool as the client gets it. What cannot be kept is shown as it is.
    pub fn shape(&self, result: String) -> String {
        // No token is less than a byte.
        if result.len() <= self.settings.limit && !self.settings.edits() {
            return result;
        }
        let is_member = self.task.as_ref().is_some_and(|task| task.is_member);
        let own = if is_member { raw::get(&result, "result") } else { Some(result.as_str()) };
        let Some((own, shown)) = own.filter(|own| raw::is_object(own)).and_then(|own| Some((own, self.shown(own)?)))
        else {
            return result;
        };
        let mut splice = raw::Splice::new(&result);
        splice.replace(own, shown);
        splice.finish().into_owned()
    }

    /// What is shown of a result, if it is not shown as it is.
    fn shown(&self, result: &str) -> Option<String> {
        let id = match &self.task {
            Some(task) => task.id.clone(),
            None => random::hex::<16>().ok()?,
        };
        let wanted = Wanted { settings: &self.settings, tool: &self.tool, links: self.links, id: &id };
        let shaped = shape(result, &wanted)?;
        let result = if self.task.is_some() { task::unrelated(result) } else { result.to_owned() };
        let whole = Whole { text: shaped.text, structured: shaped.structured, result };
        let is_kept = self.wholes.keep(&id, &self.owner, whole, self.settings.keep);
        is_kept.then(|| {
            self.saved.add(shaped.all.less(shaped.tokens).tokens as u64);
            shaped.shown
        })
    }

    /// Remembers which tool a task is of, where `result` begins one: the view may leave out parts of what it will say.
    pub fn began(&self, upstream: &str, result: &str) {
        if self.settings.prune.is_empty() || !result.contains("askId") {
            return;
        }
        let modern = task::is_task(result).then(|| raw::get(result, "taskId")).flatten();
        if let Some(id) = modern.or_else(|| raw::at(result, &["task", "taskId"])).and_then(raw::text) {
            self.wholes.remember(upstream, &id, &self.tool);
        }
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
    /// The tools of tasks, by upstream and its id.
    tools: Mutex<HashMap<(String, String), String>>,
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
        Self { entries: Mutex::default(), room, tools: Mutex::default() }
    }

    /// Keeps `whole` for `time`; whether there is room. Nothing that is kept makes room for another before its time.
    pub fn keep(&self, id: &str, owner: &Owner, whole: Whole, time: Duration) -> bool {
        let now = clock::now();
        let mut all = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        // What has the same id is the same task's, and makes room for what it says now.
        all.retain(|other, entry| entry.until > now && other != id);
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

    /// Remembers the tool of a task. Of very many all are forgotten, and parts of what they say are not left out.
    fn remember(&self, upstream: &str, task: &str, tool: &str) {
        let mut tools = self.tools.lock().unwrap_or_else(PoisonError::into_inner);
        if tools.len() >= COUNT {
            tools.clear();
        }
        tools.insert((upstream.to_owned(), task.to_owned()), tool.to_owned());
    }

    fn tool_of(&self, upstream: &str, task: &str) -> Option<String> {
        let tools = self.tools.lock().unwrap_or_else(PoisonError::into_inner);
        tools.get(&(upstream.to_owned(), task.to_owned())).cloned()
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
