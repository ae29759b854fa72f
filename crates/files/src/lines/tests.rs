use super::*;
use std::io::BufReader;
use std::time::Duration;

/// With a buffer of a few bytes, so that lines go over its end.
fn read(text: &str, first: u64, limit: u64, count_on: bool) -> Lines {
    let deadline = Deadline::after(Duration::from_secs(60));
    read_lines(BufReader::with_capacity(3, text.as_bytes()), first, limit, count_on, deadline).unwrap()
}

#[test]
fn lines_are_given_as_they_are() {
    for (text, first, limit, expected, shown, more, total) in [
        ("", 1, 10, "", 0, false, 0),
        ("a", 1, 10, "a", 1, false, 1),
        ("a\n", 1, 10, "a\n", 1, false, 1),
        ("\n", 1, 10, "\n", 1, false, 1),
        ("\n\n", 1, 1, "\n", 1, true, 2),
        ("one\ntwo\nthree", 1, 10, "one\ntwo\nthree", 3, false, 3),
        ("one\ntwo\nthree", 2, 1, "two\n", 1, true, 3),
        ("one\ntwo\nthree", 3, 1, "three", 1, false, 3),
        ("one\ntwo\nthree\n", 3, 1, "three\n", 1, false, 3),
        ("one\ntwo\nthree", 4, 1, "", 0, false, 3),
        ("one\r\ntwo\r\n", 2, 5, "two\r\n", 1, false, 2),
        ("one\rtwo", 1, 5, "one\rtwo", 1, false, 1),
    ] {
        let lines = read(text, first, limit, true);
        let seen = (String::from_utf8(lines.bytes).unwrap(), lines.shown, lines.more, lines.total, lines.total_known);
        assert_eq!(seen, (expected.to_owned(), shown, more, total, true), "{text:?} from {first}");
    }
}

#[test]
fn lines_are_not_counted_on_when_not_asked_for() {
    let lines = read("1\n2\n3\n4\n", 1, 2, false);
    assert_eq!((lines.shown, lines.more, lines.total_known), (2, true, false));
    let lines = read("1\n2\n", 1, 2, false);
    assert_eq!((lines.shown, lines.more, lines.total_known), (2, false, true));
}

#[test]
fn a_line_that_is_too_long_is_cut_only_when_it_is_the_first() {
    let long = "é".repeat(ANSWER_BYTES);
    let lines = read(&format!("{long}\nnext\n"), 1, 10, true);
    assert_eq!((lines.shown, lines.cut_line, lines.more, lines.total), (1, true, true, 2));
    assert!(lines.bytes.len() <= ANSWER_BYTES && String::from_utf8(lines.bytes).is_ok());
    let lines = read(&long, 1, 10, true);
    assert_eq!((lines.shown, lines.cut_line, lines.more, lines.total), (1, true, false, 1));
    let lines = read(&format!("short\n{long}\nnext\n"), 1, 10, true);
    assert_eq!((lines.bytes.as_slice(), lines.shown, lines.cut_line, lines.more), (&b"short\n"[..], 1, false, true));
    let lines = read(&format!("short\n{long}\nnext\n"), 2, 10, true);
    assert_eq!((lines.shown, lines.cut_line, lines.more), (1, true, true));
}

#[test]
fn the_time_ends_it() {
    let lines = read_lines("a\nb\n".as_bytes(), 1, 10, true, Deadline::after(Duration::ZERO)).unwrap();
    assert!(lines.out_of_time && lines.more && lines.shown == 0);
}
