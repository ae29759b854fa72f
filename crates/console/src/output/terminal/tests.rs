use super::{clean, cut, inert, one_line};

#[test]
fn a47_json_says_the_same_without_what_a_terminal_would_obey() {
    let said = serde_json::json!({"a\u{9b}": "b\u{1b}[2J\u{9b}31m\u{202e}c\u{e0041}\u{7f} grüße 你好", "n": [1, "\n"]});
    let written = inert(&said.to_string());
    assert!(!written.chars().any(base::visible::is_deceptive), "{written}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&written).unwrap(), said);
    assert!(written.contains("\\u009b31m\\u202ec\\udb40\\udc41\\u007f grüße 你好"), "{written}");
}

#[test]
fn what_a_terminal_would_obey_is_taken_out() {
    let cases = [
        ("plain text", "plain text"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("grüße 你好 👩‍👩‍👧", "grüße 你好 👩‍👩‍👧"),
        ("\u{1b}[31mred\u{1b}[0m", "red"),
        ("\u{1b}[2J\u{1b}[1;1Hgone", "gone"),
        ("\u{1b}[?1049h\u{1b}[>4;2mmodes", "modes"),
        ("\u{1b}]8;;https://evil.example\u{7}click\u{1b}]8;;\u{7}", "click"),
        ("\u{1b}]8;;https://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\", "click"),
        ("\u{1b}]52;c;ZXZpbA==\u{7}clipboard", "clipboard"),
        ("\u{1b}]0;title\u{9c}text", "text"),
        ("\u{1b}P1$r0m\u{1b}\\after", "after"),
        ("\u{9b}31mC1\u{9d}0;x\u{7} too", "C1 too"),
        ("\u{1b}(0charset\u{1b}c", "charset"),
        ("\u{1b}]unterminated stays", "unterminated stays"),
        ("ends with \u{1b}", "ends with "),
        ("\u{1b}[", ""),
        ("over\rwritten", "over\nwritten"),
        ("windows\r\nline", "windows\nline"),
        ("back\u{8}space \u{7f}delete \u{0}nul \u{7}bell", "backspace delete nul bell"),
        ("a\u{202e}desrever\u{202c}b \u{2066}x\u{2069}\u{200f}", "adesreverb x"),
        ("\u{1b}\u{1b}[31mtwice", "twice"),
    ];
    for (dirty, expected) in cases {
        assert_eq!(clean(dirty), expected, "{dirty:?}");
    }
}

#[test]
fn a_sequence_never_takes_the_text_behind_it() {
    let long = format!("\u{1b}]0;{}\u{7}end", "x".repeat(10_000));
    assert!(clean(&long).contains("xxxx"));
    assert_eq!(clean("\u{1b}]0;a\u{1b}[31mb"), "0;ab");
}

#[test]
fn nothing_dangerous_is_left_of_any_text() {
    let pieces = ["\u{1b}", "[", "]", "8;;", "31m", "\u{7}", "\u{9b}", "\\", "P", "x", "\u{202e}", "\r", "\n"];
    for first in pieces {
        for second in pieces {
            for third in pieces {
                for fourth in pieces {
                    let text = clean(&[first, second, third, fourth].concat());
                    let bad =
                        |character: char| character != '\n' && (character.is_control() || character == '\u{202e}');
                    assert!(!text.chars().any(bad), "{text:?}");
                }
            }
        }
    }
}

#[test]
fn lines_are_cut_by_characters() {
    assert_eq!(cut("abc", 3), "abc");
    assert_eq!(cut("abcd", 3), "ab…");
    assert_eq!(cut("ab cd", 4), "ab…");
    assert_eq!(one_line("  many\n\n  lines\there ", 99), "many lines here");
}
