//! A text in the form in which texts are the same: as it is written, but for what changes no answer whatever is asked.
//!
//! That is white space around it, and in a line of prose several spaces in a row, the notation of an apostrophe, the full stop
//! of a text that is one sentence without another sign, and in English the great letter that it begins with, where the word is
//! none that names something. All else counts. What is said of it is true of no single word, however polite, nor of the
//! notation of a number: `please` may be the word that is asked about, and the answer may hang on a comma. Whether they
//! matter is for the evidence to say.

use crate::words::{Role, is_english, role_of};

/// Signs that begin or end a quotation, or what a machine reads.
const QUOTES: &str = "\"`\u{2018}\u{201a}\u{201c}\u{201d}\u{201e}\u{ab}\u{bb}\u{2039}\u{203a}";
/// Signs that part sentences, or what stands within them.
const SIGNS: &str = ".,;:!?\u{2026}";

/// Whether a text is a line that people write to each other, and no part of it is told from the rest to be taken as it is
/// written: by quotation marks, by a colon, by lines of its own.
pub(super) fn is_prose(text: &str) -> bool {
    let text = text.trim();
    let letters: Vec<char> = text.chars().collect();
    let beside = |at: usize, wanted: fn(char) -> bool| {
        let [before, after] = [at.checked_sub(1), at.checked_add(1)].map(|at| at.and_then(|at| letters.get(at)));
        before.is_some_and(|letter| wanted(*letter)) && after.is_some_and(|letter| wanted(*letter))
    };
    letters.iter().enumerate().all(|(at, letter)| match letter {
        // A short form, or the time of day.
        '\'' | '\u{2019}' => beside(at, char::is_alphanumeric),
        ':' => beside(at, |letter| letter.is_ascii_digit()),
        letter => !(letter.is_control() || letter.is_whitespace() && *letter != ' ' || QUOTES.contains(*letter)),
    })
}

/// The form of a text that is in English or not.
pub(super) fn of(text: &str, english: bool) -> String {
    if !is_prose(text) {
        // Where there are several lines, the first may be indented too.
        let text = text.trim_end();
        return if text.contains(['\n', '\r']) { text } else { text.trim_start() }.to_owned();
    }
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ").replace('\u{2019}', "'");
    let line = match line.strip_suffix('.') {
        Some(sentence) if sentence.ends_with(char::is_alphanumeric) && !sentence.contains(|c| SIGNS.contains(c)) => {
            sentence
        }
        _ => &line,
    };
    let first = line.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
    if english && is_small(first) {
        format!("{}{}", first.to_lowercase(), &line[first.len()..])
    } else {
        line.to_owned()
    }
}

/// Whether a word is the same with a great letter before it: one of those that requests begin with, none that may be a name.
fn is_small(word: &str) -> bool {
    let small = word.to_lowercase();
    let mut letters = word.chars();
    let begins = letters.next().is_some_and(char::is_uppercase) && letters.clone().count() > 0;
    let known = is_english(&small) || matches!(role_of(&small), Some(Role::Filler | Role::Question(_)));
    begins && letters.all(char::is_lowercase) && known && small != "will"
}

#[cfg(test)]
mod tests {
    use super::{is_prose, of};

    #[test]
    fn what_changes_no_answer_is_left_out() {
        for (one, other) in [
            ("Show me the open issues of tutti", "show me  the open issues of tutti."),
            (" What's the weather in Rome? ", "what\u{2019}s the weather in Rome?"),
            ("Is the list red, green and blue?\n", "is the list red, green and blue?"),
            ("Sort this: b a", "  Sort this: b a "),
            ("if x:\n  y\n", "if x:\n  y"),
        ] {
            assert_eq!(of(one, true), of(other, true), "{one} / {other}");
        }
        assert_eq!(of("Wie ist das Wetter.", false), of("Wie ist  das Wetter", false));
    }

    #[test]
    fn what_may_change_it_stays() {
        for (one, other) in [
            ("news about US", "news about us"),
            ("turkey recipes from Turkey", "turkey recipes from turkey"),
            ("Turkey recipes", "turkey recipes"),
            ("US recipes", "us recipes"),
            ("show the user", "show the users"),
            ("find the .env file", "find the env file"),
            ("show log-2026-01-02.txt", "show log-2026-1-2.txt"),
            ("show files named *.?", "show files named *"),
            ("show the files in .", "show the files in"),
            ("find \"the times\"", "find \"times\""),
            ("show agent 007", "show agent 7"),
            ("what do you know about me", "what do I know about you"),
            ("find please mails", "find mails"),
            ("please find mails", "find mails"),
            ("what is it", "what it is"),
            ("what is it", "what's it"),
            ("What is it?", "What is it"),
            ("the weather here", "the weather there"),
            ("show 5 M", "show 5 m"),
            ("Show: 5.", "Show: 5"),
            ("a\n  b", "a\nb"),
            ("  a\nb", "a\nb"),
        ] {
            assert_ne!(of(one, true), of(other, true), "{one} / {other}");
        }
        assert_ne!(of("Wie ist das Wetter", false), of("wie ist das Wetter", false));
    }

    #[test]
    fn what_is_to_be_taken_as_it_is_written_is_known() {
        for (text, prose) in [
            ("What's on at 14:00, and who's there?", true),
            ("Sort this: b a", false),
            ("What does 'the' mean", false),
            ("What does \u{201c}the\u{201d} mean", false),
            ("one\ntwo", false),
            ("one\ttwo", false),
            ("the users' names", false),
        ] {
            assert_eq!(is_prose(text), prose, "{text}");
        }
    }
}
