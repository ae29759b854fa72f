//! How many tokens a text is to a model: to the token where the vocabulary of its family is open, and else estimated.

mod known;
mod rough;
mod vocabulary;

pub use self::rough::estimate;
pub use self::vocabulary::release_when_idle;

use self::vocabulary::{SHELF, Vocabulary};
use serde_json::{Value, json};
use std::fmt;
use std::iter::Sum;
use std::ops::Add;

/// The models that have a way to count in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Family {
    /// No model in particular. A guess that needs no vocabulary: for 19 of 20 texts of 4,000 characters it is within 19 %
    /// of what GPT-4o counts, within 36 % where they are JSON.
    #[default]
    Any,
    /// GPT-4o, GPT-4.1, GPT-5, the o series, gpt-oss.
    O200k,
    /// GPT-4, GPT-3.5.
    Cl100k,
    /// Qwen 2 to 3.
    Qwen,
    /// Mistral's models with the tokenizer Tekken, from Nemo on.
    Mistral,
    /// Llama 3. Estimated: its vocabulary may not be passed on freely.
    Llama,
    /// DeepSeek V3. Estimated, as Llama.
    DeepSeek,
    /// Gemini 2 and later. Estimated, as Llama.
    Gemini,
    /// Claude from Opus 4.7 on. Estimated: its vocabulary is not public.
    Claude,
}

/// The families and their names.
pub const FAMILIES: [(&str, Family); 9] = [
    ("any", Family::Any),
    ("o200k", Family::O200k),
    ("cl100k", Family::Cl100k),
    ("qwen", Family::Qwen),
    ("mistral", Family::Mistral),
    ("llama", Family::Llama),
    ("deepseek", Family::DeepSeek),
    ("gemini", Family::Gemini),
    ("claude", Family::Claude),
];

/// How many tokens something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The number.
    pub tokens: usize,
    /// Whether the model counts the same.
    pub exact: bool,
}

/// The most bytes of one thing that are counted to the token: about two milliseconds for what people write, twenty for the
/// worst that can be sent. What is longer is estimated by its beginning and its end.
const EXACT: usize = 128 << 10;

/// The same where parts of one thing are looked for that are so many tokens, which takes several looks.
const SEVERAL: usize = 4 * EXACT;

/// Of less than this much of a longer text nothing can be told about the rest.
const LEAST: usize = 1024;

/// The most bytes that a token is in the mean of any text that people write.
const LONGEST: usize = 8;

impl Family {
    /// What it is called in the configuration.
    pub fn name(self) -> &'static str {
        FAMILIES.iter().find(|(_, family)| *family == self).map_or("any", |(name, _)| name)
    }

    /// The vocabulary to count with, and how many tokens a thousand of that are. What the estimates come to was measured;
    /// `docs/reference/configuration.md` says how far off they are.
    fn vocabulary(self) -> Option<(Vocabulary, usize)> {
        match self {
            Family::Any => None,
            Family::O200k => Some((Vocabulary::O200k, 1000)),
            Family::Cl100k => Some((Vocabulary::Cl100k, 1000)),
            Family::Qwen => Some((Vocabulary::Qwen, 1000)),
            Family::Mistral => Some((Vocabulary::Mistral, 1000)),
            Family::Llama => Some((Vocabulary::O200k, 998)),
            Family::DeepSeek => Some((Vocabulary::O200k, 1040)),
            Family::Gemini => Some((Vocabulary::O200k, 1110)),
            Family::Claude => Some((Vocabulary::O200k, 1400)),
        }
    }

    /// Whether counting needs a vocabulary, so that the first count takes a tenth of a second.
    pub fn has_vocabulary(self) -> bool {
        self.vocabulary().is_some()
    }

    /// How many tokens `text` is.
    pub fn count(self, text: &str) -> Count {
        Meter::new(self).count(text)
    }

    /// The same for a text that will be counted again: what it was is remembered.
    pub fn count_known(self, text: &str) -> Count {
        match self.vocabulary() {
            None => self.count(text),
            Some(_) => known::COUNTS.get(self, text, || self.count(text)),
        }
    }
}

/// Counts the texts of one thing, and looks closely at no more of them than costs little.
#[derive(Debug)]
pub struct Meter {
    family: Family,
    left: usize,
}

impl Meter {
    /// A count in the tokens of `family`.
    pub fn new(family: Family) -> Self {
        Self { family, left: EXACT }
    }

    /// One that looks for parts.
    pub fn of_parts(family: Family) -> Self {
        Self { family, left: SEVERAL }
    }

    /// How many tokens `text` is.
    pub fn count(&mut self, text: &str) -> Count {
        let guess = || Count { tokens: estimate(text).min(text.len()), exact: false };
        let Some((vocabulary, share)) = self.family.vocabulary() else { return guess() };
        let of = |text: &str| SHELF.count(vocabulary, text);
        let (counted, exact) = if text.len() <= self.left {
            self.left -= text.len();
            (of(text), share == 1000)
        } else if self.left >= LEAST {
            let head = &text[..text.floor_char_boundary(self.left - self.left / 3)];
            let tail = &text[text.ceil_char_boundary(text.len() - self.left / 3)..];
            self.left = 0;
            let (part, looked_at) = (of(head) + of(tail), head.len() + tail.len());
            (part.saturating_mul(text.len()) / looked_at.max(1), false)
        } else {
            return guess();
        };
        // No token is less than a byte.
        Count { tokens: (counted.saturating_mul(share) / 1000).min(text.len()), exact }
    }

    /// A beginning of `text` of at most `tokens` tokens, and not much less where there is more: how many bytes it is. It is a
    /// character at least.
    pub fn beginning(&mut self, text: &str, tokens: usize) -> usize {
        let whole = |size: usize| text.floor_char_boundary(size);
        self.fitting(text.len(), tokens, whole, |size| &text[..size]).max(text.ceil_char_boundary(1.min(text.len())))
    }

    /// An end of `text`, likewise; it may be empty.
    pub fn ending(&mut self, text: &str, tokens: usize) -> usize {
        let whole = |size: usize| text.len() - text.ceil_char_boundary(text.len() - size);
        self.fitting(text.len(), tokens, whole, |size| &text[text.len() - size..])
    }

    /// How many bytes of `all` are at most `tokens` tokens: `whole` makes a size one of whole characters, `part` gives the
    /// text of that size.
    fn fitting<'a>(
        &mut self,
        all: usize,
        tokens: usize,
        whole: impl Fn(usize) -> usize,
        part: impl Fn(usize) -> &'a str,
    ) -> usize {
        let mut size = whole(all.min(tokens.saturating_mul(LONGEST)));
        // Each round comes nearer; where the text is of very different kinds, not near enough in these.
        for _ in 0..6 {
            let found = self.count(part(size)).tokens;
            if found <= tokens {
                return size;
            }
            size = whole(size.saturating_mul(tokens) / found);
        }
        // No token is less than a byte.
        if self.count(part(size)).tokens <= tokens { size } else { whole(all.min(tokens)) }
    }
}

impl Count {
    /// Nothing.
    pub const NONE: Self = Self { tokens: 0, exact: true };

    /// What is left of `self` without `other`.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self { tokens: self.tokens.saturating_sub(other.tokens), exact: self.exact && other.exact }
    }
}

impl Default for Count {
    fn default() -> Self {
        Self::NONE
    }
}

impl Add for Count {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { tokens: self.tokens.saturating_add(other.tokens), exact: self.exact && other.exact }
    }
}

impl Sum for Count {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::NONE, Add::add)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = if self.exact { "" } else { "about " };
        write!(formatter, "{about}{}", self.tokens)
    }
}

/// What programs are told of something that is `shown` in the place of `all`, in the tokens of `family`.
pub fn told(family: Family, shown: Count, all: Count) -> Value {
    let saved = all.less(shown);
    json!({
        "shown": shown.tokens, "all": all.tokens, "saved": saved.tokens,
        "family": family.name(), "exact": saved.exact,
    })
}

#[cfg(test)]
mod tests;
