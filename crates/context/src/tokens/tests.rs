use super::known::Counts;
use super::vocabulary::{Shelf, Vocabulary};
use super::{Count, EXACT, FAMILIES, Family, Meter, estimate, told};
use proptest::prelude::*;
use serde_json::json;
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const EXACT_FAMILIES: [Family; 4] = [Family::O200k, Family::Cl100k, Family::Qwen, Family::Mistral];

#[test]
fn each_family_counts_with_its_own_vocabulary() {
    // What the vocabularies' makers count, in the order of the families: OpenAI's tiktoken, Hugging Face's tokenizers.
    let definition =
        r#"{"name":"docs__read_file","inputSchema":{"type":"object","properties":{"path":{"type":"string"}}}}"#;
    let golden = [
        ("hello world", [2, 2, 2, 2]),
        (definition, [24, 24, 24, 24]),
        ("fn main() {\n    println!(\"{}\", 3.14159 * 2024.0);\n}\n", [20, 20, 25, 27]),
        (
            "\u{6253}\u{5f00}\u{6211}\u{7684}\u{5408}\u{540c}\u{6587}\u{6863}\u{3002}\u{41f}\u{440}\u{438}\u{432}\u{435}\u{442}, \u{43c}\u{438}\u{440}!",
            [11, 16, 11, 13],
        ),
        ("id,price\r\n1,12.50\r\n22,1000000\r\n   \t  end  ", [20, 20, 27, 30]),
    ];
    for (text, counts) in golden {
        for (family, tokens) in EXACT_FAMILIES.into_iter().zip(counts) {
            assert_eq!(family.count(text), Count { tokens, exact: true }, "{text:?} in {}", family.name());
        }
    }
}

#[test]
fn one_long_run_of_a_character_is_counted_and_soon() {
    // Each is one piece to the vocabulary. Pairs merged one after the other would take minutes here.
    for (run, o200k) in [("a", 8), ("-", 64), (" ", 128), ("ab", 4)] {
        let text = run.repeat(EXACT / run.len());
        let count = Family::O200k.count(&text);
        assert!(count.exact && count.tokens.abs_diff(EXACT / o200k) <= 2, "{run:?}: {count}");
    }
}

#[test]
fn a_very_long_text_is_estimated_by_its_ends() {
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(20_000);
    let count = Family::O200k.count(&text);
    let whole = 10 * 20_000;
    assert!(!count.exact && count.tokens.abs_diff(whole) < whole / 50, "{count}");
    let mut meter = Meter::new(Family::O200k);
    let many: Count = (0..1000).map(|_| meter.count(&text[..4096])).sum();
    assert!(!many.exact && many.tokens > 500_000, "what the meter has no room for is guessed: {many}");
}

#[test]
fn estimates_say_that_they_are_and_are_no_more_than_bytes() {
    for (name, family) in FAMILIES {
        assert_eq!(family.name(), name);
        let count = family.count("{\"path\": \"src/main.rs\", \"line\": 12}");
        assert_eq!(count.exact, EXACT_FAMILIES.contains(&family), "{name}");
        assert!((8..30).contains(&count.tokens), "{name}: {count}");
        assert!(family.count("\u{10ffff}\u{1}\u{2}").tokens <= 6, "{name}");
        assert_eq!(family.count("").tokens, 0);
    }
    let (some, all) = (Family::Claude.count("a b c"), Family::Claude.count("a b c d e f g h i j"));
    assert_eq!(some.to_string(), format!("about {}", some.tokens));
    let said = told(Family::Claude, some, all);
    assert_eq!((&said["family"], &said["exact"]), (&json!("claude"), &json!(false)));
    assert_eq!(said["saved"], json!(all.tokens - some.tokens));
}

#[test]
fn the_guess_for_any_model_is_near_what_one_counts() {
    for text in [
        include_str!("../tokens.rs"),
        include_str!("../../../../README.md"),
        include_str!("../../../../e2e/snapshots/codes.txt"),
    ] {
        let (guess, real) = (estimate(text), Family::O200k.count(text).tokens);
        assert!(guess.abs_diff(real) * 100 / real < 20, "{guess} for {real}");
    }
}

#[test]
fn what_was_counted_is_remembered_within_limits() {
    let (counts, asked) = (Counts::with_room(2), Cell::new(0));
    let count = |family, text: &str| {
        counts.get(family, text, || {
            asked.set(asked.get() + 1);
            family.count(text)
        })
    };
    assert_eq!(count(Family::O200k, "one two"), count(Family::O200k, "one two"));
    assert_eq!(asked.get(), 1);
    assert_ne!(count(Family::Claude, "one two three"), count(Family::O200k, "one two three"));
    assert_eq!(asked.get(), 3);
    count(Family::O200k, "one two");
    assert_eq!(asked.get(), 4, "there was room for two");
}

#[test]
fn a_vocabulary_goes_when_it_is_idle() {
    static NOW: AtomicU64 = AtomicU64::new(0);
    fn clock() -> Instant {
        static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(base::clock::now);
        *START + Duration::from_secs(NOW.load(Ordering::Relaxed))
    }
    let shelf = Shelf::new(Duration::from_secs(300), clock);
    assert_eq!(shelf.release_idle(), None, "nothing is there before it is needed");
    assert_eq!(shelf.count(Vocabulary::Cl100k, "hello world"), 2);
    NOW.store(100, Ordering::Relaxed);
    assert_eq!(shelf.count(Vocabulary::Mistral, "hello world"), 2);
    assert_eq!(shelf.release_idle(), Some(Duration::from_secs(200)));
    NOW.store(300, Ordering::Relaxed);
    assert_eq!(shelf.release_idle(), Some(Duration::from_secs(100)), "one has gone");
    assert_eq!(shelf.count(Vocabulary::Mistral, "hello world"), 2);
    NOW.store(600, Ordering::Relaxed);
    assert_eq!(shelf.release_idle(), None);
    assert_eq!(shelf.count(Vocabulary::Cl100k, "hello world"), 2, "and comes again");
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~\\n]{0,400}",
        "\\PC{0,200}",
        proptest::collection::vec(
            prop_oneof!["[a-z]{1,12}", "[0-9]{1,8}", Just("\u{6f22}\u{5b57}".to_owned())],
            0..200
        )
        .prop_map(|words| words.join(" ")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn parts_have_at_most_so_many_tokens(text in texts(), tokens in 1usize..100, place in 0..FAMILIES.len()) {
        let family = FAMILIES[place].1;
        let mut meter = Meter::of_parts(family);
        let (head, tail) = (meter.beginning(&text, tokens), meter.ending(&text, tokens));
        let first = text.chars().next().map_or(0, char::len_utf8);
        prop_assert!(family.count(&text[..head]).tokens <= tokens || head == first);
        prop_assert!(family.count(&text[text.len() - tail..]).tokens <= tokens);
        // What is small enough is there as a whole.
        if text.len() <= tokens {
            prop_assert_eq!((head, tail), (text.len(), text.len()));
        }
        prop_assert!(head >= first);
    }

    #[test]
    fn no_token_is_less_than_a_byte(text in texts(), place in 0..FAMILIES.len()) {
        prop_assert!(FAMILIES[place].1.count(&text).tokens <= text.len());
    }
}
