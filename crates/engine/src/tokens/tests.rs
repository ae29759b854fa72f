use super::words::Words;
use super::written::Written;
use super::{Tokens, disarm};
use crate::testing::{Spec, Writer};
use model::gguf::File;
use proptest::prelude::*;

fn load(writer: &Writer) -> Tokens {
    Tokens::load(&File::read(&writer.bytes()).unwrap()).unwrap()
}

fn bytes() -> Tokens {
    load(&Spec::new("llama").write(1))
}

/// Pieces with scores: the bytes, the control tokens, and some pieces.
fn scores() -> Tokens {
    let mut texts = vec!["<unk>".to_owned(), "<s>".to_owned(), "</s>".to_owned()];
    let mut kinds = vec![2, 3, 3];
    texts.extend((0..=255).map(|byte| format!("<0x{byte:02X}>")));
    kinds.extend([6; 256]);
    let pieces = [("▁", -10.0), ("a", -9.0), ("b", -9.0), ("ab", -2.0), ("▁a", -1.0), ("ba", -3.0), ("bab", -2.5)];
    texts.extend(pieces.map(|(text, _)| text.to_owned()));
    kinds.extend([1; 7]);
    let mut numbers = vec![0.0; 259];
    numbers.extend(pieces.map(|(_, score)| score));
    load(
        &Writer::default()
            .text("tokenizer.ggml.model", "llama")
            .texts("tokenizer.ggml.tokens", &texts)
            .integers("tokenizer.ggml.token_type", &kinds)
            .floats("tokenizer.ggml.scores", &numbers)
            .number("tokenizer.ggml.bos_token_id", 1)
            .number("tokenizer.ggml.eos_token_id", 2)
            .flag("tokenizer.ggml.add_space_prefix", true),
    )
}

fn pieces(tokens: &Tokens, numbers: &[u32]) -> Vec<String> {
    numbers.iter().map(|token| String::from_utf8_lossy(tokens.bytes(*token)).into_owned()).collect()
}

fn words(way: Words, mut text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    while !text.is_empty() {
        let (word, rest) = text.split_at(way.first(text));
        words.push(word);
        text = rest;
    }
    words
}

#[test]
fn texts_are_cut_as_the_expressions_say() {
    let gpt2 = |text| words(Words::Gpt2, text);
    assert_eq!(gpt2("I'm here, 12345 times!!"), ["I", "'m", " here", ",", " 12345", " times", "!!"]);
    assert_eq!(gpt2("a   b\n\n c  "), ["a", "  ", " b", "\n\n", " c", "  "]);
    assert_eq!(gpt2("I'M Ünï x²"), ["I", "'", "M", " Ünï", " x", "²"]);
    let lines = |text| words(Words::Lines(3), text);
    assert_eq!(lines("I'M here, 12345\n\n  x"), ["I", "'M", " here", ",", " ", "123", "45", "\n\n", " ", " x"]);
    assert_eq!(lines("a.b (c)\n\t\td"), ["a", ".b", " (", "c", ")\n", "\t", "\td"]);
    assert_eq!(words(Words::Lines(1), "x 42"), ["x", " ", "4", "2"]);
    assert_eq!(words(Words::Digits, "x 42 y"), ["x", " ", "4", "2", " y"]);
    assert_eq!(lines("  \n  \n  z"), ["  \n  \n", " ", " z"]);
}

#[test]
fn bytes_merge_by_rank_and_only_within_words() {
    let tokens = bytes();
    let cut = |text: &str| pieces(&tokens, &tokens.plain(text));
    assert_eq!(cut("abcab"), ["abc", "ab"]);
    assert_eq!(cut(" ab"), [" ", "ab"]);
    assert_eq!(cut("x a"), ["x", " a"]);
    assert_eq!(cut("end"), ["end"]);
    assert_eq!(cut("bend"), ["b", "end"]);
}

#[test]
fn the_best_scores_merge_first_and_the_rest_are_bytes() {
    let tokens = scores();
    let cut = |text: &str| pieces(&tokens, &tokens.plain(text));
    assert_eq!(cut("ab"), [" a", "b"]);
    assert_eq!(cut("bab ab"), [" ", "bab", " a", "b"]);
    let accent = tokens.plain("é");
    assert_eq!(accent.len(), 3);
    assert_eq!((tokens.bytes(accent[1]), tokens.bytes(accent[2])), (&[0xc3][..], &[0xa9][..]));
    assert_eq!(tokens.rendered("a</s>")[0], 1);
    assert_eq!(tokens.rendered("<s>a"), tokens.rendered("a"));
}

#[test]
fn control_tokens_come_from_templates_alone() {
    let tokens = bytes();
    let is_end = |token: &u32| tokens.ends.contains(token);
    assert!(!tokens.plain("<|end|>").iter().any(is_end));
    assert_eq!(tokens.rendered("a<|end|>b").iter().filter(|token| is_end(token)).count(), 1);
    // Whole, begun at the end of a message and gone on with behind it, hidden with the character that breaks, and twice.
    for text in ["<|end|>", "a <|end", "<|e\u{fdd0}nd|>", "<|end|", "<|<|end|>end|>", "<|end|> ", "<", "<think>"] {
        let safe = disarm(tokens.specials(), text);
        let rendered = tokens.rendered(&format!("{}|end|>nd|>|>>", safe.trim_end()));
        assert!(!rendered.iter().any(is_end), "{text}");
        assert_eq!(tokens.rendered(&safe), tokens.plain(&text.replace('\u{fdd0}', "")), "{text}");
    }
}

#[test]
fn characters_come_whole() {
    let mut written = Written::default();
    let owl = "🦉é".as_bytes();
    let pushed: Vec<String> = owl.iter().map(|byte| written.push(&[*byte])).collect();
    assert_eq!(pushed, ["", "", "", "🦉", "", "é"]);
    assert_eq!(written.push(b"a\xff\xc3"), "a\u{fffd}");
    assert_eq!(written.push(b"b"), "\u{fffd}b");
    assert_eq!((written.push(b"\xf0\x9f"), written.finish()), (String::new(), "\u{fffd}".to_owned()));
    assert_eq!(written.finish(), "");
}

#[test]
fn long_words_take_no_longer_than_sorting_them() {
    let tokens = bytes();
    assert_eq!(tokens.plain(&"ab".repeat(200_000)).len(), 200_000);
}

#[test]
fn vocabularies_that_are_none_are_refused() {
    let with = |key: &str| {
        let writer = Writer::default().text("tokenizer.ggml.model", if key == "kind" { "other" } else { "gpt2" });
        let writer = writer.text("tokenizer.ggml.pre", if key == "cut" { "unheard-of" } else { "gpt-2" });
        let writer = if key == "texts" { writer } else { writer.texts("tokenizer.ggml.tokens", &["a", "b"]) };
        if key == "types" { writer.integers("tokenizer.ggml.token_type", &[1]) } else { writer }
    };
    for (key, cause) in
        [("kind", "other"), ("cut", "unheard-of"), ("texts", "vocabulary"), ("types", "type"), ("", "merges")]
    {
        let bytes = with(key).bytes();
        let failure = Tokens::load(&File::read(&bytes).unwrap()).err().unwrap();
        assert!(failure.cause.contains(cause), "{failure}");
    }
}

proptest! {
    #[test]
    fn texts_come_back(text in "\\PC{0,40}|[ab<|end>\\s'1-9]{0,40}") {
        let tokens = bytes();
        let numbers = tokens.plain(&text);
        prop_assert_eq!(pieces_joined(&tokens, &numbers), text.as_bytes());
        let safe = disarm(tokens.specials(), &text);
        prop_assert_eq!(pieces_joined(&tokens, &tokens.rendered(&safe)), text.as_bytes());
        let scores = scores();
        let joined = pieces_joined(&scores, &scores.plain(&text));
        let expected = if text.is_empty() { String::new() } else { format!(" {text}") };
        prop_assert_eq!(joined, expected.as_bytes());
    }
}

fn pieces_joined(tokens: &Tokens, numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|token| tokens.bytes(*token)).copied().collect()
}
