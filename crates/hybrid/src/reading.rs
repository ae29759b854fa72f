//! What parts answered, as far as a machine must understand it.

use conversation::Answer;
use conversation::answer::Reason;
use conversation::item::Item;

/// What an answer says in words, without thoughts. Nothing where it was cut off by force, refused, or says nothing.
pub(crate) fn said(answer: &Answer) -> Option<String> {
    let whole = match answer.finish.as_ref().map(|finish| finish.reason) {
        Some(Reason::Stop | Reason::StopSequence | Reason::Length | Reason::Unknown) | None => true,
        Some(_) => false,
    };
    let text = text(answer);
    (whole && !text.trim().is_empty()).then_some(text)
}

/// All words of an answer.
pub(crate) fn text(answer: &Answer) -> String {
    let texts = answer.items.iter().filter_map(|item| match item {
        Item::Text(text) if !text.refusal => Some(text.text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// The first whole number of a text, which models put between other words.
pub(crate) fn number(text: &str) -> Option<usize> {
    numbers(text).next()
}

/// All whole numbers of a text.
pub(crate) fn numbers(text: &str) -> impl Iterator<Item = usize> {
    text.split(|character: char| !character.is_ascii_digit()).filter_map(|digits| digits.parse().ok())
}

/// The lines of a text that stand in a list, without their numbers or dashes.
pub(crate) fn lines(text: &str) -> Vec<String> {
    let bare = |line: &str| {
        let line = line.trim();
        let line = line.trim_start_matches(|first: char| first.is_ascii_digit() || ".)-*• ".contains(first));
        line.trim_matches(|one: char| one == '"' || one == ',' || one.is_whitespace()).to_owned()
    };
    text.lines().map(bare).filter(|line| line.chars().any(char::is_alphanumeric)).collect()
}

/// A text as it is compared with others: its letters and digits, lower case.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_alphanumeric() {
            plain.extend(character.to_lowercase());
        } else if !plain.ends_with(' ') {
            plain.push(' ');
        }
    }
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests;
