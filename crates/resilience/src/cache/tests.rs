use super::{Cache, OVERHEAD};
use proptest::prelude::*;
use std::collections::HashMap;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_value_is_there_for_its_time() {
    let mut cache = Cache::new(10_000);
    cache.put("a", 1, 10, SECOND * 5);
    assert_eq!(cache.get(&"a", SECOND * 2), Some((1, SECOND * 3)));
    assert_eq!(cache.get(&"a", SECOND * 5), None);
    assert_eq!((cache.size(), cache.evicted()), ((0, 0), 0), "what is over takes no room, and makes none");
}

#[test]
fn what_was_not_used_for_longest_goes_first() {
    let mut cache = Cache::new(8 * (OVERHEAD + 100));
    for key in 0..8 {
        cache.put(key, key, 100, SECOND);
    }
    cache.get(&0, Duration::ZERO);
    cache.put(8, 8, 100, SECOND);
    assert!(cache.get(&0, Duration::ZERO).is_some());
    assert!(cache.get(&1, Duration::ZERO).is_none());
    assert!(cache.get(&8, Duration::ZERO).is_some());
    cache.forget(|value| *value % 2 == 0);
    assert_eq!((cache.size().0, cache.evicted()), (3, 1));
}

#[test]
fn a_value_that_would_fill_it_is_not_kept() {
    let mut cache = Cache::new(4000);
    cache.put("small", 1, 100, SECOND);
    cache.put("large", 2, 4000, SECOND);
    cache.put("endless", 3, usize::MAX, SECOND);
    assert!(cache.get(&"small", Duration::ZERO).is_some());
    assert_eq!(cache.size().0, 1);
}

proptest! {
    /// It never holds more than it may, and never gives anything but what was last put there.
    #[test]
    fn it_gives_what_was_put_and_holds_no_more_than_it_may(
        steps in prop::collection::vec((0u8..3, 0u8..12, 0usize..3000, 0u64..20), 0..300),
    ) {
        let limit = 8000;
        let mut cache = Cache::new(limit);
        let mut last: HashMap<u8, (usize, u64)> = HashMap::new();
        for (now, (what, key, size, ttl)) in (0u64..).zip(steps) {
            let at = Duration::from_secs(now);
            match what {
                0 => {
                    cache.put(key, size, size, at + Duration::from_secs(ttl));
                    last.insert(key, (size, now + ttl));
                }
                1 => if let Some((value, left)) = cache.get(&key, at) {
                    let (size, until) = last[&key];
                    prop_assert_eq!((value, left), (size, Duration::from_secs(until - now)));
                },
                _ => cache.forget(|value| *value == size),
            }
            let (count, bytes) = cache.size();
            prop_assert!(bytes <= limit && (count > 0 || bytes == 0));
        }
    }
}
