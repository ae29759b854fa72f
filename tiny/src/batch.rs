//! Several texts that are looked at together.

use std::ops::Range;

/// Texts, one after the other.
#[derive(Default)]
pub(crate) struct Batch {
    /// The tokens of all texts.
    pub(crate) tokens: Vec<u32>,
    /// Where each text lies among them.
    pub(crate) texts: Vec<Range<usize>>,
    /// The places after which the model has something to say, and which token that should be.
    pub(crate) wanted: Vec<(usize, u32)>,
}

impl Batch {
    /// Adds a text. Of each token is said whether the model should have said it.
    pub(crate) fn add(&mut self, text: &[(u32, bool)]) {
        let start = self.tokens.len();
        let wanted = text.iter().enumerate().skip(1).filter(|(_, (_, is_said))| *is_said);
        self.wanted.extend(wanted.map(|(at, (token, _))| (start + at - 1, *token)));
        self.tokens.extend(text.iter().map(|(token, _)| *token));
        self.texts.push(start..self.tokens.len());
    }

    /// Adds a text after whose last token something is to be said, whatever it is.
    pub(crate) fn add_question(&mut self, text: &[u32]) {
        let start = self.tokens.len();
        self.tokens.extend(text);
        self.texts.push(start..self.tokens.len());
        self.wanted.push((self.tokens.len() - 1, 0));
    }
}
