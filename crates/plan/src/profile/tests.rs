use super::{KEPT, Measured, NAMES, Profile};
use std::time::Duration;

fn measured(millis: u64) -> Measured {
    Measured { lasted: Duration::from_millis(millis), waited: Duration::ZERO, failed: false, cached: 0 }
}

#[test]
fn what_is_usual_is_the_middle_of_the_last_ones() {
    let profile = Profile::default();
    assert_eq!(profile.usual("a"), None);
    (1..=1000).for_each(|_| profile.call("a", measured(900)));
    (1..=KEPT as u64).for_each(|millis| profile.call("a", measured(millis)));
    assert_eq!(profile.usual("a"), Some(Duration::from_millis(KEPT as u64 / 2)));
    let (_, series) = &profile.tools()[0];
    assert_eq!(series.lasted(0.95), Some(Duration::from_millis(122)));
    assert_eq!(series.count, 1000 + KEPT as u64);
}

#[test]
fn failures_and_kept_answers_do_not_count_as_durations() {
    let profile = Profile::default();
    profile.call("a", measured(50));
    profile.call("a", Measured { failed: true, ..measured(1) });
    profile.call("a", Measured { cached: 1, ..measured(1) });
    assert_eq!(profile.usual("a"), Some(Duration::from_millis(50)));
    let (_, series) = &profile.tools()[0];
    assert_eq!((series.count, series.failed, series.cached), (3, 1, 1));
}

#[test]
fn a117_names_that_clients_choose_have_a_limit() {
    let profile = Profile::default();
    (0..NAMES * 2).for_each(|number| profile.plan(&number.to_string(), measured(1)));
    assert_eq!(profile.plans().len(), NAMES);
}
