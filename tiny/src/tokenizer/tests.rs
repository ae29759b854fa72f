use super::*;

#[test]
fn texts_are_cut_like_those_of_gpt_2() {
    for (text, wanted) in [
        ("The owl's tree.", &["The", " owl", "'s", " tree", "."][..]),
        ("a  b", &["a", " ", " b"]),
        ("a\n\nb ", &["a", "\n", "\n", "b", " "]),
        ("a   ", &["a", "   "]),
        ("2+3=5, ok", &["2", "+", "3", "=", "5", ",", " ok"]),
        (" {\"a\": 12}", &[" {\"", "a", "\":", " 12", "}"]),
        ("Größe 10 €", &["Größe", " 10", " €"]),
        ("", &[]),
    ] {
        assert_eq!(words(text).collect::<Vec<_>>(), wanted, "{text:?}");
    }
}

#[test]
fn the_most_common_pairs_are_put_together() {
    let tokenizer = Tokenizer::learn(["the hen, the owl, the den"].into_iter(), SPECIAL.len() + 256 + 3);
    let learned: Vec<_> = (first_merged()..first_merged() + 3).map(|token| tokenizer.visible(token)).collect();
    assert_eq!(learned, ["he", "the", "Ġthe"]);
    let tokens = tokenizer.encode("the hen");
    assert_eq!(tokenizer.decode(&tokens), "the hen");
    assert_eq!(tokens.len(), 4);
}

#[test]
fn every_byte_has_a_character_of_its_own() {
    let all: std::collections::BTreeSet<char> = (0..=255).map(visible).collect();
    assert_eq!(all.len(), 256);
    assert_eq!((visible(b' '), visible(b'\n'), visible(b'a'), visible(0xAD)), ('Ġ', 'Ċ', 'a', 'Ń'));
    let tokenizer = Tokenizer::learn(std::iter::empty(), 1_000);
    let text = "ø€\u{0}\t🦉";
    assert_eq!(tokenizer.decode(&tokenizer.encode(text)), text);
}
