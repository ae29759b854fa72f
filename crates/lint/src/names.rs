//! Names: those that a text mentions, and those that look like others.

use super::folded::alike;

/// The name, where it mixes Latin letters with others that look like such.
pub(super) fn mixed(name: &str) -> Option<String> {
    let latin = name.chars().any(|character| character.is_ascii_alphabetic());
    let other = name.chars().find(|character| character.is_alphabetic() && alike(*character).is_some())?;
    latin.then(|| format!("{name} has U+{:04X}", u32::from(other)))
}

/// What a name looks like: names that a person could take for each other look the same.
pub fn look_alike(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for character in name.chars() {
        match alike(character).unwrap_or(character) {
            '0' => out.push('o'),
            '1' | 'I' | '|' => out.push('l'),
            other => out.push(other),
        }
    }
    out.replace("rn", "m")
}

/// Words that are names rather than ones of the language: `send_mail` and `sendMail` are, `search` is not.
pub(super) fn distinctive(text: &str) -> impl Iterator<Item = &str> {
    let words =
        text.split(|character: char| !(character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.')));
    words.map(|word| word.trim_matches(['.', '-'])).filter(|word| is_distinctive(word))
}

fn is_distinctive(word: &str) -> bool {
    let joined = word.contains('_') || word.contains('-');
    let inner_capital = word
        .chars()
        .zip(word.chars().skip(1))
        .any(|(left, right)| left.is_ascii_lowercase() && right.is_ascii_uppercase());
    (4..=128).contains(&word.len()) && (joined || inner_capital)
}
