//! How much of a view its clients see at once: every definition, or the few tools that find and call the others.
//!
//! Pure. A view has a mode; a client may choose another with the address that it connects to (`/mcp?mode=search`). What
//! it then sees is a *variant* of the view, which has a name of its own: sessions, cursors and news belong to variants.

use base::{Code, Error, Result};

/// What the clients of a view are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Every definition.
    #[default]
    All,
    /// The tools that find, describe and call the others.
    Search,
    /// Every definition while these are few, and else as [`Mode::Search`].
    Auto,
}

/// The modes and their names.
pub const MODES: [(&str, Mode); 3] = [("all", Mode::All), ("search", Mode::Search), ("auto", Mode::Auto)];

/// The tokens of all definitions above which [`Mode::Auto`] has them searched: what costs a client with a window of
/// 200,000 a twentieth of it, in each turn.
pub const THRESHOLD: usize = 10_000;

/// What a mode comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shown {
    /// Every definition.
    #[default]
    Everything,
    /// The tools that find, describe and call the others.
    Search,
}

impl Mode {
    /// What is shown of definitions with so many tokens, after what was shown `before`. Definitions that change around the
    /// threshold do not make clients ask for the list over and over: it takes a tenth less to go back.
    pub fn shows(self, tokens: usize, threshold: usize, before: Option<Shown>) -> Shown {
        let limit = if before == Some(Shown::Search) { threshold - threshold / 10 } else { threshold };
        match self {
            Mode::All => Shown::Everything,
            Mode::Search => Shown::Search,
            Mode::Auto if tokens > limit => Shown::Search,
            Mode::Auto => Shown::Everything,
        }
    }
}

/// What a client chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Variant {
    /// The mode; nothing where the view's own holds.
    pub mode: Option<Mode>,
}

/// What stands between the name of a view and what was chosen of it. No name of a view has it.
const MARK: char = '?';

impl Variant {
    /// All that a client can choose, with the view as it is configured first.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::default()).chain(MODES.iter().map(|(_, mode)| Self { mode: Some(*mode) }))
    }

    /// Reads the query of an address. What else stands there is passed over.
    ///
    /// # Errors
    /// [`Code::UnknownMode`] for a mode that there is not, or two.
    pub fn of_query(query: Option<&str>) -> Result<Self> {
        let pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
        let mut modes = pairs.filter(|(name, _)| *name == "mode").map(|(_, value)| value);
        let Some(asked) = modes.next() else { return Ok(Self::default()) };
        let mode = MODES.iter().find(|(name, _)| *name == asked).map(|(_, mode)| *mode);
        match mode.filter(|_| modes.next().is_none()) {
            Some(mode) => Ok(Self { mode: Some(mode) }),
            None => {
                let asked: String = base::visible::escaped(&asked.chars().take(40).collect::<String>());
                let message = format!("the address asks for the mode `{asked}`, which there is not, or for two modes");
                Err(Error::new(Code::UnknownMode, message, "write one of ?mode=all, ?mode=search, ?mode=auto"))
            }
        }
    }

    /// The name of this variant of the view `view`.
    pub fn name(self, view: &str) -> String {
        let mode = self.mode.and_then(|mode| MODES.iter().find(|(_, known)| *known == mode));
        mode.map_or_else(|| view.to_owned(), |(name, _)| format!("{view}{MARK}mode={name}"))
    }
}

/// The name of the view that the variant `name` is of.
pub fn view_of(name: &str) -> &str {
    name.split(MARK).next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
