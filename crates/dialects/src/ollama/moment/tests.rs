use super::*;
use proptest::prelude::*;

#[test]
fn moments_are_read_with_fractions_and_zones() {
    let cases = [
        ("1970-01-01T00:00:00Z", Some(0)),
        ("2023-11-14T22:13:20Z", Some(1_700_000_000)),
        ("2023-11-14T22:13:20.123456789Z", Some(1_700_000_000)),
        ("2023-11-14T15:13:20.5-07:00", Some(1_700_000_000)),
        ("2023-11-15T03:43:20+05:30", Some(1_700_000_000)),
        ("2024-02-29T12:00:00Z", Some(1_709_208_000)),
        ("0001-01-01T00:00:00Z", None),
        ("2023-13-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
        ("2023-11-14T22:13Z", None),
        ("2023-11-14Tä2:13:20+ä", None),
    ];
    for (text, expected) in cases {
        assert_eq!(seconds(text), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn a_moment_written_is_read_as_the_same(moment in 0..253_402_300_800_u64) {
        prop_assert_eq!(seconds(&text(moment)), Some(moment));
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in ".{0,40}") {
        seconds(&text);
    }
}
