use super::*;
use regex::bytes::RegexBuilder;
use std::time::Duration;

fn search(pattern: &str, text: impl AsRef<[u8]>) -> Vec<(u64, u64)> {
    let mut found = Vec::new();
    let regex = RegexBuilder::new(pattern).build().unwrap();
    let matching = Matching::new(regex, Deadline::after(Duration::from_secs(60)));
    let end = matching.search(text.as_ref(), |hit| {
        found.push((hit.line, hit.column));
        None
    });
    assert_eq!(end.stopped, None);
    found
}

#[test]
fn lines_and_columns_are_counted_from_one_in_characters() {
    for (pattern, text, expected) in [
        ("a", "a", vec![(1, 1)]),
        ("a", "b\nba\n\nbba", vec![(2, 2), (4, 3)]),
        ("x", "größe x\n🦀x", vec![(1, 7), (2, 2)]),
        ("b$", "ab\r\nabc\r\nb", vec![(1, 2), (3, 1)]),
        ("^b", "ab\nb", vec![(2, 1)]),
        ("^$", "a\n\nb\n", vec![(2, 1)]),
        ("^$", "", vec![]),
        ("^$", "\n", vec![(1, 1)]),
        ("a\nb", "a\nb", vec![]),
        (r"a\s+b", "a\nb\na  b", vec![(3, 1)]),
        (r"\bcat\b", "concat cat\ncats", vec![(1, 8)]),
        ("(?i)ÄPFEL", "äpfel", vec![(1, 1)]),
    ] {
        assert_eq!(search(pattern, text), expected, "{pattern} in {text:?}");
    }
    assert_eq!(search("b", b"\xffab\n"), [(1, 3)], "bytes that are no UTF-8");
}

#[test]
fn long_lines_are_searched_in_pieces_as_if_they_were_whole() {
    let long = "x".repeat(10 * PIECE_BYTES);
    for offset in
        [0, 1, PIECE_BYTES - 3, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + OVERLAP_BYTES, 7 * PIECE_BYTES + 5]
    {
        let line = format!("{}needle{}", &long[..offset], &long[offset..]);
        let column = offset as u64 + 1;
        for pattern in ["needle", "needl.", r"needle.*", r"(?:needle)\B.", r"n[^x]*e"] {
            assert_eq!(search(pattern, format!("first\n{line}\nlast")), [(2, column)], "{pattern} at {offset}");
        }
        for pattern in ["needle$", "^needle", r"\bneedle", r"needle\b", r"\Aneedle", r"needle\z"] {
            let expected: &[(u64, u64)] = if pattern.starts_with(['^', '\\']) && offset == 0 { &[(1, 1)] } else { &[] };
            assert_eq!(search(pattern, &line), expected, "{pattern} at {offset}");
        }
    }
    let end = format!("{long}needle");
    for pattern in ["needle$", r"needle\b", r"needle\z", "e$"] {
        assert_eq!(search(pattern, &end).len(), 1, "{pattern}");
    }
    assert_eq!(search("x$", &long).len(), 1);
    assert_eq!(search("^x{9000}", &long).len(), 0, "longer than a piece: missed, as the answer says");
}

#[test]
fn a_long_line_is_shown_around_the_match() {
    let regex = RegexBuilder::new("needle").build().unwrap();
    let matching = Matching::new(regex, Deadline::after(Duration::from_secs(60)));
    let filler = "é".repeat(100_000);
    for (line, starts, ends) in [
        (format!("needle{filler}"), false, true),
        (format!("{filler}needle"), true, false),
        (format!("{filler}needle{filler}"), true, true),
        (format!("{}needle", "é".repeat(SHOWN_CHARACTERS - 6)), false, false),
    ] {
        matching.search(line.as_bytes(), |hit| {
            assert!(hit.text.contains("needle") && hit.text.chars().count() <= SHOWN_CHARACTERS + 2, "{}", hit.text);
            assert_eq!((hit.text.starts_with('…'), hit.text.ends_with('…')), (starts, ends), "{}", hit.text);
            assert!(!hit.text.contains('\u{fffd}') || starts, "{}", hit.text);
            None
        });
    }
}
