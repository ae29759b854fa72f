use super::{HitRate, OutputLength, PeakEwma, Throughput};
use proptest::prelude::*;
use std::time::Duration;

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// In milliseconds.
fn shown(estimate: &PeakEwma, at: f64) -> Option<u128> {
    estimate.at(seconds(at)).map(|latency| latency.as_millis())
}

#[test]
fn a_slow_answer_counts_at_once_and_fast_ones_by_and_by() {
    let mut estimate = PeakEwma::new(seconds(10.0));
    assert_eq!(shown(&estimate, 0.0), None);
    // When an answer came, how long it took, and what is believed then, in milliseconds.
    for (at, took, expected) in [
        (0.0, 1.0, 1_000),
        (1.0, 5.0, 5_000),  // at once
        (1.0, 0.2, 5_000),  // no time has gone by, so that nothing is forgotten
        (11.0, 1.0, 2_471), // a bit more than a third of 5 s is left, the rest is the new second
        (21.0, 1.0, 1_541),
        (20.0, 0.1, 1_541), // a clock that goes back
        (31.0, 0.0, 567),
    ] {
        estimate.observe(seconds(at), seconds(took));
        assert_eq!(shown(&estimate, at), Some(expected), "{took} s at {at} s");
    }
}

#[test]
fn a_deployment_that_was_slow_is_tried_again() {
    let mut estimate = PeakEwma::default();
    estimate.observe(seconds(5.0), seconds(60.0));
    assert_eq!(shown(&estimate, 0.0), Some(60_000));
    assert_eq!(shown(&estimate, 35.0), Some(22_072));
    assert!(shown(&estimate, 305.0).is_some_and(|left| left < 5));
    assert_eq!(shown(&estimate, 1e15), Some(0));
}

#[test]
fn without_memory_the_last_counts() {
    let mut estimate = PeakEwma::new(Duration::ZERO);
    estimate.observe(seconds(1.0), seconds(3.0));
    estimate.observe(seconds(2.0), seconds(1.0));
    assert_eq!(shown(&estimate, 2.0), Some(1_000));
    assert_eq!(shown(&estimate, 3.0), Some(0));
}

#[test]
fn the_hit_rate_is_that_of_tokens_and_not_of_requests() {
    let mut rate = HitRate::default();
    assert_eq!(rate.share(), 0.0);
    rate.observe(seconds(0.0), 0, 5);
    assert_eq!(rate.share(), 0.0, "what reads nothing says nothing");
    rate.observe(seconds(1.0), 900, 900);
    rate.observe(seconds(1.0), 100, 0);
    assert!((rate.share() - 0.9).abs() < 1e-9, "{}", rate.share());
    rate.observe(seconds(1.0), 10, 1_000);
    assert!(rate.share() < 1.0, "more than there is counts as all");
    rate.observe(seconds(1e6), 100, 50);
    assert!((rate.share() - 0.5).abs() < 1e-9, "the past is forgotten: {}", rate.share());
}

#[test]
fn what_is_expected_of_a_cache_is_not_told_by_the_first_answers() {
    let mut rate = HitRate::default();
    // When an answer came, what it found in the cache of a hundred tokens, and what is expected then, in hundredths.
    for (at, cached, expected) in [
        (0.0, 0, None),
        (0.0, 0, None),
        (0.0, 90, Some(30.0)),
        (0.0, 70, Some(40.0)),
        (1e5, 0, None), // after so long a pause it is empty again
        (1e5, 90, None),
        (1e5, 90, Some(60.0)),
    ] {
        rate.observe(seconds(at), 100, cached);
        rate.observe(seconds(at), 0, 0);
        assert_eq!(rate.expected().map(|share| (share * 100.0).round()), expected, "{cached} at {at} s");
    }
}

#[test]
fn lengths_and_speeds_are_averages() {
    let mut length = OutputLength::default();
    assert_eq!(length.tokens(), None);
    length.observe(seconds(0.0), 100);
    length.observe(seconds(0.0), 301);
    assert_eq!(length.tokens(), Some(201));
    let mut speed = Throughput::default();
    assert_eq!(speed.per_second(), None);
    speed.observe(seconds(0.0), 10, Duration::ZERO);
    assert_eq!(speed.per_second(), None, "no time, no speed");
    speed.observe(seconds(0.0), 300, seconds(2.0));
    speed.observe(seconds(0.0), 100, seconds(2.0));
    assert_eq!(speed.per_second(), Some(100.0));
}

proptest! {
    #[test]
    fn estimates_stay_between_what_was_seen(
        seen in prop::collection::vec((any::<u32>(), any::<u64>(), any::<u64>()), 1..50), after in any::<u32>(),
    ) {
        let (mut latency, mut rate, mut speed) = (PeakEwma::default(), HitRate::default(), Throughput::default());
        for &(at, took, tokens) in &seen {
            let at = Duration::from_millis(at.into());
            latency.observe(at, Duration::from_nanos(took));
            rate.observe(at, took, tokens);
            speed.observe(at, tokens, Duration::from_nanos(took));
        }
        let slowest = seen.iter().map(|(_, took, _)| *took).max().unwrap_or(0);
        let estimate = latency.at(Duration::from_millis(after.into()));
        // A float has 53 bits.
        prop_assert!(estimate.is_some_and(|estimate| estimate.as_secs_f64() <= slowest as f64 / 1e9 * 1.000_001));
        prop_assert!((0.0..=1.0).contains(&rate.share()));
        prop_assert!(speed.per_second().is_none_or(|speed| speed.is_finite() && speed >= 0.0));
    }
}
