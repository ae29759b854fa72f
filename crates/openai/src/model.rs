//! What the names of OpenAI's models say of what they take: the API tells nobody.
//!
//! Which words of effort each family takes, and what models that reason refuse, is as the guide to reasoning
//! (<https://developers.openai.com/api/docs/guides/reasoning>) and refusals of the API tell it.

/// Words of effort, the least first.
const EFFORTS: [&str; 7] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/// A model of OpenAI's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Model<'a> {
    name: &'a str,
    family: Family,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// One that does not reason: all before GPT-5, and those for chats.
    Plain,
    /// Of the line that began with o1.
    O,
    /// GPT-5 and later.
    Gpt(u32, u32),
}

impl<'a> Model<'a> {
    /// The model of this name. None where it is no name of OpenAI's: a server that is like OpenAI's may call its models as it
    /// likes, and open weights (`gpt-oss`) are served by many.
    pub fn of(name: &'a str) -> Option<Self> {
        let name = name.rsplit('/').next().unwrap_or_default();
        let name = name.strip_prefix("ft:").map_or(name, |tuned| tuned.split(':').next().unwrap_or_default());
        if name.starts_with("chatgpt-") {
            return Some(Self { name, family: Family::Plain });
        }
        if name.starts_with("codex-") {
            return Some(Self { name, family: Family::O });
        }
        if let Some(rest) = name.strip_prefix('o') {
            let number = rest.split('-').next().unwrap_or_default();
            let is_one = matches!(number, "1" | "3" | "4");
            return is_one.then_some(Self { name, family: Family::O });
        }
        let version = name.strip_prefix("gpt-")?.split('-').next().unwrap_or_default();
        let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
        // `gpt-4o` has a letter behind its number.
        let major: u32 = major.trim_end_matches(|character: char| character.is_ascii_lowercase()).parse().ok()?;
        let plain = major < 5 || name.contains("-chat");
        let family = if plain { Family::Plain } else { Family::Gpt(major, minor.parse().ok()?) };
        Some(Self { name, family })
    }

    /// Whether it reasons.
    pub fn reasons(self) -> bool {
        self.family != Family::Plain
    }

    /// Whether it takes `temperature`, `top_p` and the like beside this word of effort: those that reason do not, but for later
    /// ones where they are not to.
    pub fn takes_sampling(self, effort: Option<&str>) -> bool {
        if !self.reasons() {
            return true;
        }
        let usual = matches!(self.family, Family::Gpt(5, 1 | 2 | 4));
        self.efforts().contains(&"none") && effort.map_or(usual, |effort| effort == "none")
    }

    /// Whether breakpoints of the cache can be set for it.
    pub fn takes_breakpoints(self) -> bool {
        matches!(self.family, Family::Gpt(major, minor) if (major, minor) >= (5, 6))
    }

    /// Whether it takes words at which the answer ends.
    pub fn takes_stop(self) -> bool {
        !self.reasons() || matches!(self.family, Family::Gpt(major, minor) if (major, minor) >= (5, 5))
    }

    /// The word of effort that it takes in place of `word`: the next above, or its last. A word that is not known stays. None
    /// where it takes no such word.
    pub fn effort(self, word: &str) -> Option<&str> {
        let taken = self.efforts();
        let Some(place) = EFFORTS.iter().position(|known| *known == word) else {
            return self.reasons().then_some(word);
        };
        let above = EFFORTS.get(place..).unwrap_or_default().iter().find(|effort| taken.contains(effort));
        above.or(taken.last()).copied()
    }

    /// The words of effort that it takes, the least first.
    fn efforts(self) -> &'static [&'static str] {
        let (major, minor) = match self.family {
            Family::Plain => return &[],
            Family::O => return &["low", "medium", "high"],
            Family::Gpt(major, minor) => (major, minor),
        };
        match (major, minor) {
            (5, 0) if self.has("-pro") => &["high"],
            _ if self.has("-pro") => &["medium", "high", "xhigh"],
            (5, 0) if self.has("-codex") => &["low", "medium", "high"],
            (5, 0) => &["minimal", "low", "medium", "high"],
            (5, 1) if self.has("-codex-max") => &["low", "medium", "high", "xhigh"],
            (5, 1) if self.has("-codex-mini") => &["medium", "high"],
            (5, 1) if self.has("-codex") => &["low", "medium", "high"],
            (5, 1) => &["none", "low", "medium", "high"],
            _ if self.has("-codex") => &["low", "medium", "high", "xhigh"],
            (5, ..=5) => &["none", "low", "medium", "high", "xhigh"],
            _ => &["none", "low", "medium", "high", "xhigh", "max"],
        }
    }

    fn has(self, part: &str) -> bool {
        self.name.contains(part)
    }
}

/// Whether a model is served in chat completions alone, as its name says: those that hear and speak, and those that search by
/// themselves.
pub(crate) fn only_chats(name: &str) -> bool {
    ["-audio", "-search-preview", "-search-api"].iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests;
