//! Text as the tokens that the model knows: WordPiece over lower-case text without accents, as BERT does it.

use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer words are unknown.
const LONGEST_WORD: usize = 100;
const UNKNOWN: u32 = 100;
const BEGIN: u32 = 101;
const END: u32 = 102;

/// The vocabulary.
pub(super) struct Pieces {
    numbers: HashMap<&'static str, u32>,
    /// The pieces that go on with a word, without the `##` before them.
    inner: HashMap<&'static str, u32>,
}

impl Pieces {
    /// The pieces of `vocabulary`, one a line.
    pub(super) fn new(vocabulary: &'static str) -> Self {
        let (mut numbers, mut inner) = (HashMap::new(), HashMap::new());
        for (number, piece) in (0_u32..).zip(vocabulary.split('\n')) {
            match piece.strip_prefix("##").filter(|rest| !rest.is_empty()) {
                Some(rest) => inner.insert(rest, number),
                None => numbers.insert(piece, number),
            };
        }
        Self { numbers, inner }
    }

    /// The tokens of `text` between those of begin and end: `most` altogether, and what comes later is left out.
    pub(super) fn tokens(&self, text: &str, most: usize) -> Vec<u32> {
        let mut tokens = vec![BEGIN];
        // A character gives at least one token or goes into one with others: words of any length count as one.
        let clean = clean(text);
        for word in words(&clean) {
            self.word(word, &mut tokens);
            if tokens.len() >= most {
                break;
            }
        }
        tokens.truncate(most.saturating_sub(1));
        tokens.push(END);
        tokens
    }

    /// The longest piece that `word` begins with, and so on with the rest. A word that cannot be put together is unknown
    /// as a whole.
    fn word(&self, word: &str, tokens: &mut Vec<u32>) {
        let before = tokens.len();
        if word.chars().nth(LONGEST_WORD).is_some() {
            tokens.push(UNKNOWN);
            return;
        }
        let mut rest = word;
        while !rest.is_empty() {
            let pieces = if rest.len() == word.len() { &self.numbers } else { &self.inner };
            let ends = rest.char_indices().map(|(at, character)| at + character.len_utf8());
            let ends: Vec<_> = ends.collect();
            let found = ends.iter().rev().find_map(|&end| Some((end, *pieces.get(&rest[..end])?)));
            let Some((end, number)) = found else {
                tokens.truncate(before);
                tokens.push(UNKNOWN);
                return;
            };
            tokens.push(number);
            rest = &rest[end..];
        }
    }
}

/// Lower case, without accents and what cannot be seen; blanks round ideographs.
fn clean(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_whitespace() {
            spaced.push(' ');
        } else if is_ideograph(character) {
            spaced.extend([' ', character, ' ']);
        } else if !is_invisible(character) {
            spaced.push(character);
        }
    }
    if spaced.is_ascii() {
        return spaced.to_ascii_lowercase();
    }
    spaced.nfd().filter(|character| !is_combining_mark(*character)).flat_map(char::to_lowercase).collect()
}

/// The words between blanks; each punctuation mark is one.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ')
        .flat_map(|word| {
            word.split_inclusive(is_punctuation).flat_map(|part| {
                let mark = part.char_indices().next_back().filter(|(_, last)| is_punctuation(*last));
                let (before, mark) = part.split_at(mark.map_or(part.len(), |(at, _)| at));
                [before, mark]
            })
        })
        .filter(|word| !word.is_empty())
}

fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(u32::from(character),
            0xad | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x180e | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f
            | 0xe000..=0xf8ff | 0xfeff | 0xfff9..=0xfffb | 0xfffd | 0xe0001..=0xe007f)
}

fn is_ideograph(character: char) -> bool {
    matches!(u32::from(character),
        0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x2a6df | 0x2a700..=0x2ceaf | 0x2f800..=0x2fa1f)
}

/// Marks of Unicode's category P, and all of ASCII that is neither letter, digit nor blank.
fn is_punctuation(character: char) -> bool {
    character.is_ascii_punctuation()
        || matches!(u32::from(character),
            0xa1 | 0xa7 | 0xab | 0xb6 | 0xb7 | 0xbb | 0xbf | 0x37e | 0x387 | 0x55a..=0x55f | 0x589..=0x58a | 0x5be
            | 0x5c0 | 0x5c3 | 0x5c6 | 0x5f3..=0x5f4 | 0x609..=0x60a | 0x60c..=0x60d | 0x61b | 0x61d..=0x61f
            | 0x66a..=0x66d | 0x6d4 | 0x700..=0x70d | 0x964..=0x965 | 0x970 | 0xe4f | 0xe5a..=0xe5b | 0x10fb
            | 0x1360..=0x1368 | 0x17d4..=0x17d6 | 0x2010..=0x2027 | 0x2030..=0x2043 | 0x2045..=0x2051
            | 0x2053..=0x205e | 0x207d..=0x207e | 0x208d..=0x208e | 0x2308..=0x230b | 0x2329..=0x232a
            | 0x2768..=0x2775 | 0x27c5..=0x27c6 | 0x27e6..=0x27ef | 0x2983..=0x2998 | 0x29d8..=0x29db
            | 0x29fc..=0x29fd | 0x2e00..=0x2e5d | 0x3001..=0x3003 | 0x3008..=0x3011 | 0x3014..=0x301f | 0x3030
            | 0x303d | 0x30a0 | 0x30fb | 0xfe10..=0xfe19 | 0xfe30..=0xfe52 | 0xfe54..=0xfe61 | 0xfe63 | 0xfe68
            | 0xfe6a..=0xfe6b | 0xff01..=0xff03 | 0xff05..=0xff0a | 0xff0c..=0xff0f | 0xff1a..=0xff1b
            | 0xff1f..=0xff20 | 0xff3b..=0xff3d | 0xff3f | 0xff5b | 0xff5d | 0xff5f..=0xff65)
}
