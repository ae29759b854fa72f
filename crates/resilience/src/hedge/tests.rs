use super::{KNOWN, Settings, after};
use crate::sketch::Sketch;
use std::time::Duration;

#[test]
fn a_second_request_goes_out_when_the_first_is_later_than_nearly_all() {
    let settings = Settings { quantile: 0.95, least: Duration::from_millis(20) };
    let mut latency = Sketch::default();
    for _ in 1..KNOWN {
        latency.add(Duration::from_millis(100));
    }
    assert_eq!(after(&settings, &latency), None, "too little is known");
    latency.add(Duration::from_secs(10));
    let wait = after(&settings, &latency).unwrap();
    assert!(wait >= Duration::from_millis(100) && wait <= Duration::from_millis(125), "{wait:?}");
    let mut quick = Sketch::default();
    (0..100).for_each(|_| quick.add(Duration::from_micros(300)));
    assert_eq!(after(&settings, &quick), Some(settings.least));
}
