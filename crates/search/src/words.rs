//! Text as the words that are looked up: identifiers taken apart, endings cut off, words that say nothing left out.
//!
//! Texts and questions go through the same function, so that whatever it does to a word it does on both sides.

mod stem;

use stem::stem;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words that stand in nearly every English sentence and tell no text from another.
const STOP_WORDS: [&str; 36] = [
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "could", "for", "from", "i", "in", "is", "it", "me", "my",
    "of", "on", "or", "our", "please", "that", "the", "this", "to", "we", "with", "would", "you", "your", "s", "t",
    "m", "ve",
];
/// Longer runs are no words of any language but data, such as keys or images in base64.
const LONGEST: usize = 64;

/// The words of `text` in their order: lower case, without accents, endings and stop words.
///
/// `getUserById`, `get_user_by_id` and `get user by id` give the same. Scripts that put no blanks between words give
/// each pair of neighbouring characters.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    each_run(&fold(text), |run, script| match script {
        Script::Spaced if run.len() <= LONGEST && !STOP_WORDS.contains(&run) => words.push(stem(run)),
        Script::Spaced => {}
        Script::Dense => pairs(run, &mut words),
    });
    words
}

/// `identifier` as separate words, as a person would write them: `HTTPServer.getUserById` is `http server get user by
/// id`. For texts that an embedder reads.
pub fn spell_out(identifier: &str) -> String {
    let mut out = String::with_capacity(identifier.len() + 8);
    for word in split_humps(identifier).split(|character: char| !character.is_alphanumeric()) {
        if !word.is_empty() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.extend(word.chars().flat_map(char::to_lowercase));
        }
    }
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    /// Words stand between blanks.
    Spaced,
    /// Words follow each other without blanks: Chinese, Japanese.
    Dense,
}

/// `text` with humps taken apart, in lower case, without accents.
fn fold(text: &str) -> String {
    let split = split_humps(text);
    if split.is_ascii() {
        return split.to_ascii_lowercase();
    }
    split.nfkd().filter(|character| !is_combining_mark(*character)).flat_map(char::to_lowercase).collect()
}

/// A blank goes before the capital of `aB` and `1B`, and before the last capital of `ABc`.
fn split_humps(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut before: Option<char> = None;
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        if character.is_uppercase() {
            let after_small = before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit());
            let last_capital =
                before.is_some_and(char::is_uppercase) && rest.peek().is_some_and(|next| next.is_lowercase());
            if after_small || last_capital {
                out.push(' ');
            }
        }
        out.push(character);
        before = Some(character);
    }
    out
}

/// Hands on each run of letters and digits of one kind of script.
fn each_run<'a>(text: &'a str, mut take: impl FnMut(&'a str, Script)) {
    let mut open: Option<(usize, Script)> = None;
    for (at, character) in text.char_indices() {
        let script = script(character);
        if open.map(|(_, script)| script) == script {
            continue;
        }
        if let Some((start, script)) = open {
            take(&text[start..at], script);
        }
        open = script.map(|script| (at, script));
    }
    if let Some((start, script)) = open {
        take(&text[start..], script);
    }
}

fn script(character: char) -> Option<Script> {
    let dense = matches!(u32::from(character),
        0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3134f);
    if dense {
        Some(Script::Dense)
    } else if character.is_alphanumeric() {
        Some(Script::Spaced)
    } else {
        None
    }
}

/// Each two neighbours of `run`; a character that has none, by itself.
fn pairs(run: &str, words: &mut Vec<String>) {
    let ends: Vec<_> = run.char_indices().map(|(at, _)| at).chain([run.len()]).collect();
    match ends[..] {
        [_, _] => words.push(run.to_owned()),
        _ => words.extend(ends.windows(3).map(|ends| run[ends[0]..ends[2]].to_owned())),
    }
}

#[cfg(test)]
mod tests;
