//! Pins: what models read of a server is served as it was when it was approved, or first seen, and not as the server makes
//! it later. Tools, prompts, instructions and resources are all judged by one rule, [`Pins::judge`]. Pure.

mod approval;
mod definition;

pub use approval::{Approval, Approved, LIFE};
pub use definition::{Definition, MEMBERS, is_plain, members};

use crate::catalogue::{Catalogue, Kind, Quarantined, Why};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What is pinned of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing.
    Trust,
    /// What was seen; more may come.
    AllowNew,
    /// What was seen, and that there is no more.
    All,
    /// What somebody approved, and nothing else: also what is seen first waits.
    Approve,
}

impl Mode {
    /// Each mode by its word in the configuration.
    pub const WORDS: [(&str, Mode); 4] = [
        ("trust", Mode::Trust),
        ("pin-existing-allow-new", Mode::AllowNew),
        ("pin", Mode::All),
        ("approve", Mode::Approve),
    ];

    /// What is pinned of a kind. Lists of resources are what a server holds rather than what it is, and change with that, so
    /// that they wait only where all does.
    #[must_use]
    pub fn of_kind(self, kind: Kind) -> Self {
        match kind {
            Kind::Resource | Kind::Template if self != Mode::Approve => Mode::Trust,
            _ => self,
        }
    }

    /// Whether what is new waits. `first` says that all of the server is.
    fn holds_new(self, first: bool) -> bool {
        match self {
            Mode::Trust | Mode::AllowNew => false,
            Mode::All => !first,
            Mode::Approve => true,
        }
    }

    /// Whether what is not listed, and so cannot be compared with what is pinned, may be called by its name.
    pub fn lets_in_unlisted(self) -> bool {
        !self.holds_new(false)
    }

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

    /// Pins a definition in place of what was pinned under its name.
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

    /// Forgets what is not offered any more, if there is too little room, and says what that was. Without need it is kept: a
    /// tool that comes back must be what it was.
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

    /// What is pinned and not offered any more, by what it was but for its name.
    fn gone(&self, offered: &Catalogue) -> HashMap<[u8; 32], &str> {
        let offered: HashSet<&String> = offered.of_kind(self.kind).0.iter().map(|item| &item.key).collect();
        let gone = self.all.iter().filter(|(tool, _)| !offered.contains(tool));
        gone.filter_map(|(tool, pin)| Some((pin.body?, tool.as_str()))).collect()
    }

    fn has_room(&self, bytes: usize, room: Room) -> bool {
        self.all.len() < room.tools && self.bytes.saturating_add(bytes) <= room.bytes
    }

    /// Decides what of `offered` is served. While nothing is pinned yet all of it is, and pinned, unless the mode wants an
    /// approval first; but for what is in `held`: that waits until somebody has approved it as it is.
    #[must_use]
    pub fn judge(&self, mode: Mode, offered: Catalogue, held: &HashSet<String>, room: Room) -> Judgement {
        let (kind, mode) = (self.kind, mode.of_kind(self.kind));
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
                None if mode.holds_new(first) => Some(Why::New),
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
