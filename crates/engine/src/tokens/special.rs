//! Tokens that are not made of ordinary text.
//!
//! What a template writes is control, what a message says is not. So before a template sees a text of a message, what looks like
//! a control token in it is broken with a character that stands for nothing ([`UNSPOKEN`]); it is taken out again when all is cut
//! into tokens, and none of the pieces can be a control token.

use super::Token;
use std::collections::{BTreeSet, HashMap};

/// A noncharacter of Unicode: no text has it (section 23.7 of the standard), and where one does it is taken out.
pub(crate) const UNSPOKEN: char = '\u{fdd0}';

/// All special tokens.
#[derive(Default)]
pub(crate) struct Specials {
    by_text: HashMap<String, Token>,
    controls: HashMap<Token, String>,
    /// The lengths that there are for each first byte, the longest first.
    lengths: HashMap<u8, Vec<usize>>,
}

/// A piece of what a template made.
pub(super) enum Part<'text> {
    Special(Token),
    Text(&'text str),
}

impl Specials {
    pub(super) fn new(specials: impl Iterator<Item = (String, Token, bool)>) -> Self {
        let mut all = Self::default();
        let mut lengths: HashMap<u8, BTreeSet<usize>> = HashMap::new();
        for (text, token, is_control) in specials {
            let Some(first) = text.bytes().next() else { continue };
            lengths.entry(first).or_default().insert(text.len());
            if is_control {
                all.controls.insert(token, text.clone());
            }
            all.by_text.insert(text, token);
        }
        all.lengths =
            lengths.into_iter().map(|(first, lengths)| (first, lengths.into_iter().rev().collect())).collect();
        all
    }

    pub(super) fn written(&self, token: Token) -> &str {
        self.controls.get(&token).map_or("", String::as_str)
    }

    /// The longest special token that `text` begins with.
    fn at(&self, text: &str) -> Option<(Token, usize)> {
        let lengths = self.lengths.get(text.as_bytes().first()?)?;
        lengths.iter().find_map(|length| Some((*self.by_text.get(text.get(..*length)?)?, *length)))
    }

    /// Cuts `text` at the special tokens in it.
    pub(super) fn split<'text>(&self, text: &'text str, mut take: impl FnMut(Part<'text>)) {
        let (mut start, mut place) = (0, 0);
        while let Some(rest) = text.get(place..).filter(|rest| !rest.is_empty()) {
            if let Some((token, length)) = self.at(rest) {
                take(Part::Text(&text[start..place]));
                take(Part::Special(token));
                place += length;
                start = place;
            } else {
                place += rest.chars().next().map_or(1, char::len_utf8);
            }
        }
        take(Part::Text(&text[start..]));
    }

    /// Whether `text` is the beginning of a special token and not the whole.
    fn is_begun_by(&self, text: &str) -> bool {
        let lengths = text.as_bytes().first().and_then(|first| self.lengths.get(first));
        lengths.is_some() && self.by_text.keys().any(|special| special.len() > text.len() && special.starts_with(text))
    }

    fn longest(&self) -> usize {
        self.lengths.values().filter_map(|lengths| lengths.first()).copied().max().unwrap_or(0)
    }
}

/// `text` with every special token in it broken, and what could become one with the text behind it.
pub(crate) fn disarm(specials: &Specials, text: &str) -> String {
    let text = text.replace(UNSPOKEN, "");
    let mut safe = String::with_capacity(text.len());
    // Only the end can go on behind the text. A blank there may be trimmed away by the template.
    let spoken = text.trim_end();
    let tail = spoken.len().saturating_sub(specials.longest());
    for (place, character) in text.char_indices() {
        safe.push(character);
        let rest = &text[place..];
        let is_open_end = place >= tail && place < spoken.len() && specials.is_begun_by(&spoken[place..]);
        if !character.is_whitespace() && (is_open_end || specials.at(rest).is_some()) {
            safe.push(UNSPOKEN);
        }
    }
    safe
}
