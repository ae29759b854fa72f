//! An event like the one before, but for the text in it. Pure.
//!
//! Nearly all events of a stream differ in what the model says and in nothing else. What was found out of one of them holds
//! for the next, which is then recognized by its bytes instead of being read.

use mcp::raw;

/// After so many events that were remembered in vain none is any more.
const IN_VAIN: u8 = 8;

/// What an event is but for its text.
#[derive(Debug, Default)]
pub(super) struct Pattern {
    /// The bytes before the text, up to its first quote.
    before: Vec<u8>,
    /// The bytes behind the text, from its last quote to the end of the event; none where no event is remembered.
    behind: Vec<u8>,
    /// How many bytes of the event are beside its data.
    beside: usize,
    in_vain: u8,
}

/// An event that fits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fit {
    /// How many bytes it has.
    pub(super) event: usize,
    /// How many of them are its data.
    pub(super) data: usize,
}

impl Pattern {
    /// Remembers no event.
    pub(super) fn forget(&mut self) {
        self.behind.clear();
    }

    /// Whether it is worth while to remember one.
    pub(super) fn is_worth(&self) -> bool {
        self.in_vain < IN_VAIN
    }

    /// Remembers `event`, in whose data of `data` bytes the model says `text`, a JSON text with its quotes.
    pub(super) fn learn(&mut self, event: &str, data: usize, text: &str) {
        self.in_vain = self.in_vain.saturating_add(1);
        let inside = text.get(1..text.len().saturating_sub(1)).and_then(|text| raw::range_of(event, text));
        // What is joined of several lines stands elsewhere.
        let Some(inside) = inside else { return };
        self.before.clear();
        self.before.extend_from_slice(event.as_bytes().get(..inside.start).unwrap_or_default());
        self.behind.extend_from_slice(event.as_bytes().get(inside.end..).unwrap_or_default());
        self.beside = event.len().saturating_sub(data);
    }

    /// Whether `input` begins with an event like the one that is remembered, whose text says something and has no escapes.
    pub(super) fn fit(&mut self, input: &[u8]) -> Option<Fit> {
        if self.behind.is_empty() {
            return None;
        }
        let rest = input.strip_prefix(self.before.as_slice())?;
        let length = raw::plain(rest);
        let (text, behind) = rest.split_at_checked(length)?;
        let says = !text.is_empty() && (text.is_ascii() || std::str::from_utf8(text).is_ok());
        // What is remembered begins with the quote at which the text ends.
        if !says || !behind.starts_with(&self.behind) {
            return None;
        }
        self.in_vain = 0;
        let event = self.before.len() + length + self.behind.len();
        Some(Fit { event, data: event - self.beside })
    }
}

#[cfg(test)]
mod tests;
