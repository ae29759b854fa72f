use super::*;
use crate::names::{BOUNDS, CLIENT_OPERATION, CLIENT_SESSION, LONG_BOUNDS};
use proptest::prelude::*;

#[test]
fn a_duration_at_a_bound_is_within_it() {
    let histogram = Histogram::new(&CLIENT_OPERATION);
    histogram.record(Duration::from_micros(500));
    histogram.record(Duration::from_nanos(500_001));
    histogram.record(Duration::from_secs(301));
    let read = histogram.read();
    assert_eq!(read.counts[..2], [1, 1]);
    assert_eq!(read.counts[BOUNDS.len()], 1);
    assert_eq!(read.count(), 3);
}

#[test]
fn a_session_of_hours_is_told_from_one_of_minutes() {
    let histogram = Histogram::new(&CLIENT_SESSION);
    for hours in [1, 3, 20, 1000] {
        histogram.record(Duration::from_secs(hours * 3600));
    }
    assert_eq!(histogram.read().counts[LONG_BOUNDS.len() - 3..], [1, 1, 1, 1]);
}

proptest! {
    #[test]
    fn nothing_is_lost_and_nothing_is_in_a_bucket_too_low(millis in prop::collection::vec(0u64..400_000, 0..50)) {
        let histogram = Histogram::new(&CLIENT_OPERATION);
        millis.iter().for_each(|millis| histogram.record(Duration::from_millis(*millis)));
        let read = histogram.read();
        prop_assert_eq!(read.count(), millis.len() as u64);
        let sum: u64 = millis.iter().sum();
        prop_assert!((read.sum - sum as f64 / 1e3).abs() < 1e-6);
        let mut within = 0;
        for (bound, count) in BOUNDS.iter().zip(read.counts) {
            within += count;
            prop_assert_eq!(within, millis.iter().filter(|millis| **millis as f64 / 1e3 <= *bound).count() as u64);
        }
    }
}
