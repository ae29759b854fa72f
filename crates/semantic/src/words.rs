//! The words of which it is known what they do, read once from `words.txt`.

use regex::{Captures, Regex};
use std::collections::HashMap;
use std::sync::LazyLock;

static TEXT: &str = include_str!("words.txt");

/// What a known word does in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Role {
    /// Changes what is asked for: `not`, `latest`, `enabled`. With the meaning that other words may share.
    Sign(&'static str),
    /// A unit of measure or money.
    Unit(&'static str),
    /// A day of the week.
    Day(&'static str),
    /// A month, by its number.
    Month(&'static str),
    /// A number in words.
    Number(&'static str),
    /// Asks for a kind of thing: `who`, `where`.
    Question(&'static str),
    /// Says when: `past` or `future`.
    Tense(&'static str),
    /// Tells apart what stands in the same order: `from`, `to`.
    Particle(&'static str),
    /// Says nothing of what is asked for.
    Filler,
}

struct Words {
    roles: HashMap<&'static str, Role>,
    english: Vec<&'static str>,
    phrases: Option<Phrases>,
}

/// Several words that are read as one.
struct Phrases {
    any: Regex,
    words: HashMap<&'static str, &'static str>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words { roles: HashMap::new(), english: Vec::new(), phrases: None };
    let mut phrases = HashMap::new();
    let mut section = "";
    for line in TEXT.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
        } else if let Some((meaning, list)) = line.split_once(": ") {
            if section == "phrases" {
                phrases.extend(list.split(" | ").map(|phrase| (phrase, meaning)));
                continue;
            }
            for word in list.split_whitespace() {
                match role(section, meaning) {
                    // The first section that has a word says what it does.
                    Some(role) => _ = words.roles.entry(word).or_insert(role),
                    None => words.english.push(word),
                }
            }
        }
    }
    words.phrases = Phrases::new(phrases);
    words
});

impl Phrases {
    fn new(words: HashMap<&'static str, &'static str>) -> Option<Self> {
        // The longest first, for the first alternative counts.
        let mut all: Vec<_> = words.keys().copied().collect();
        all.sort_by_key(|phrase| std::cmp::Reverse((phrase.len(), *phrase)));
        let any = Regex::new(&format!(r"(?i)\b(?:{})\b", all.join("|"))).ok()?;
        Some(Self { any, words })
    }
}

/// The text with the one word for each of several that are read as one.
pub(crate) fn joined(text: &str) -> String {
    let Some(phrases) = &WORDS.phrases else { return text.to_owned() };
    let word = |found: &Captures<'_>| phrases.words.get(found[0].to_lowercase().as_str()).copied().unwrap_or_default();
    phrases.any.replace_all(text, |found: &Captures<'_>| word(found).to_owned()).into_owned()
}

fn role(section: &str, meaning: &'static str) -> Option<Role> {
    Some(match section {
        "signs" => Role::Sign(meaning),
        "units" => Role::Unit(meaning),
        "days" => Role::Day(meaning),
        "months" => Role::Month(meaning),
        "numbers" => Role::Number(meaning),
        "questions" => Role::Question(meaning),
        "tenses" => Role::Tense(meaning),
        "particles" => Role::Particle(meaning),
        "fillers" => Role::Filler,
        _ => return None,
    })
}

/// What a word in small letters does, if that is known.
pub(crate) fn role_of(word: &str) -> Option<Role> {
    WORDS.roles.get(word).copied()
}

/// Whether texts of other languages hardly have this word, which is in small letters.
pub(crate) fn is_english(word: &str) -> bool {
    WORDS.english.contains(&word)
}

/// The word without the endings of English that seldom change what it stands for. Small letters.
pub(crate) fn stem(word: &str) -> String {
    const ENDINGS: [(&str, &str); 13] = [
        ("ations", ""),
        ("ation", ""),
        ("ings", ""),
        ("ing", ""),
        ("ies", "y"),
        ("ied", "y"),
        ("edly", ""),
        ("ed", ""),
        ("es", ""),
        ("s", ""),
        ("ly", ""),
        ("e", ""),
        ("", ""),
    ];
    let cut = ENDINGS.iter().find_map(|(ending, instead)| {
        let rest = word.strip_suffix(ending)?;
        (rest.chars().count() >= 3).then(|| format!("{rest}{instead}"))
    });
    let mut stem = cut.unwrap_or_else(|| word.to_owned());
    let last = stem.chars().last();
    if stem.chars().count() > 3 && last == stem.chars().rev().nth(1) {
        stem.pop();
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_has_two_roles() {
        let mut seen: HashMap<&str, (&str, &str)> = HashMap::new();
        let mut section = "";
        for line in TEXT.lines().filter(|line| !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = name;
            } else if let Some((meaning, list)) =
                line.split_once(": ").filter(|_| !["english", "phrases"].contains(&section))
            {
                for word in list.split_whitespace() {
                    let before = seen.insert(word, (section, meaning));
                    assert!(before.is_none(), "{word} stands under {before:?} and {section} {meaning}");
                }
            }
        }
        assert!(seen.len() > 400, "the table was read");
    }

    #[test]
    fn endings_go_and_short_words_stay() {
        for (word, expected) in [
            ("defined", "defin"),
            ("definition", "definition"),
            ("stopped", "stop"),
            ("countries", "country"),
            ("country", "country"),
            ("uses", "use"),
            ("bus", "bus"),
            ("prices", "pric"),
            ("price", "pric"),
            ("is", "is"),
        ] {
            assert_eq!(stem(word), expected, "{word}");
        }
    }
}
