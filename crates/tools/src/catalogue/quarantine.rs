//! Tools that wait for somebody's approval.

use super::{Catalogue, Item};
use base::visible::escaped;
use base::{Code, Error};

/// Why a tool is in quarantine.
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

/// A tool that waits for somebody's approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Its definition, as the upstream sent it.
    pub item: Item,
    /// The digest of that.
    pub digest: [u8; 32],
    /// Where it stands in the upstream's list.
    pub place: usize,
    /// Why it waits.
    pub why: Why,
    /// The name of the tool that it was, where it was renamed.
    pub formerly: Option<String>,
}

impl Quarantined {
    /// The error of a call to it.
    pub fn to_error(&self, upstream: &str) -> Error {
        let shown = |name: &str| escaped(&name.chars().take(100).collect::<String>());
        let tool = shown(&self.item.key);
        let why = match self.why {
            Why::Changed => "was changed by its server since it was approved".to_owned(),
            Why::Renamed => {
                let before = self.formerly.as_deref().map(shown).unwrap_or_default();
                format!("was `{before}` before its server renamed it")
            }
            Why::New => "is new, and new tools of this server want an approval".to_owned(),
            Why::Flagged => "has something in its definition that a person should look at".to_owned(),
            Why::Full => "is new, and its server has had more tools than can be remembered".to_owned(),
        };
        let message = format!("the tool `{tool}` of `{upstream}` {why}, so it is in quarantine");
        // A name that a shell would read as something else is not put where somebody copies it from.
        let plain = tool.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
        let which = if plain && !tool.starts_with('-') { format!(" {tool}") } else { String::new() };
        let next = format!("see what is different and approve it: `tutti server approve {upstream}{which}`");
        Error::new(Code::ToolQuarantined, message, next).of_upstream(upstream)
    }
}

impl Catalogue {
    /// What the upstream offers, without regard to what waits for an approval.
    #[must_use]
    pub fn whole(mut self) -> Self {
        let mut waiting: Vec<Quarantined> = std::mem::take(&mut self.quarantined).into_values().collect();
        waiting.sort_unstable_by_key(|waits| waits.place);
        for waits in waiting {
            self.tools.insert(waits.place.min(self.tools.len()), waits.item);
        }
        self
    }
}
