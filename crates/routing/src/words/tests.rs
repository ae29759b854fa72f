use super::{Dollars, word};

#[test]
fn names_of_strangers_are_harmless() {
    for (name, expected) in [
        ("openai/gpt-5", "openai/gpt-5"),
        ("a/b\r\nx-evil: 1", "a/b??x-evil:?1"),
        ("a/m\u{fc}ller", "a/m?ller"),
        (&"x".repeat(60), &"x".repeat(60)),
        (&"x".repeat(61), &format!("{}...", "x".repeat(60))),
    ] {
        assert_eq!(word(name), expected);
    }
}

#[test]
fn dollars_have_four_digits_that_count() {
    for (nano, expected) in [
        (0, "$0"),
        (1, "$0.000000001"),
        (1_200_000, "$0.0012"),
        (1_234_567, "$0.001234"),
        (3_000_000_000, "$3"),
        (12_345_678_900, "$12.34"),
        (u64::MAX, "$18440000000"),
    ] {
        assert_eq!(Dollars(nano).to_string(), expected);
    }
}
