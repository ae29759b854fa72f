//! Text as tokens and back, as the file of a model says.
//!
//! Two kinds of tokenizers are known: byte pair encoding over bytes (`gpt2`; Sennrich and others, "Neural Machine Translation of
//! Rare Words with Subword Units"), and pieces with scores that merge the best first (`llama`, the BPE of SentencePiece). The
//! keys are those of <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.

mod alphabet;
mod load;
mod merge;
mod special;
mod words;

pub(crate) mod written;

pub(crate) use special::{UNSPOKEN, disarm};

use merge::{Symbol, merge};
use special::Specials;
use std::collections::HashMap;
use words::Words;

/// A blank in the vocabulary of pieces with scores.
const BLANK: &str = "\u{2581}";

/// A token's number.
pub type Token = u32;

/// A tokenizer.
pub(crate) struct Tokens {
    vocabulary: Vocabulary,
    specials: Specials,
    method: Method,
    pub(crate) begin: Option<Token>,
    pub(crate) ends: Vec<Token>,
    /// Texts begin with the token of the beginning.
    pub(crate) adds_begin: bool,
}

enum Method {
    Bytes(Bytes),
    Scores(Scores),
}

/// Byte pair encoding over bytes.
struct Bytes {
    words: Words,
    /// Whole words of the vocabulary are one token, whatever the merges say.
    whole_words: bool,
    /// The token of each byte.
    of_byte: Vec<Option<Token>>,
    /// Which pairs merge, how early, and into what.
    merges: HashMap<(Token, Token), (u32, Token)>,
}

/// Pieces with scores.
struct Scores {
    scores: Vec<f32>,
    /// The token of each byte, for what has no piece.
    of_byte: Vec<Option<Token>>,
    unknown: Option<Token>,
    /// Texts begin with a blank.
    adds_blank: bool,
}

/// What tokens stand for.
struct Vocabulary {
    /// The bytes of all tokens, one after the other, and where each ends.
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Those that ordinary text becomes, by how they stand in the file.
    by_text: HashMap<Vec<u8>, Token>,
    longest: usize,
}

impl Tokens {
    /// How many tokens there are.
    pub(crate) fn count(&self) -> usize {
        self.vocabulary.ends.len()
    }

    /// What a token stands for in a text: nothing where it only controls, or is none.
    pub(crate) fn bytes(&self, token: Token) -> &[u8] {
        self.vocabulary.bytes(token)
    }

    /// How a control token is written in templates.
    pub(crate) fn written(&self, token: Token) -> &str {
        self.specials.written(token)
    }

    /// The texts that must not come from messages.
    pub(crate) fn specials(&self) -> &Specials {
        &self.specials
    }

    /// The tokens of `text`, none of which controls anything.
    pub(crate) fn plain(&self, text: &str) -> Vec<Token> {
        let mut tokens = Vec::new();
        self.append(text, true, &mut tokens);
        tokens
    }

    /// The tokens of what a template made: what looks like a control token is one, unless a message brought it.
    pub(crate) fn rendered(&self, text: &str) -> Vec<Token> {
        let mut tokens = Vec::new();
        if self.adds_begin && !self.begins_itself(text) {
            tokens.extend(self.begin);
        }
        let mut is_first = true;
        self.specials.split(text, |part| match part {
            special::Part::Special(token) => {
                tokens.push(token);
                is_first = true;
            }
            special::Part::Text(text) => {
                self.append(&text.replace(UNSPOKEN, ""), is_first, &mut tokens);
                is_first = false;
            }
        });
        tokens
    }

    fn begins_itself(&self, text: &str) -> bool {
        self.begin.is_some_and(|begin| {
            let written = self.written(begin);
            !written.is_empty() && text.starts_with(written)
        })
    }

    /// Adds the tokens of ordinary text; `is_first` where nothing, or a control token, comes before it.
    fn append(&self, text: &str, is_first: bool, tokens: &mut Vec<Token>) {
        if text.is_empty() {
            return;
        }
        match &self.method {
            Method::Bytes(bytes) => bytes.append(&self.vocabulary, text, tokens),
            Method::Scores(scores) => scores.append(&self.vocabulary, text, is_first, tokens),
        }
    }
}

impl Vocabulary {
    fn bytes(&self, token: Token) -> &[u8] {
        let place = token as usize;
        let start = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(place).and_then(|end| self.bytes.get(start..*end)).unwrap_or_default()
    }

    fn find(&self, text: &[u8]) -> Option<Token> {
        if text.len() > self.longest { None } else { self.by_text.get(text).copied() }
    }
}

impl Bytes {
    fn append(&self, vocabulary: &Vocabulary, text: &str, tokens: &mut Vec<Token>) {
        let mut rest = text;
        while !rest.is_empty() {
            let (word, after) = rest.split_at(self.words.first(rest));
            rest = after;
            if let Some(token) = self.whole_words.then(|| vocabulary.find(word.as_bytes())).flatten() {
                tokens.push(token);
                continue;
            }
            let known = word.bytes().enumerate().filter_map(|(start, byte)| {
                let token = self.of_byte.get(usize::from(byte)).copied().flatten()?;
                Some(Symbol { start, end: start + 1, token: Some(token) })
            });
            let merged = merge(known.collect(), |left, right| {
                let (rank, token) = *self.merges.get(&(left.token?, right.token?))?;
                Some((u64::from(rank), Some(token)))
            });
            tokens.extend(merged.filter_map(|symbol| symbol.token));
        }
    }
}

impl Scores {
    fn append(&self, vocabulary: &Vocabulary, text: &str, is_first: bool, tokens: &mut Vec<Token>) {
        let mut escaped = text.replace(' ', BLANK);
        if is_first && self.adds_blank {
            escaped.insert_str(0, BLANK);
        }
        let symbols = escaped.char_indices().map(|(start, character)| {
            let end = start + character.len_utf8();
            Symbol { start, end, token: vocabulary.find(&escaped.as_bytes()[start..end]) }
        });
        let merged = merge(symbols.collect(), |left, right| {
            let token = vocabulary.find(&escaped.as_bytes()[left.start..right.end])?;
            let score = self.scores.get(token as usize).copied().unwrap_or(0.0);
            Some((first_is_best(score), Some(token)))
        });
        for symbol in merged {
            match symbol.token {
                Some(token) => tokens.push(token),
                None => tokens.extend(
                    escaped.as_bytes()[symbol.start..symbol.end]
                        .iter()
                        .filter_map(|byte| self.of_byte.get(usize::from(*byte)).copied().flatten().or(self.unknown)),
                ),
            }
        }
    }
}

/// A number that is the smaller the greater the score is.
fn first_is_best(score: f32) -> u64 {
    let bits = score.to_bits();
    let ascending = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
    u64::from(!ascending)
}

#[cfg(test)]
mod tests;
