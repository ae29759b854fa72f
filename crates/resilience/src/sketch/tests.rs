use super::{FULL, Kept, Sketch};
use proptest::prelude::*;
use std::time::Duration;

#[test]
fn an_empty_sketch_knows_no_quantile() {
    assert_eq!(Sketch::default().quantile(0.5), None);
}

#[test]
fn it_follows_a_normal_that_changes() {
    let mut sketch = Sketch::default();
    for _ in 0..10_000 {
        sketch.add(Duration::from_millis(10));
    }
    for _ in 0..10_000 {
        sketch.add(Duration::from_millis(100));
    }
    assert!(sketch.total() <= FULL);
    assert!(sketch.quantile(0.1).unwrap() >= Duration::from_millis(100));
}

#[test]
fn what_was_kept_by_a_stranger_breaks_nothing() {
    let kept: Kept = serde_json::from_str("[[255, 7], [3, 4294967295], [4, 4294967295]]").unwrap();
    let mut sketch = Sketch::restore(&kept);
    sketch.add(Duration::MAX);
    assert!(sketch.total() <= FULL);
}

proptest! {
    #[test]
    fn a_quantile_is_right_to_within_a_quarter(
        mut micros in prop::collection::vec(1u64..4_000_000_000, 1..500),
        quantile in 0.0f64..=1.0,
    ) {
        let mut sketch = Sketch::default();
        micros.iter().for_each(|micros| sketch.add(Duration::from_micros(*micros)));
        micros.sort_unstable();
        let place = ((micros.len() as f64 * quantile).ceil() as usize).max(1) - 1;
        let (right, seen) = (micros[place], u64::try_from(sketch.quantile(quantile).unwrap().as_micros()).unwrap());
        prop_assert!(seen + 1 >= right && seen <= right + right / 4 + 1, "{seen} for {right}");
    }

    #[test]
    fn it_comes_back_as_it_was_kept(micros in prop::collection::vec(1u64..u64::MAX, 0..500)) {
        let mut sketch = Sketch::default();
        micros.iter().for_each(|micros| sketch.add(Duration::from_micros(*micros)));
        let text = serde_json::to_string(&sketch.keep()).unwrap();
        let back = Sketch::restore(&serde_json::from_str(&text).unwrap());
        prop_assert_eq!(back.keep(), sketch.keep());
        prop_assert_eq!(back.total(), sketch.total());
    }
}
