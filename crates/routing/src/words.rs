//! Names and amounts, as they stand in a line for a header.

use std::fmt::{Display, Formatter, Result as Written};

/// The most characters of a name.
const LONGEST_NAME: usize = 60;

/// `text` in printable ASCII, and not too long: it may come from a client, and goes into a header.
pub(crate) fn word(text: &str) -> String {
    let shown = |character: char| if character.is_ascii_graphic() { character } else { '?' };
    let mut characters = text.chars().map(shown);
    let mut word: String = characters.by_ref().take(LONGEST_NAME).collect();
    if characters.next().is_some() {
        word.push_str("...");
    }
    word
}

/// Nano-dollars as dollars, with four digits that count.
pub(crate) struct Dollars(pub(crate) u64);

impl Display for Dollars {
    fn fmt(&self, out: &mut Formatter<'_>) -> Written {
        let unit = self.0.checked_ilog10().map_or(1, |digits| 10_u64.pow(digits.saturating_sub(3)));
        let shown = self.0 / unit * unit;
        let (whole, part) = (shown / 1_000_000_000, shown % 1_000_000_000);
        let part = format!("{part:09}");
        let part = part.trim_end_matches('0');
        if part.is_empty() { write!(out, "${whole}") } else { write!(out, "${whole}.{part}") }
    }
}

#[cfg(test)]
mod tests;
