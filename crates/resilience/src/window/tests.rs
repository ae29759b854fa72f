use super::{Counts, Window, at_least, share};
use proptest::prelude::*;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn what_is_older_than_the_window_is_forgotten() {
    let mut window = Window::new(SECOND * 10);
    window.worked(Duration::ZERO, false);
    window.failed(SECOND * 5);
    assert_eq!(window.counts(SECOND * 9), Counts { ok: 1, failed: 1, slow: 0 });
    assert_eq!(window.counts(SECOND * 10), Counts { ok: 0, failed: 1, slow: 0 });
    assert_eq!(window.counts(SECOND * 15), Counts::default());
    window.worked(SECOND * 1000, true);
    assert_eq!(window.counts(SECOND * 1001), Counts { ok: 1, failed: 0, slow: 1 });
}

#[test]
fn failures_of_one_moment_are_told_from_failures_that_go_on() {
    let mut window = Window::new(SECOND * 10);
    assert_eq!(window.failing_for(), Duration::ZERO);
    for _ in 0..100 {
        window.failed(SECOND);
    }
    assert_eq!(window.failing_for(), Duration::ZERO);
    window.failed(SECOND * 3);
    assert_eq!(window.failing_for(), SECOND * 2);
    window.failed(SECOND * 60);
    assert_eq!(window.failing_for(), Duration::ZERO, "the old ones are forgotten");
    window.clear();
    assert_eq!(window.counts(SECOND * 60), Counts::default());
}

#[test]
fn few_observations_prove_little() {
    for (part, all, least, most) in
        [(0, 0, 0.0, 0.0), (1, 1, 0.0, 0.2), (5, 5, 0.3, 0.4), (50, 100, 0.34, 0.40), (1, 100, 0.0, 0.01)]
    {
        let bound = at_least(part, all, 3.0);
        assert!((least..=most).contains(&bound), "{part} of {all}: {bound}");
    }
}

proptest! {
    #[test]
    fn the_window_counts_what_a_list_counts(steps in prop::collection::vec((0u64..3000, 0u8..3), 0..200)) {
        let mut window = Window::new(SECOND * 10);
        let mut seen: Vec<(u64, u8)> = Vec::new();
        let mut now = 0;
        for (wait, what) in steps {
            now += wait;
            let at = Duration::from_millis(now);
            match what {
                0 => window.failed(at),
                1 => window.worked(at, false),
                _ => window.worked(at, true),
            }
            seen.push((now, what));
            let counted = |wanted: &[u8]| {
                let inside = seen.iter().filter(|(when, what)| when / 1000 + 10 > now / 1000 && wanted.contains(what));
                u32::try_from(inside.count()).unwrap()
            };
            let wanted = Counts { ok: counted(&[1, 2]), failed: counted(&[0]), slow: counted(&[2]) };
            prop_assert_eq!(window.counts(at), wanted);
        }
    }

    #[test]
    fn the_bound_lies_below_what_was_seen(part in 0u32..500, more in 0u32..500, z in 0.5f64..4.0) {
        let bound = at_least(part, part + more, z);
        prop_assert!((0.0..=1.0).contains(&bound));
        prop_assert!(bound <= share(part, part + more) + 1e-9);
    }
}
