use super::Rates;
use proptest::prelude::*;

/// Three dollars for a million tokens read, fifteen for a million said, thirty cents for a million found in the cache.
const RATES: Rates = Rates { input: 3_000_000_000, output: 15_000_000_000, cache_read: Some(300_000_000) };

#[test]
fn a_price_is_that_of_its_tokens() {
    let without = Rates { cache_read: None, ..RATES };
    for (rates, input, output, share, expected) in [
        (RATES, 1_000_000, 0, 0.0, 3_000_000_000),
        (RATES, 0, 1_000_000, 0.0, 15_000_000_000),
        (RATES, 1_000, 100, 0.0, 4_500_000),
        (RATES, 1_000, 100, 0.5, 3_150_000),
        (RATES, 1_000, 100, 1.0, 1_800_000),
        (without, 1_000, 100, 1.0, 4_500_000),
        (Rates::default(), u64::MAX, u64::MAX, 0.3, 0),
        (RATES, u64::MAX, u64::MAX, 0.5, u64::MAX),
        (RATES, 1_000, 100, f64::NAN, 4_500_000),
        (RATES, 1_000, 100, f64::INFINITY, 4_500_000),
        (RATES, 1_000, 100, -7.0, 4_500_000),
        (RATES, 1_000, 100, 7.0, 1_800_000),
    ] {
        assert_eq!(rates.expected(input, output, share), expected, "{input} and {output} tokens, {share} cached");
    }
}

proptest! {
    #[test]
    fn more_tokens_never_cost_less_and_the_cache_never_more(
        input in 0_u64..1 << 40, output in 0_u64..1 << 40, share in 0.0..1.0,
    ) {
        let cost = RATES.expected(input, output, share);
        prop_assert!(cost <= RATES.expected(input, output, 0.0));
        prop_assert!(cost <= RATES.expected(input, output + 1_000, share));
    }
}
