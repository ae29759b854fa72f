//! Long texts, read piece by piece.

use crate::tokens::{Family, Meter};

/// The most places that a search gives, and the bytes before and behind each.
const PLACES: usize = 20;
const AROUND: usize = 100;

/// At most `tokens` tokens of `text` from the byte `from` on, and where it goes on.
pub fn piece(text: &str, from: usize, tokens: usize, family: Family) -> String {
    let start = text.floor_char_boundary(from.min(text.len()));
    let rest = &text[start..];
    let end = start + Meter::of_parts(family).beginning(rest, tokens);
    let ends = if end == text.len() { "the end".to_owned() } else { format!("go on with from: {end}") };
    format!("{}\n[bytes {start} to {end} of {}; {ends}]", &text[start..end], text.len())
}

/// Where `find` stands in `text`, in any case of letters, with what is around it.
pub fn places(text: &str, find: &str) -> String {
    // Only letters of English change their case, so that all places stay where they are.
    let (lower, wanted) = (text.to_ascii_lowercase(), find.to_ascii_lowercase());
    let mut found = lower.match_indices(&wanted).map(|(at, _)| at);
    let lines: Vec<String> = found
        .by_ref()
        .take(PLACES)
        .map(|at| {
            let start = text.floor_char_boundary(at.saturating_sub(AROUND));
            let end = text.ceil_char_boundary((at + wanted.len() + AROUND).min(text.len()));
            format!("{at}: {}", text[start..end].replace(['\n', '\r'], " "))
        })
        .collect();
    let more = found.count();
    match (lines.is_empty(), more) {
        (true, _) => "It stands nowhere in this result.".to_owned(),
        (_, 0) => lines.join("\n"),
        (_, more) => format!("{}\n[{more} more places]", lines.join("\n")),
    }
}
