use crate::{NanoDollars, Price, Rates, Tier, cost, find, most};
use conversation::Usage;
use proptest::option;
use proptest::prelude::*;

fn price(kind: &str, model: &str) -> Price {
    find(kind, model).and_then(|entry| entry.price).unwrap()
}

fn usage(input: u64, output: u64) -> Usage {
    Usage { input: Some(input), output: Some(output), ..Usage::default() }
}

/// Claude Sonnet 4.5: $3 and $15 per million, $0.30 read from the cache, $3.75 written for five minutes, $6 for an hour.
#[test]
fn a_call_of_claude_with_its_cache() {
    let sonnet = price("anthropic", "claude-sonnet-4-5-20250929");
    let plain = usage(1_000, 500);
    // 1,000 × $3 + 500 × $15, per million.
    assert_eq!(cost(&sonnet, &plain).to_string(), "$0.0105");
    let cached = Usage { cache_read: Some(10_000), cache_write: Some(2_000), ..usage(12_100, 300) };
    // 10,000 × 0.30 + 2,000 × 3.75 + 100 × 3 + 300 × 15 = 3,000 + 7,500 + 300 + 4,500.
    assert_eq!(cost(&sonnet, &cached).to_string(), "$0.0153");
    let hour = Usage { cache_write_hour: Some(1_500), ..cached };
    // Of the 2,000, 1,500 at $6: 3,000 + 9,000 + 1,875 + 300 + 4,500.
    assert_eq!(cost(&sonnet, &hour).to_string(), "$0.018675");
}

/// Gemini 2.5 Pro: $1.25 and $10 per million up to 200,000 tokens of input, $2.50 and $15 above.
#[test]
fn a_call_of_gemini_with_a_long_input() {
    let gemini = price("gemini", "models/gemini-2.5-pro");
    assert_eq!(cost(&gemini, &usage(200_000, 1_000)).to_string(), "$0.26");
    // All tokens, not only those above: 200,001 × 2.5 + 1,000 × 15.
    assert_eq!(cost(&gemini, &usage(200_001, 1_000)).to_string(), "$0.5150025");
    // What was read from the cache counts for the length: 150,000 × 0.25 + 100,000 × 2.5.
    let cached = Usage { cache_read: Some(150_000), ..usage(250_000, 0) };
    assert_eq!(cost(&gemini, &cached).to_string(), "$0.2875");
    // Thoughts are a part of the output.
    let thinking = Usage { reasoning: Some(800), ..usage(1_000, 1_000) };
    assert_eq!(cost(&gemini, &thinking), cost(&gemini, &usage(1_000, 1_000)));
}

/// GPT-5.4: $2.50 and $15 per million up to 272,000 tokens of input, $5 and $22.50 above.
#[test]
fn a_call_of_gpt_with_a_long_input() {
    let gpt = price("openai", "gpt-5.4");
    // 272,000 × 2.5 + 1,000 × 15.
    assert_eq!(cost(&gpt, &usage(272_000, 1_000)).to_string(), "$0.695");
    // All tokens, not only those above: 272,001 × 5 + 1,000 × 22.5.
    assert_eq!(cost(&gpt, &usage(272_001, 1_000)).to_string(), "$1.382505");
    // What is read from the cache counts for the length: 272,000 × 0.5 + 1 × 5.
    let cached = Usage { cache_read: Some(272_000), ..usage(272_001, 0) };
    assert_eq!(cost(&gpt, &cached).to_string(), "$0.136005");
}

/// GPT-5: $1.25 and $10 per million, $0.125 for cached input.
#[test]
fn a_call_of_gpt_with_cached_input() {
    let gpt = price("openai", "gpt-5");
    let cached = Usage { cache_read: Some(1_024), reasoning: Some(256), ..usage(2_000, 400) };
    // 1,024 × 0.125 + 976 × 1.25 + 400 × 10 = 128 + 1,220 + 4,000.
    assert_eq!(cost(&gpt, &cached).to_string(), "$0.005348");
}

/// text-embedding-3-small: $0.02 per million. Rerank 3.5: $2 per 1,000 searches.
#[test]
fn vectors_and_rankings() {
    let embedding = price("openai", "text-embedding-3-small");
    assert_eq!(cost(&embedding, &Usage { input: Some(1_234), ..Usage::default() }).to_string(), "$0.00002468");
    assert_eq!(cost(&price("cohere", "rerank-v3.5"), &Usage::default()).to_string(), "$0.002");
}

/// gpt-4o-audio-preview: $2.50 and $10 per million of text, $40 and $80 of sound.
#[test]
fn sound_has_its_own_price() {
    let gpt = price("openai", "gpt-4o-audio-preview-2025-06-03");
    let call = Usage { audio_input: Some(600), audio_output: Some(400), ..usage(1_000, 500) };
    // 600 × 40 + 400 × 2.5 + 400 × 80 + 100 × 10.
    assert_eq!(cost(&gpt, &call).to_string(), "$0.058");
}

#[test]
fn what_has_no_price_of_its_own_costs_as_its_kind() {
    let rates = Rates { input: 1_000_000, output: 3_000_000, ..Rates::default() };
    let plain = Price { rates, ..Price::default() };
    let parts = Usage {
        cache_read: Some(1),
        cache_write: Some(3),
        cache_write_hour: Some(1),
        reasoning: Some(1),
        ..usage(5, 2)
    };
    assert_eq!(cost(&plain, &parts), NanoDollars(5 + 6));
    let writing = Price { rates: Rates { cache_write: Some(1_250_000), ..rates }, ..Price::default() };
    // One for an hour at twice the input's price, two at 1.25, two at 1: 6.5, and 6 for the output. Rounded up.
    assert_eq!(cost(&writing, &parts), NanoDollars(13));
}

#[test]
fn parts_are_never_more_than_the_whole() {
    let gpt = price("openai", "gpt-5");
    let odd = Usage { cache_read: Some(500), ..usage(100, 0) };
    assert_eq!(cost(&gpt, &odd), cost(&gpt, &Usage { cache_read: Some(100), ..usage(100, 0) }));
    let unsaid = Usage { cache_read: Some(100), ..Usage::default() };
    assert_eq!(cost(&gpt, &unsaid), cost(&gpt, &Usage { input: Some(100), ..unsaid.clone() }));
}

#[test]
fn nothing_overflows() {
    let rates = Rates { input: u64::MAX, output: u64::MAX, cache_write: Some(u64::MAX), ..Rates::default() };
    let dear = Price { rates, request: u64::MAX, tiers: vec![Tier { above: 1, rates }], ..Price::default() };
    assert_eq!(cost(&dear, &usage(u64::MAX, u64::MAX)), NanoDollars::MAX);
    assert_eq!(most(&dear, u64::MAX, u64::MAX), NanoDollars::MAX);
    assert_eq!(cost(&Price::default(), &usage(u64::MAX, u64::MAX)), NanoDollars::ZERO);
}

prop_compose! {
    fn any_rates()(base in (0..1_u64 << 44, 0..1_u64 << 44), more in prop::array::uniform6(option::of(0..1_u64 << 44))) -> Rates {
        let [cache_read, cache_write, cache_write_hour, audio_input, audio_output, reasoning] = more;
        Rates { input: base.0, output: base.1, cache_read, cache_write, cache_write_hour, audio_input, audio_output, reasoning }
    }
}

prop_compose! {
    fn any_price()(
        rates in any_rates(), request in 0..1_u64 << 40,
        mut tiers in prop::collection::vec((0..1_u64 << 20, any_rates()), 0..4),
    ) -> Price {
        tiers.sort_by_key(|(above, _)| *above);
        let tiers = tiers.into_iter().map(|(above, rates)| Tier { above, rates }).collect();
        Price { rates, request, tiers, ..Price::default() }
    }
}

prop_compose! {
    fn any_usage()(whole in (option::of(0..1_u64 << 21), 0..1_u64 << 21), part in prop::array::uniform6(option::of(0..1_u64 << 21))) -> Usage {
        let [cache_read, cache_write, cache_write_hour, audio_input, audio_output, reasoning] = part;
        let (input, output) = (whole.0, Some(whole.1));
        Usage { input, output, cache_read, cache_write, cache_write_hour, audio_input, audio_output, reasoning, ..Usage::default() }
    }
}

proptest! {
    #[test]
    fn no_call_costs_more_than_the_most(price in any_price(), usage in any_usage(), more in (0..1_u64 << 20, 0..1_u64 << 20)) {
        let parts = usage.cache_read.unwrap_or(0) + usage.cache_write.unwrap_or(0).max(usage.cache_write_hour.unwrap_or(0));
        let input = usage.input.unwrap_or(parts) + more.0;
        let output = usage.output.unwrap() + more.1;
        prop_assert!(cost(&price, &usage) <= most(&price, input, output));
    }

    #[test]
    fn more_tokens_never_lower_the_most(price in any_price(), input in 0..1_u64 << 21, output in 0..1_u64 << 21, more in 0..1_u64 << 20) {
        prop_assert!(most(&price, input, output) <= most(&price, input + more, output));
        prop_assert!(most(&price, input, output) <= most(&price, input, output + more));
    }

    #[test]
    fn more_tokens_never_lower_the_cost(rates in any_rates(), usage in any_usage(), more in 0..1_u64 << 20) {
        let price = Price { rates, ..Price::default() };
        let longer = Usage { output: usage.output.map(|output| output + more), ..usage.clone() };
        prop_assert!(cost(&price, &usage) <= cost(&price, &longer));
        if let Some(input) = usage.input {
            let longer = Usage { input: Some(input + more), ..usage.clone() };
            prop_assert!(cost(&price, &usage) <= cost(&price, &longer));
        }
    }

    #[test]
    fn any_numbers_have_a_cost(numbers in prop::array::uniform8(option::of(any::<u64>())), rate: u64) {
        let [input, output, cache_read, cache_write, cache_write_hour, audio_input, audio_output, reasoning] = numbers;
        let usage = Usage { input, output, cache_read, cache_write, cache_write_hour, audio_input, audio_output, reasoning, ..Usage::default() };
        let price = Price { rates: Rates { input: rate, output: rate, ..Rates::default() }, request: rate, ..Price::default() };
        let _ = cost(&price, &usage);
    }
}
