//! Pins: a tool or prompt is served as it was when it was approved, or first seen, and not as its server makes it later.
//! Pure.

mod approval;
mod definition;

pub use approval::{Approval, LIFE};
pub use definition::{Definition, MEMBERS, PROMPT_MEMBERS, is_plain};

use crate::catalogue::{Catalogue, Kind, Quarantined, Why};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What is pinned of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing.
    Trust,
    /// The tools that were seen; others may come.
    AllowNew,
    /// The tools that were seen, and that there are no others.
    All,
}

impl Mode {
    /// Each mode by its word in the configuration.
    pub const WORDS: [(&str, Mode); 3] =
        [("trust", Mode::Trust), ("pin-existing-allow-new", Mode::AllowNew), ("pin", Mode::All)];

    /// Its word in the configuration.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, mode)| *mode == self).map_or("", |(word, _)| word)
    }
}

/// How much may be pinned of one server: it could invent new tools for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Tools.
    pub tools: usize,
    /// Bytes of their definitions.
    pub bytes: usize,
}

/// What is pinned of one kind of one server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pins {
    kind: Kind,
    all: BTreeMap<String, Pin>,
    bytes: usize,
    /// Whether something of the server is pinned beside this, so that nothing of it is seen for the first time.
    begun: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pin {
    digest: [u8; 32],
    /// See [`Definition::body`].
    body: Option<[u8; 32]>,
    bytes: usize,
}

/// What becomes of what a server offers.
#[derive(Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What is served, and what waits.
    pub catalogue: Catalogue,
    /// What is to be pinned, because it is seen for the first time.
    pub fresh: Vec<(String, Definition)>,
}

impl Pins {
    /// Nothing is pinned yet of this kind.
    pub fn of(kind: Kind) -> Self {
        Self { kind, ..Self::default() }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Says whether something of the server is pinned beside this.
    pub fn begin(&mut self, begun: bool) {
        self.begun = begun;
    }

    /// Pins a tool in place of what was pinned under its name.
    pub fn add(&mut self, tool: &str, definition: &Definition) {
        self.recall(tool, definition.digest(), definition.body(), definition.text().len());
    }

    /// As [`Pins::add`], by what is remembered of a definition: its digests, and its length in bytes.
    pub fn recall(&mut self, tool: &str, digest: [u8; 32], body: Option<[u8; 32]>, bytes: usize) {
        self.forget(tool);
        self.bytes += bytes;
        self.all.insert(tool.to_owned(), Pin { digest, body, bytes });
    }

    fn forget(&mut self, tool: &str) {
        if let Some(old) = self.all.remove(tool) {
            self.bytes -= old.bytes;
        }
    }

    /// Forgets the tools that are not offered any more, if there is too little room, and says which these were. Without
    /// need they are kept: a tool that comes back must be what it was.
    pub fn make_room(&mut self, room: Room, offered: &Catalogue) -> Vec<String> {
        if self.all.len() < room.tools && self.bytes < room.bytes {
            return Vec::new();
        }
        let (items, waiting) = offered.of_kind(self.kind);
        let names = items.iter().map(|item| &item.key).chain(waiting.keys());
        let names: HashSet<&String> = names.collect();
        let gone: Vec<String> = self.all.keys().filter(|tool| !names.contains(tool)).cloned().collect();
        gone.iter().for_each(|tool| self.forget(tool));
        gone
    }

    /// The tools that are pinned and not offered any more, by what they were but for their name.
    fn gone(&self, offered: &Catalogue) -> HashMap<[u8; 32], &str> {
        let offered: HashSet<&String> = offered.of_kind(self.kind).0.iter().map(|item| &item.key).collect();
        let gone = self.all.iter().filter(|(tool, _)| !offered.contains(tool));
        gone.filter_map(|(tool, pin)| Some((pin.body?, tool.as_str()))).collect()
    }

    fn has_room(&self, bytes: usize, room: Room) -> bool {
        self.all.len() < room.tools && self.bytes.saturating_add(bytes) <= room.bytes
    }

    /// Decides what of `offered` is served. While nothing is pinned yet all of it is, and pinned, but for the tools in
    /// `held`: these wait until somebody has approved them as they are.
    #[must_use]
    pub fn judge(&self, mode: Mode, offered: Catalogue, held: &HashSet<String>, room: Room) -> Judgement {
        let kind = self.kind;
        let mut judgement = Judgement { catalogue: offered.whole_of(kind), fresh: Vec::new() };
        if mode == Mode::Trust && held.is_empty() {
            return judgement;
        }
        let first = self.all.is_empty() && !self.begun;
        let gone = self.gone(&judgement.catalogue);
        let mut pins = self.clone();
        let (served, waiting) = judgement.catalogue.of_kind_mut(kind);
        let offered = std::mem::take(served);
        for (place, item) in offered.into_iter().enumerate() {
            let definition = Definition::of_kind(kind, &item.json);
            let digest = definition.digest();
            let pin = pins.all.get(&item.key);
            let body = if pin.is_none() && !gone.is_empty() { definition.body() } else { None };
            let formerly = body.and_then(|body| gone.get(&body).copied());
            let flagged = held.contains(&item.key);
            let why = match pin {
                Some(pin) if pin.digest == digest => None,
                _ if mode == Mode::Trust => flagged.then_some(Why::Flagged),
                Some(_) => Some(Why::Changed),
                None if formerly.is_some() => Some(Why::Renamed),
                None if mode == Mode::All && !first => Some(Why::New),
                None if flagged => Some(Why::Flagged),
                None if !pins.has_room(definition.text().len(), room) => Some(Why::Full),
                None => {
                    pins.add(&item.key, &definition);
                    judgement.fresh.push((item.key.clone(), definition));
                    None
                }
            };
            match why {
                None => served.push(item),
                Some(why) => {
                    let formerly = formerly.map(str::to_owned);
                    let waits = Quarantined { kind, digest, place, why, formerly, item };
                    waiting.insert(waits.item.key.clone(), waits);
                }
            }
        }
        judgement
    }
}

#[cfg(test)]
mod tests;
