//! Words for people and models: names on one line, counts, and what is wrong with an argument.

use base::{Code, Error};

/// `text` on one line: a file name may have line breaks and control characters, which would let it fake other lines.
pub(super) fn one_line(text: &str) -> String {
    if !text.chars().any(char::is_control) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if character.is_control() {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
    }
    out
}

/// `1 file`, `2 files`.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// An error about an argument.
pub(super) fn wrong(message: impl Into<String>, next: impl Into<String>) -> Error {
    Error::new(Code::InvalidParams, message, next)
}

/// The one of `names` that `wanted` may have been meant to be.
pub(super) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    // `file_path` means `path`, however different they are as strings.
    let is_word = |name: &&str| wanted.split('_').any(|word| word == *name);
    names.clone().find(is_word).or_else(|| base::config::nearest(wanted, names))
}

#[cfg(test)]
mod tests;
