//! A text in the form in which texts are the same: as it is written, but for what certainly changes no answer.
//!
//! Those are white space, signs at the ends of words, the notation of numbers and moments, units that have a short name, a
//! great letter at the beginning, and in English short forms, courtesies, `the`, and which of the verbs that ask to be shown
//! something stands first. All else counts, the case of letters and the endings of words too: what it changes is for the
//! evidence to say.

use super::moments;
use crate::words::{Role, role_of};

/// Signs that end a sentence or a part of it.
const ENDS: [char; 6] = ['.', ',', ';', '!', '?', '\u{2026}'];
/// Courtesies, at the beginning and the end.
const COURTESIES: [&str; 3] = ["please", "kindly", "thanks"];
/// What a request may begin with, the longest first, and all of them ask for the same.
const SHOW: [&[&str]; 9] = [
    &["let", "me", "see"],
    &["show", "me"],
    &["give", "me"],
    &["get", "me"],
    &["fetch", "me"],
    &["show"],
    &["display"],
    &["get"],
    &["fetch"],
];
/// Who asks politely begins with one of these and `you`.
const COULD: [&str; 3] = ["could", "can", "would"];

/// The form of a text that is in English or not.
pub(super) fn of(text: &str, english: bool) -> String {
    if !english || !is_prose(text) {
        return small_first(words(text).map(str::to_owned).collect()).join(" ");
    }
    let spelled = moments::spelled(text);
    let mut all: Vec<&str> = words(&spelled).collect();
    // A sign that stood behind a moment stands alone now.
    let mut moment = false;
    all.retain(|word| {
        let alone =
            std::mem::replace(&mut moment, word.starts_with(moments::MARK)) && word.trim_matches(ENDS).is_empty();
        !alone
    });
    let mut all = small_first(all.into_iter().flat_map(unfolded).collect());
    strip(&mut all);
    if let [could, you, ..] = all.as_slice()
        && COULD.contains(&could.as_str())
        && you == "you"
    {
        let mut rest = all[2..].to_vec();
        strip(&mut rest);
        if SHOW.iter().any(|begin| starts_with(&rest, begin)) {
            all = rest;
        }
    }
    if let Some(begin) = SHOW.iter().find(|begin| starts_with(&all, begin) && all.len() > begin.len()) {
        all.splice(..begin.len(), ["show".to_owned()]);
    }
    let last = all.len().saturating_sub(1);
    let said = all.iter().enumerate().filter(|(at, word)| *at == last || word.as_str() != "the");
    said.map(|(_, word)| noted(word)).collect::<Vec<_>>().join(" ")
}

/// Whether a text is written for people throughout: nothing is quoted, and digits stand in numbers, moments and measures
/// only. In a name of a file or a host, another notation is another name.
fn is_prose(text: &str) -> bool {
    let quoted = text.contains(['"', '`', '*', '\\']) || words(text).any(|word| word.starts_with('\''));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let fine = |word: &str| {
        let bare = word.trim_end_matches(|letter: char| letter.is_ascii_alphabetic() || letter == '%');
        let date = word.split('-').count() == 3 && word.split('-').all(digits);
        let number = bare.bytes().all(|byte| byte.is_ascii_digit() || b".,:".contains(&byte));
        date || number && word.len() - bare.len() <= 4
    };
    !quoted && words(text).all(|word| !word.bytes().any(|byte| byte.is_ascii_digit()) || fine(word))
}

/// Takes courtesies from both ends.
fn strip(words: &mut Vec<String>) {
    let courtesy = |word: &String| COURTESIES.contains(&word.as_str());
    let begin = words.iter().take_while(|word| courtesy(word)).count();
    words.drain(..begin);
    let end = words.iter().rev().take_while(|word| courtesy(word)).count();
    words.truncate(words.len() - end);
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().map(|word| {
        let bare = word.trim_end_matches(ENDS).trim_start_matches(['\u{bf}', '\u{a1}']);
        let ended = bare.ends_with(|last: char| last.is_alphanumeric() || ")%\u{b0}\"'".contains(last));
        if ended { bare } else { word }
    })
}

/// The first letter of a sentence says nothing when the next one is small.
fn small_first(mut words: Vec<String>) -> Vec<String> {
    if let Some(first) = words.first_mut() {
        let mut letters = first.chars();
        if let (Some(great), rest) = (letters.next(), letters.as_str())
            && great.is_uppercase()
            && !rest.chars().any(char::is_uppercase)
        {
            *first = great.to_lowercase().chain(rest.chars()).collect();
        }
    }
    words
}

/// Short forms in full.
fn unfolded(word: &str) -> Vec<String> {
    let small = word.to_lowercase();
    let two = |one: &str, other: &str| vec![one.to_owned(), other.to_owned()];
    match small.as_str() {
        "can't" | "cannot" => two("can", "not"),
        "won't" => two("will", "not"),
        "what's" => two("what", "is"),
        "where's" => two("where", "is"),
        "who's" => two("who", "is"),
        "when's" => two("when", "is"),
        "how's" => two("how", "is"),
        "i'm" => two("I", "am"),
        _ => {
            match small.strip_suffix("n't").filter(|verb| role_of(verb).is_some() && !word.contains(char::is_uppercase))
            {
                Some(verb) => two(verb, "not"),
                None => vec![word.to_owned()],
            }
        }
    }
}

/// Numbers and units in one notation.
fn noted(word: &str) -> String {
    if let Some(number) = grouped(word) {
        return number;
    }
    // Of one letter are too many things.
    match role_of(word) {
        Some(Role::Number(number)) => number.to_owned(),
        Some(Role::Unit(unit)) if word.chars().count() > 1 => unit.to_owned(),
        _ => word.to_owned(),
    }
}

/// `12,500` as `12500`. Nothing for all else: in `007` and `01234` zeros count, and `1,5` may be one and a half.
fn grouped(word: &str) -> Option<String> {
    let mut groups = word.split(',');
    let digits = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().filter(|first| (1..=3).contains(&first.len()) && digits(first))?;
    let rest: Vec<_> = groups.collect();
    let fine =
        !rest.is_empty() && !first.starts_with('0') && rest.iter().all(|group| group.len() == 3 && digits(group));
    fine.then(|| format!("{first}{}", rest.concat()))
}

fn starts_with(words: &[String], begin: &[&str]) -> bool {
    words.len() >= begin.len() && words.iter().zip(begin).all(|(word, wanted)| word == wanted)
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn what_changes_no_answer_is_left_out() {
        for (one, other) in [
            ("Show me the open issues of tutti", "Could you please get the open issues of tutti?"),
            ("please list all users", "List all users, thanks!"),
            ("What's the weather in Rome on 3 May 2026?", "what is the weather in Rome on 2026-05-03"),
            ("routes of 10 kilometres", "routes of ten km"),
            ("which pods can't start at 2 pm", "Which pods cannot start at 14:00?"),
            ("hotels for 12,500 people", "hotels for  12500 people"),
        ] {
            assert_eq!(of(one, true), of(other, true), "{one} / {other}");
        }
    }

    #[test]
    fn what_may_change_it_stays() {
        for (one, other) in [
            ("news about US", "news about us"),
            ("turkey recipes from Turkey", "turkey recipes from turkey"),
            ("show the user", "show the users"),
            ("find the .env file", "find the env file"),
            ("show log-2026-01-02.txt", "show log-2026-1-2.txt"),
            ("show files named *.?", "show files named *"),
            ("find \"the times\"", "find \"times\""),
            ("show agent 007", "show agent 7"),
            ("what do you know about me", "what do I know about you"),
            ("find please mails", "find mails"),
            ("what is it", "what it is"),
            ("the weather here", "the weather there"),
            ("show 5 M", "show 5 m"),
        ] {
            assert_ne!(of(one, true), of(other, true), "{one} / {other}");
        }
        assert_ne!(of("1.000,5 euros", false), of("1 000 5 euros", false));
        assert_eq!(of("Wie ist das Wetter?", false), of("wie ist  das Wetter", false));
    }
}
