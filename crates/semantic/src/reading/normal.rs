//! A text in the form in which texts are the same: as it is written, but for white space around it.
//!
//! All else counts, because it may be what is asked about: a great letter and a full stop by whoever has a text proofread, a
//! comma by an item of a list, `please` by whoever has it translated. Whether they matter is for the evidence to say.

/// Signs that begin or end a quotation, or what a machine reads.
const QUOTES: &str = "\"`\u{2018}\u{201a}\u{201c}\u{201d}\u{201e}\u{ab}\u{bb}\u{2039}\u{203a}";

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

/// The form of a text.
pub(super) fn of(text: &str) -> &str {
    let text = text.trim_end();
    // Where there are several lines, the first may be indented too.
    if text.trim_start().contains(['\n', '\r']) { text } else { text.trim_start() }
}

#[cfg(test)]
mod tests {
    use super::{is_prose, of};

    #[test]
    fn white_space_around_a_text_is_left_out() {
        for (one, other) in [
            (" What's the weather in Rome? ", "What's the weather in Rome?"),
            ("Sort this: b a\n", "  Sort this: b a "),
            ("if x:\n  y\n", "if x:\n  y"),
        ] {
            assert_eq!(of(one), of(other), "{one} / {other}");
        }
    }

    #[test]
    fn all_else_stays() {
        for (one, other) in [
            ("The weather is nice.", "the weather is nice."),
            ("The weather is nice.", "The weather is nice"),
            ("The  weather is nice.", "The weather is nice."),
            ("what's the weather", "what\u{2019}s the weather"),
            ("find please mails", "find mails"),
            ("a\n  b", "a\nb"),
            ("  a\nb", "a\nb"),
        ] {
            assert_ne!(of(one), of(other), "{one} / {other}");
        }
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
