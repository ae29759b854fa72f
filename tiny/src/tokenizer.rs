//! A byte-level tokenizer by pairs, as GPT-2 has it: learned of texts, and used on others.

use std::collections::{BTreeMap, HashMap};

/// The tokens that steer, in the order of their ids.
pub(crate) const SPECIAL: [&str; 7] =
    ["<|pad|>", "<|bos|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>"];
/// What padding is made of.
pub(crate) const PADDING: u32 = 0;
/// What each text begins with.
pub(crate) const BEGIN: u32 = 1;
/// What each turn ends with.
pub(crate) const END: u32 = 2;

/// How texts become tokens.
pub(crate) struct Tokenizer {
    /// The bytes of each token.
    pub(crate) tokens: Vec<Vec<u8>>,
    /// The pairs that are put together, the first ones first.
    pub(crate) merges: Vec<(u32, u32)>,
    ranks: HashMap<(u32, u32), u32>,
}

impl Tokenizer {
    /// Learns `size` tokens of texts; fewer where these have no more pairs.
    pub(crate) fn learn<'text>(texts: impl Iterator<Item = &'text str>, size: usize) -> Self {
        let mut tokens: Vec<Vec<u8>> = SPECIAL.iter().map(|token| token.as_bytes().to_vec()).collect();
        tokens.extend((0..=u8::MAX).map(|byte| vec![byte]));
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for word in texts.flat_map(words) {
            *counts.entry(word).or_default() += 1;
        }
        let mut words: Vec<(Vec<u32>, usize)> =
            counts.into_iter().map(|(word, count)| (bytes(word).collect(), count)).collect();
        let mut merges = Vec::new();
        while tokens.len() < size {
            let mut pairs: BTreeMap<(u32, u32), usize> = BTreeMap::new();
            for (word, count) in &words {
                for pair in word.windows(2) {
                    *pairs.entry((pair[0], pair[1])).or_default() += count;
                }
            }
            // Of pairs that are as common the first one, so that the same texts teach the same.
            let Some(pair) = pairs.into_iter().rev().max_by_key(|(_, count)| *count).map(|(pair, _)| pair) else {
                break;
            };
            let joined = [tokens[pair.0 as usize].as_slice(), &tokens[pair.1 as usize]].concat();
            let token = tokens.len() as u32;
            words.iter_mut().for_each(|(word, _)| merge(word, pair, token));
            tokens.push(joined);
            merges.push(pair);
        }
        let ranks = merges.iter().copied().zip(first_merged()..).collect();
        Self { tokens, merges, ranks }
    }

    /// The tokens of a text in which nothing steers.
    pub(crate) fn encode(&self, text: &str) -> Vec<u32> {
        let mut tokens = Vec::new();
        for word in words(text) {
            let mut word: Vec<u32> = bytes(word).collect();
            loop {
                let pairs = word.windows(2).filter_map(|pair| {
                    let pair = (pair[0], pair[1]);
                    self.ranks.get(&pair).map(|token| (*token, pair))
                });
                let Some((token, pair)) = pairs.min() else { break };
                merge(&mut word, pair, token);
            }
            tokens.extend(word);
        }
        tokens
    }

    /// The text of tokens; what is no text becomes question marks.
    pub(crate) fn decode(&self, tokens: &[u32]) -> String {
        let bytes: Vec<u8> = tokens.iter().flat_map(|token| &self.tokens[*token as usize]).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// A token as files have it: each byte as one visible character.
    pub(crate) fn visible(&self, token: u32) -> String {
        let bytes = &self.tokens[token as usize];
        if (token as usize) < SPECIAL.len() {
            return String::from_utf8_lossy(bytes).into_owned();
        }
        bytes.iter().map(|byte| visible(*byte)).collect()
    }
}

/// The token of the first pair that is put together.
fn first_merged() -> u32 {
    SPECIAL.len() as u32 + 256
}

fn bytes(word: &str) -> impl Iterator<Item = u32> {
    word.bytes().map(|byte| SPECIAL.len() as u32 + u32::from(byte))
}

/// Puts together a pair wherever it stands in a word.
fn merge(word: &mut Vec<u32>, pair: (u32, u32), token: u32) {
    let mut at = 0;
    while at + 1 < word.len() {
        if (word[at], word[at + 1]) == pair {
            word[at] = token;
            word.remove(at + 1);
        }
        at += 1;
    }
}

/// The character that stands for a byte: itself where it is visible in Latin-1, else one of those from 256 on, in order.
fn visible(byte: u8) -> char {
    let is_visible = |byte: u8| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    if is_visible(byte) {
        return char::from(byte);
    }
    let before = (0..byte).filter(|other| !is_visible(*other)).count() as u32;
    char::from_u32(256 + before).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// What kind of character one is, for cutting texts into words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    Number,
    Space,
    Other,
}

fn kind(character: char) -> Kind {
    match character {
        _ if character.is_whitespace() => Kind::Space,
        _ if character.is_alphabetic() => Kind::Letter,
        _ if character.is_numeric() => Kind::Number,
        _ => Kind::Other,
    }
}

/// Cuts a text where no pair is put together, like the expression of GPT-2:
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (word, behind) = rest.split_at(first_word(rest));
        rest = behind;
        (!word.is_empty()).then_some(word)
    })
}

/// How many bytes the first word of a text has.
fn first_word(text: &str) -> usize {
    const ENDINGS: [&str; 7] = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];
    if let Some(ending) = ENDINGS.iter().find(|ending| text.starts_with(**ending)) {
        return ending.len();
    }
    let unspaced = text.strip_prefix(' ').unwrap_or(text);
    let run = |text: &str, wanted: Kind| text.find(|character| kind(character) != wanted).unwrap_or(text.len());
    if let Some(wanted) = unspaced.chars().next().map(kind).filter(|found| *found != Kind::Space) {
        return text.len() - unspaced.len() + run(unspaced, wanted);
    }
    let spaces = run(text, Kind::Space);
    // The last space before a word belongs to the word, or is one of its own.
    let last = text[..spaces].chars().next_back().map_or(0, char::len_utf8);
    if spaces == text.len() || spaces == last { spaces } else { spaces - last }
}

#[cfg(test)]
mod tests;
