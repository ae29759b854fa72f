//! Where texts are cut before their bytes are merged: no token goes over such a cut.
//!
//! Each kind is a regular expression in the original, given here with its name in files. They are followed by hand: a word is
//! found by looking at each character once.

use unicode_normalization::char::is_combining_mark;

/// How texts are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    Gpt2,
    /// The same, and each digit by itself.
    Digits,
    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,n}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`, with
    /// this for n.
    Lines(usize),
}

impl Words {
    /// The way of this name (`tokenizer.ggml.pre`), if it is known, and whether words of the vocabulary stay whole.
    pub(super) fn named(name: &str) -> Option<(Self, bool)> {
        Some(match name {
            "gpt-2" | "default" | "phi-2" | "mpt" | "olmo" | "jina-es" | "jina-de" | "roberta-bpe" => {
                (Self::Gpt2, false)
            }
            "smollm" | "starcoder" | "refact" | "command-r" | "codeshell" => (Self::Digits, false),
            "llama-bpe" | "llama3" | "llama-v3" | "falcon3" => (Self::Lines(3), true),
            "dbrx" | "smaug-bpe" => (Self::Lines(3), false),
            "qwen2" | "deepseek-r1-qwen" | "stablelm2" => (Self::Lines(1), false),
            _ => return None,
        })
    }

    /// How many bytes the first word of `text`, which is not empty, takes.
    pub(super) fn first(self, text: &str) -> usize {
        match self {
            Self::Gpt2 => gpt2(text),
            Self::Digits => digits(text),
            Self::Lines(most) => lines(text, most),
        }
    }
}

fn gpt2(text: &str) -> usize {
    if let Some(length) = contraction(text, false) {
        return length;
    }
    let after = text.strip_prefix(' ').unwrap_or(text);
    let blank = text.len() - after.len();
    let run = [run(after, is_letter), run(after, is_digit), run(after, is_mark)].into_iter().find(|run| *run > 0);
    run.map_or_else(|| blanks(text), |run| blank + run)
}

/// A digit ends the text before it, as it was cut first.
fn digits(text: &str) -> usize {
    match text.find(is_digit) {
        Some(0) => text.chars().next().map_or(1, char::len_utf8),
        Some(end) => gpt2(&text[..end]),
        None => gpt2(text),
    }
}

fn lines(text: &str, most: usize) -> usize {
    if let Some(length) = contraction(text, true) {
        return length;
    }
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return 1 };
    if is_letter(first) {
        return run(text, is_letter);
    }
    if is_digit(first) {
        return text.chars().take(most).take_while(|character| is_digit(*character)).map(char::len_utf8).sum();
    }
    let after_first = run(characters.as_str(), is_letter);
    if after_first > 0 && !matches!(first, '\r' | '\n') {
        return first.len_utf8() + after_first;
    }
    let after = text.strip_prefix(' ').unwrap_or(text);
    let marks = run(after, is_mark);
    if marks > 0 {
        let ends = run(&after[marks..], |character| matches!(character, '\r' | '\n'));
        return text.len() - after.len() + marks + ends;
    }
    let blank = run(text, char::is_whitespace);
    match text[..blank].rfind(['\r', '\n']) {
        Some(last) => last + 1,
        None => blanks(text),
    }
}

/// White space up to what follows, but for the last of several, which goes to the word behind.
fn blanks(text: &str) -> usize {
    let all = run(text, char::is_whitespace);
    let last = text[..all].chars().next_back().map_or(0, char::len_utf8);
    if all == text.len() || all == last { all.max(1) } else { all - last }
}

fn contraction(text: &str, any_case: bool) -> Option<usize> {
    let after = text.strip_prefix('\'')?;
    let fits = |ending: &&&str| {
        let start = after.get(..ending.len());
        start.is_some_and(|start| start == **ending || (any_case && start.eq_ignore_ascii_case(ending)))
    };
    ["s", "t", "re", "ve", "m", "ll", "d"].iter().find(fits).map(|ending| 1 + ending.len())
}

/// How many bytes of `text` the characters take that it begins with and that are `such`.
fn run(text: &str, such: impl Fn(char) -> bool) -> usize {
    text.find(|character| !such(character)).unwrap_or(text.len())
}

/// Unicode's category L: what is alphabetic, without numbers, marks and letters in circles and squares, which are symbols.
fn is_letter(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphabetic();
    }
    let is_symbol =
        matches!(u32::from(character), 0x24b6..=0x24e9 | 0x1f130..=0x1f149 | 0x1f150..=0x1f169 | 0x1f170..=0x1f189);
    character.is_alphabetic() && !character.is_numeric() && !is_combining_mark(character) && !is_symbol
}

/// Unicode's category N.
fn is_digit(character: char) -> bool {
    character.is_numeric()
}

fn is_mark(character: char) -> bool {
    !character.is_whitespace() && !is_letter(character) && !is_digit(character)
}
