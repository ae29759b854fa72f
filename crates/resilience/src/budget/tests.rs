use super::{Budget, Settings};
use proptest::prelude::*;
use std::time::Duration;

const SETTINGS: Settings = Settings { share: 0.05, floor: 0.1, most: 20.0 };

/// A server that fails every call is asked five times in a hundred more than its clients ask, not twice or thrice.
#[test]
fn a_storm_of_failures_is_not_made_worse() {
    let mut budget = Budget::new(&SETTINGS, Duration::ZERO);
    let mut repeats = 0;
    for call in 0..10_000u64 {
        budget.called(&SETTINGS);
        repeats += u32::from(budget.spend(&SETTINGS, Duration::from_millis(call)));
    }
    assert!(repeats <= 10_000 / 20 + 10 + 1, "{repeats}");
    assert!(repeats >= 500, "what is allowed is given: {repeats}");
}

#[test]
fn a_quiet_server_has_a_few_repeats_too() {
    let mut budget = Budget::new(&SETTINGS, Duration::ZERO);
    while budget.spend(&SETTINGS, Duration::ZERO) {}
    assert_eq!(budget.left(&SETTINGS, Duration::ZERO), 0);
    assert_eq!(
        budget.left(&SETTINGS, Duration::from_secs(35)),
        3,
        "time alone brings some, also before they are asked for"
    );
    assert!(!budget.spend(&SETTINGS, Duration::from_secs(5)));
    assert!(budget.spend(&SETTINGS, Duration::from_secs(10)));
    let mut later = budget.clone();
    let many = (0..1000).filter(|_| later.spend(&SETTINGS, Duration::from_secs(1_000_000))).count();
    assert_eq!(many, 20, "no more is saved up");
}

proptest! {
    #[test]
    fn repeats_never_exceed_the_share(steps in prop::collection::vec((any::<bool>(), 0u64..50), 0..2000)) {
        let mut budget = Budget::new(&SETTINGS, Duration::ZERO);
        let (mut now, mut calls, mut repeats) = (0, 0u32, 0u32);
        for (is_call, wait) in steps {
            now += wait;
            if is_call {
                budget.called(&SETTINGS);
                calls += 1;
            } else {
                repeats += u32::from(budget.spend(&SETTINGS, Duration::from_millis(now)));
            }
            let allowed = SETTINGS.most / 2.0 + f64::from(calls) * 0.05 + now as f64 / 1000.0 * 0.1;
            prop_assert!(f64::from(repeats) <= allowed + 1e-6);
        }
    }
}
