//! What a client is told of the parts of its request.

use conversation::Usage;
use http::{HeaderMap, HeaderName, HeaderValue};
use hybrid::Part;

/// The header that names the strategy.
const STRATEGY: &str = "x-tutti-strategy";
/// The header that says what became of each part, in the order in which they ended.
const PARTS: &str = "x-tutti-parts";
/// The header that says how many tokens less were sent to the model that answers: about `3200 of 4100`.
const SAVED: &str = "x-tutti-saved";
/// The header that names the run under which all parts are in the books.
const RUN: &str = "x-tutti-run";
/// The most bytes of a header.
const LONGEST: usize = 2_000;

/// What became of the parts.
pub(super) struct Report {
    strategy: &'static str,
    run: String,
    parts: String,
    saved: Option<(u64, u64)>,
}

impl Report {
    pub(super) fn new(strategy: &'static str, run: &str) -> Self {
        Self { strategy, run: run.to_owned(), parts: String::new(), saved: None }
    }

    /// A part answered.
    pub(super) fn answered(&mut self, part: &Part, usage: Option<&Usage>) {
        let tokens = usage.map(|usage| format!(" {}+{}", usage.input.unwrap_or(0), usage.output.unwrap_or(0)));
        self.note(part, &format!("answered{}", tokens.unwrap_or_default()));
    }

    /// A part failed with this code.
    pub(super) fn failed(&mut self, part: &Part, code: &str) {
        self.note(part, code);
    }

    /// Another was quicker.
    pub(super) fn given_up(&mut self, part: &Part) {
        self.note(part, "given up");
    }

    /// The model that answers is sent `sent` tokens in place of `all`, as far as they can be estimated.
    pub(super) fn sent(&mut self, sent: u64, all: u64) {
        if sent < all {
            self.saved = Some((all - sent, all));
        }
    }

    /// Puts it into headers.
    pub(super) fn tell(&self, headers: &mut HeaderMap) {
        let saved = self.saved.map(|(less, all)| format!("{less} of {all}")).unwrap_or_default();
        let values = [(STRATEGY, self.strategy), (PARTS, &self.parts), (SAVED, &saved), (RUN, &self.run)];
        for (name, text) in values.into_iter().filter(|(_, text)| !text.is_empty()) {
            let text = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or(text);
            let plain: String = text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect();
            if let Ok(value) = HeaderValue::from_str(&plain) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }

    fn note(&mut self, part: &Part, what: &str) {
        // What no longer fits is not told: a header has an end.
        if self.parts.len() < LONGEST {
            let comma = if self.parts.is_empty() { "" } else { ", " };
            self.parts.push_str(&format!("{comma}{} {} {what}", part.role, part.model));
        }
    }
}

#[cfg(test)]
mod tests;
