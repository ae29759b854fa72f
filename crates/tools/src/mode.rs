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
    /// Whether results come whole, however long they are.
    pub plain: bool,
}

/// What stands between the name of a view and what was chosen of it. No name of a view has it.
const MARK: char = '?';

impl Variant {
    /// All that a client can choose, with the view as it is configured first.
    pub fn all() -> impl Iterator<Item = Self> {
        let modes = || std::iter::once(None).chain(MODES.iter().map(|(_, mode)| Some(*mode)));
        [false, true].into_iter().flat_map(move |plain| modes().map(move |mode| Self { mode, plain }))
    }

    /// Reads the query of an address. What else stands there is passed over.
    ///
    /// # Errors
    /// [`Code::UnknownMode`] for a mode that there is not, or two.
    pub fn of_query(query: Option<&str>) -> Result<Self> {
        let known: Vec<&str> = MODES.iter().map(|(name, _)| *name).collect();
        let mode = chosen(query, "mode", &known)?;
        let plain = chosen(query, "context", &["plain"])?.is_some();
        Ok(Self { mode: mode.map(|place| MODES[place].1), plain })
    }

    /// The name of this variant of the view `view`.
    pub fn name(self, view: &str) -> String {
        let mode = self.mode.and_then(|mode| MODES.iter().find(|(_, known)| *known == mode));
        let mode = mode.map(|(name, _)| format!("mode={name}"));
        let plain = self.plain.then(|| "context=plain".to_owned());
        let chosen: Vec<String> = mode.into_iter().chain(plain).collect();
        if chosen.is_empty() { view.to_owned() } else { format!("{view}{MARK}{}", chosen.join("&")) }
    }
}

/// Which of `known` the query names under `name`, if any.
fn chosen(query: Option<&str>, name: &str, known: &[&str]) -> Result<Option<usize>> {
    let pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value);
    let Some(asked) = values.next() else { return Ok(None) };
    let place = known.iter().position(|known| *known == asked);
    if place.is_some() && values.next().is_none() {
        return Ok(place);
    }
    let asked = base::visible::escaped(&asked.chars().take(40).collect::<String>());
    let message = format!("the address asks for the {name} `{asked}`, which there is not, or for two");
    let all: Vec<String> = known.iter().map(|known| format!("?{name}={known}")).collect();
    Err(Error::new(Code::UnknownMode, message, format!("write one of {}", all.join(", "))))
}

/// The name of the view that the variant `name` is of.
pub fn view_of(name: &str) -> &str {
    name.split(MARK).next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
