use super::super::tests::any_json;
use super::{DEEPEST, object, plain_end};
use proptest::prelude::*;
use serde_json::value::RawValue;

fn passes(text: &str) -> bool {
    object(text, |_, _, _| {})
}

/// What a reader says that keeps no tree either.
fn is_object(text: &str) -> bool {
    text.trim_start().starts_with('{') && serde_json::from_str::<&RawValue>(text).is_ok()
}

const GOOD: &[&str] = &[
    "0",
    "-0",
    "10",
    "-1.5",
    "1e5",
    "1E+5",
    "0.0e-0",
    "1e999",
    "true",
    "false",
    "null",
    "\"\"",
    "\"\\\"\"",
    "\"\\ud800\"",
    "\"\\u00eF\\b\\f\\n\\r\\t\\/\\\\\"",
    "\"\u{7f}ü\u{10ffff}\"",
    "[]",
    "[ ]",
    "[1 , {}]",
    "{ }",
];

const BAD: &[&str] = &[
    "",
    "-",
    "01",
    "1.",
    ".5",
    "1e",
    "1e+",
    "+1",
    "0x1",
    "tru",
    "truefalse",
    "nul",
    "True",
    "\"",
    "\"\\\"",
    "\"\\x\"",
    "\"\\u12g4\"",
    "\"\\u12\"",
    "\"\n\"",
    "\"\t\"",
    "\"\0\"",
    "[",
    "[1,]",
    "[,1]",
    "[1 2]",
    "{,}",
    "{\"a\":1,}",
    "{a:1}",
    "{\"a\" 1}",
    "{1:2}",
    "'a'",
    "1}",
    "/**/1",
    "\u{feff}1",
    "\u{a0}1",
    "NaN",
];

#[test]
fn values_are_what_they_must_be() {
    for (values, expected) in [(GOOD, true), (BAD, false)] {
        for value in values {
            let text = format!("{{\"x\":{value}}}");
            assert_eq!(passes(&text), expected, "{text}");
            assert_eq!(is_object(&text), expected, "{text}");
        }
    }
    for text in ["", " ", "[]", "1", "{} x", "{}{}", "\"{}\""] {
        assert!(!passes(text), "{text}");
    }
}

#[test]
fn what_is_too_deep_is_not_followed() {
    let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    assert!(passes(&nested(DEEPEST - 1)));
    assert!(!passes(&nested(DEEPEST)));
    assert!(!passes(&format!("{{\"a\":{}", "[".repeat(1_000_000))));
}

#[test]
fn the_end_of_plain_text_is_found_at_each_place() {
    for length in 0..40 {
        for mark in ['"', '\\', '\u{0}', '\u{1f}'] {
            for filler in ["a", "ü", "\u{7f}", "!", "#", "[", "]", " ", "\u{80}"] {
                let before = filler.repeat(length);
                let text = format!("{before}{mark}\"\\\u{1}zzzzzzzzz");
                assert_eq!(plain_end(text.as_bytes(), 0), before.len(), "{text:?}");
                assert_eq!(plain_end(before.as_bytes(), 0), before.len());
            }
        }
    }
    assert_eq!(plain_end(b"abc", 7), 7);
}

proptest! {
    #[test]
    fn it_takes_what_a_reader_takes(value in any_json(), pretty: bool, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<char>()), 0..3)) {
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        prop_assert_eq!(passes(&text), is_object(&text), "{}", text);
        let mut letters: Vec<char> = format!("{{\"a\\n\":{text},\"b\":[-1.5e3,\"\\u00e4\"]}}").chars().collect();
        for (place, letter) in changes {
            let place = place.index(letters.len());
            // Half of them are letters that mean something.
            let near = ['"', '\\', '{', '}', '[', ']', ',', ':', ' ', '0', '-', 'e', '.', '\n', 'u', 't'];
            letters[place] = if (letter as usize).is_multiple_of(2) { near[letter as usize / 2 % near.len()] } else { letter };
        }
        let text: String = letters.into_iter().collect();
        prop_assert_eq!(passes(&text), is_object(&text), "{}", text);
    }
}
