//! What waits for somebody's approval.

use super::{Catalogue, Item, Kind};
use base::visible::escaped;
use base::{Code, Error};
use std::collections::BTreeMap;

/// Why something is in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It is not what was pinned.
    Changed,
    /// It was not there before, and is but for its name what a tool was that is not there any more.
    Renamed,
    /// It was not there before.
    New,
    /// Something was found in it, and nobody has approved it yet.
    Flagged,
    /// It was not there before, and more of its server is pinned already than there is room for.
    Full,
}

impl Why {
    /// All reasons.
    pub const ALL: [Why; 5] = [Why::Changed, Why::Renamed, Why::New, Why::Flagged, Why::Full];

    /// One word.
    pub fn word(self) -> &'static str {
        match self {
            Why::Changed => "changed",
            Why::Renamed => "renamed",
            Why::New => "new",
            Why::Flagged => "flagged",
            Why::Full => "full",
        }
    }
}

/// Something that waits for somebody's approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// What it is.
    pub kind: Kind,
    /// Its definition, as the upstream sent it.
    pub item: Item,
    /// The digest of that.
    pub digest: [u8; 32],
    /// Where it stands in the upstream's list.
    pub place: usize,
    /// Why it waits.
    pub why: Why,
    /// What it was called before, where it was renamed.
    pub formerly: Option<String>,
}

impl Quarantined {
    /// The error of a request for it.
    pub fn to_error(&self, upstream: &str) -> Error {
        let message = format!("{}, so {} in quarantine", self.about(upstream), self.it_is());
        // A name that a shell would read as something else is not put where somebody copies it from.
        let name = shown(&self.item.key);
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
        let which = if plain && !name.starts_with('-') { format!(" {name}") } else { String::new() };
        let next = format!("see what is different and approve it: `tutti server approve {upstream}{which}`");
        Error::new(Code::ToolQuarantined, message, next).of_upstream(upstream)
    }

    fn it_is(&self) -> &'static str {
        if self.kind == Kind::Instructions { "they are" } else { "it is" }
    }

    /// What it is, and why it waits.
    fn about(&self, upstream: &str) -> String {
        let kind = self.kind.word();
        if self.kind == Kind::Instructions {
            let why = match self.why {
                Why::Changed | Why::Renamed => "were changed by the server since they were approved",
                Why::New => "are new, and what is new of this server wants an approval",
                Why::Flagged => "have something in them that a person should look at",
                Why::Full => "are new, and longer than what can be remembered",
            };
            return format!("the instructions of `{upstream}` {why}");
        }
        let why = match self.why {
            Why::Changed => "was changed by its server since it was approved".to_owned(),
            Why::Renamed => {
                let before = self.formerly.as_deref().map(shown).unwrap_or_default();
                format!("was `{before}` before its server renamed it")
            }
            Why::New => format!("is new, and new {kind}s of this server want an approval"),
            Why::Flagged => "has something in its definition that a person should look at".to_owned(),
            Why::Full => format!("is new, and its server has had more {kind}s than can be remembered"),
        };
        format!("the {kind} `{}` of `{upstream}` {why}", shown(&self.item.key))
    }
}

/// A name as it is shown.
fn shown(name: &str) -> String {
    escaped(&name.chars().take(100).collect::<String>())
}

impl Catalogue {
    /// What the upstream offers, without regard to what waits for an approval.
    #[must_use]
    pub fn whole(self) -> Self {
        Kind::ALL.into_iter().fold(self, Self::whole_of)
    }

    /// The same of one kind.
    #[must_use]
    pub fn whole_of(mut self, kind: Kind) -> Self {
        let (items, waiting) = self.of_kind_mut(kind);
        let mut waiting: Vec<Quarantined> = std::mem::take(waiting).into_values().collect();
        waiting.sort_unstable_by_key(|waits| waits.place);
        for waits in waiting {
            items.insert(waits.place.min(items.len()), waits.item);
        }
        self
    }

    /// What is served of a kind, and what waits.
    pub fn of_kind(&self, kind: Kind) -> (&Vec<Item>, &BTreeMap<String, Quarantined>) {
        let items = match kind {
            Kind::Instructions => &self.instructions,
            Kind::Tool => &self.tools,
            Kind::Prompt => &self.prompts,
            Kind::Resource => &self.resources,
            Kind::Template => &self.templates,
        };
        (items, &self.quarantined[kind as usize])
    }

    /// The same, to be changed.
    pub fn of_kind_mut(&mut self, kind: Kind) -> (&mut Vec<Item>, &mut BTreeMap<String, Quarantined>) {
        let items = match kind {
            Kind::Instructions => &mut self.instructions,
            Kind::Tool => &mut self.tools,
            Kind::Prompt => &mut self.prompts,
            Kind::Resource => &mut self.resources,
            Kind::Template => &mut self.templates,
        };
        (items, &mut self.quarantined[kind as usize])
    }

    /// What waits of a kind, by what the upstream calls it.
    pub fn waits(&self, kind: Kind) -> &BTreeMap<String, Quarantined> {
        &self.quarantined[kind as usize]
    }

    /// All that waits, of all kinds.
    pub fn waiting(&self) -> impl Iterator<Item = &Quarantined> {
        self.quarantined.iter().flat_map(BTreeMap::values)
    }
}
