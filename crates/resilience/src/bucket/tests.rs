use super::{Bucket, Rate};
use proptest::prelude::*;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_burst_passes_then_one_by_one() {
    let rate = Rate { count: 2, per: SECOND, burst: 3 };
    let mut bucket = Bucket::default();
    let now = SECOND * 100;
    let answers: Vec<_> = (0..4).map(|_| bucket.take(&rate, now)).collect();
    assert_eq!(answers.iter().map(|answer| answer.passes).collect::<Vec<_>>(), [true, true, true, false]);
    assert_eq!(answers.iter().map(|answer| answer.remaining).collect::<Vec<_>>(), [2, 1, 0, 0]);
    assert_eq!(answers[0].retry_after, Duration::ZERO);
    assert_eq!(answers[3].retry_after, SECOND / 2);
    assert_eq!(answers[3].reset, SECOND * 3 / 2);
    assert!(!bucket.take(&rate, now + SECOND / 2 - Duration::from_millis(1)).passes);
    assert!(bucket.take(&rate, now + SECOND / 2).passes);
    assert!(!bucket.is_full(now + SECOND));
    assert!(bucket.is_full(now + SECOND * 3));
}

#[test]
fn impossible_rates_break_nothing() {
    for rate in [
        Rate { count: 0, per: SECOND, burst: 0 },
        Rate { count: u32::MAX, per: Duration::ZERO, burst: u32::MAX },
        Rate { count: 1, per: Duration::MAX, burst: u32::MAX },
    ] {
        let mut bucket = Bucket::default();
        for now in [Duration::ZERO, SECOND, Duration::MAX] {
            bucket.take(&rate, now);
        }
    }
}

#[test]
fn many_pass_together_or_not_at_all_and_what_is_not_needed_comes_back() {
    let rate = Rate { count: 60_000, per: SECOND * 60, burst: 60_000 };
    let mut bucket = Bucket::default();
    let now = SECOND * 100;
    let answer = bucket.take_many(&rate, 50_000, now);
    assert_eq!((answer.passes, answer.remaining, answer.retry_after), (true, 10_000, Duration::ZERO));
    let answer = bucket.take_many(&rate, 20_000, now);
    assert_eq!((answer.passes, answer.remaining, answer.retry_after), (false, 10_000, SECOND * 10));
    bucket.give_back(&rate, 10_000);
    assert_eq!(bucket.take_many(&rate, 20_000, now).remaining, 0);
    bucket.owe(&rate, 30_000, now);
    let answer = bucket.take_many(&rate, 1_000, now);
    assert_eq!((answer.passes, answer.remaining, answer.retry_after), (false, 0, SECOND * 31));
    assert!(bucket.take_many(&rate, 1_000, now + SECOND * 31).passes);
    assert_eq!(bucket.take_many(&rate, 60_001, now + SECOND * 600).retry_after, Duration::MAX);
    bucket.give_back(&rate, u32::MAX);
    assert_eq!(bucket.take_many(&rate, 60_000, now + SECOND * 600).remaining, 0);
    assert!(bucket.take_many(&rate, 0, now + SECOND * 600).passes);
}

proptest! {
    /// Whatever is taken, given back and owed: who waits as long as told passes, and what is given back at once leaves
    /// the bucket as it was.
    #[test]
    fn who_waits_as_told_gets_as_many(
        count in 1u32..5_000, burst in 1u32..5_000, steps in prop::collection::vec((0u32..6_000, 0u64..5_000, 0u32..100), 1..100),
    ) {
        let rate = Rate { count, per: SECOND, burst };
        let (mut bucket, mut now) = (Bucket::default(), SECOND);
        for (many, wait, owed) in steps {
            now += Duration::from_millis(wait);
            let before = bucket;
            let answer = bucket.take_many(&rate, many, now);
            prop_assert!(answer.remaining <= burst);
            if answer.passes {
                prop_assert!(many <= burst);
                let mut back = bucket;
                back.give_back(&rate, many);
                prop_assert_eq!(back.full_at.max(now), before.full_at.max(now));
            } else if many > burst {
                prop_assert_eq!(answer.retry_after, Duration::MAX);
            } else {
                let mut later = bucket;
                prop_assert!(later.take_many(&rate, many, now + answer.retry_after).passes);
            }
            bucket.owe(&rate, owed, now);
        }
    }

    /// In no span of time more passes than the burst and what the rate gives in that span; and who waits as long as
    /// told does pass.
    #[test]
    fn no_more_passes_than_the_rate_says(
        count in 1u32..50, per in 1u64..5000, burst in 1u32..20, waits in prop::collection::vec(0u64..2000, 1..300),
    ) {
        let rate = Rate { count, per: Duration::from_millis(per), burst };
        let mut bucket = Bucket::default();
        let (mut now, mut passed) = (SECOND, Vec::new());
        for wait in waits {
            now += Duration::from_millis(wait);
            let answer = bucket.take(&rate, now);
            prop_assert!(answer.remaining <= burst);
            if answer.passes {
                passed.push(now);
            } else {
                let mut later = bucket;
                prop_assert!(later.take(&rate, now + answer.retry_after).passes);
            }
        }
        for (place, from) in passed.iter().enumerate() {
            for (further, to) in passed[place..].iter().enumerate() {
                let given = (*to - *from).as_secs_f64() / (rate.per.as_secs_f64() / f64::from(count));
                prop_assert!((further + 1) as f64 <= f64::from(burst) + given + 1e-6);
            }
        }
    }
}
