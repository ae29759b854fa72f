//! Texts as tokens, and long texts read piece by piece.

use super::input;
use context::tokens::{Family, Meter};

/// One family with no vocabulary, and one for each that there is.
const FAMILIES: [Family; 5] = [Family::Any, Family::O200k, Family::Cl100k, Family::Qwen, Family::Mistral];

/// Texts of this size are counted to the token.
const SHORT: usize = 100_000;

pub(crate) fn feed(data: &[u8]) {
    let (choice, data) = input::choice(data);
    let (size, data) = input::choice(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    let family = FAMILIES[choice % FAMILIES.len()];
    let counted = family.count(text);
    assert!(counted.tokens <= text.len(), "more tokens than bytes");
    assert!(counted.tokens > 0 || text.trim().is_empty(), "{text:?} is nothing");
    assert_eq!(counted.exact, family != Family::Any && text.len() <= SHORT);
    assert_eq!(family.count_known(text), counted);
    assert_eq!(family.count_known(text), counted, "known, it is another");
    let limit = size % 32 + 1;
    let beginning = Meter::of_parts(family).beginning(text, limit);
    let ending = Meter::of_parts(family).ending(text, limit);
    for part in [&text[..beginning], &text[text.len() - ending..]] {
        assert!(
            part.chars().count() <= 1 || family.count(part).tokens <= limit,
            "{part:?} is more than {limit} tokens"
        );
    }
    assert!(beginning > 0 || text.is_empty());
    read(text, limit, family);
}

/// Read from each place where the piece before ends, a text is whole again.
fn read(text: &str, limit: usize, family: Family) {
    let (mut from, mut whole) = (0, String::new());
    loop {
        let piece = context::piece::piece(text, from, limit, family);
        let Some((said, end)) = piece.rsplit_once("\n[bytes ") else { panic!("no end: {piece}") };
        whole.push_str(said);
        let Some((_, next)) = end.rsplit_once("from: ") else { break };
        let next = next.trim_end_matches(']').parse().unwrap_or(0);
        assert!(next > from, "reads {from} again");
        from = next;
    }
    assert_eq!(whole, text);
}
