use super::{Hint, LONGEST, UNSAID, merged};
use proptest::prelude::*;
use std::time::Duration;

const fn hint(milliseconds: u64, public: bool) -> Hint {
    Hint { fresh: Duration::from_millis(milliseconds), public }
}

#[test]
fn h17_what_a_page_says_is_read_within_bounds() {
    let table = [
        (r#"{"tools":[],"ttlMs":1500,"cacheScope":"public"}"#, hint(1500, true)),
        (r#"{"ttlMs":1500,"cacheScope":"private"}"#, hint(1500, false)),
        (r#"{"ttlMs":1500,"cacheScope":"everyone"}"#, hint(1500, false)),
        (r#"{"ttlMs":1500}"#, hint(1500, false)),
        (r#"{"ttlMs":0,"cacheScope":"public"}"#, hint(0, true)),
        (r#"{"ttlMs":-5,"cacheScope":"public"}"#, hint(0, true)),
        (r#"{"ttlMs":"1500","cacheScope":7}"#, hint(0, false)),
        (r#"{"ttlMs":1e300,"cacheScope":"public"}"#, Hint { fresh: LONGEST, public: true }),
        (r#"{"ttlMs":86400000,"cacheScope":"public"}"#, Hint { fresh: LONGEST, public: true }),
        ("{}", hint(0, false)),
    ];
    for (page, expected) in table {
        assert_eq!(Hint::of(page), expected, "{page}");
    }
}

#[test]
fn h17_lists_are_read_again_in_time_and_not_all_the_time() {
    let (quick, seconds) = (Duration::from_millis(1), |seconds| Some(Duration::from_secs(seconds)));
    assert_eq!(hint(300_000, true).again(true, quick), seconds(300), "also one that tells of changes");
    assert_eq!(hint(1, true).again(false, quick), seconds(1), "not more often than that");
    assert_eq!(hint(5000, true).again(false, Duration::from_secs(2)), seconds(40), "slow lists less often");
    assert_eq!(hint(0, true).again(true, quick), None, "who tells of changes is believed");
    assert_eq!(hint(0, true).again(false, quick), seconds(60));
    assert_eq!(hint(5000, true).again(false, Duration::MAX), Some(LONGEST));
}

#[test]
fn h17_nobody_says_anything_of_an_empty_view() {
    assert_eq!(merged(std::iter::empty()), UNSAID);
    assert_eq!(merged([None, Some(hint(90_000, true))].into_iter()), UNSAID);
    assert_eq!(merged([Some(hint(90_000, true)), Some(hint(70_000, true))].into_iter()), hint(70_000, true));
}

proptest! {
    #[test]
    fn h17_merged_lists_promise_no_more_than_any_of_them(all in prop::collection::vec((0u64..100_000, any::<bool>()), 1..8)) {
        let together = merged(all.iter().map(|(time, public)| Some(hint(*time, *public))));
        prop_assert_eq!(together.fresh, all.iter().map(|(time, _)| Duration::from_millis(*time)).min().unwrap_or_default());
        prop_assert_eq!(together.public, all.iter().all(|(_, public)| *public));
    }
}
