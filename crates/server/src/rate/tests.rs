use super::{BUCKETS, Rates};
use crate::keys::Visitor;
use resilience::bucket::Rate;
use std::time::Duration;

#[test]
fn nothing_is_counted_without_a_rate() {
    assert!(Rates::new(None).take(&Visitor::local(None), || Some(1)).is_none());
}

#[test]
fn each_client_has_its_own() {
    let rates = Rates::new(Some(Rate { count: 2, per: Duration::from_secs(3600), burst: 2 }));
    let local = Visitor::local(None);
    let passes = |number| rates.take(&local, || Some(number)).unwrap().passes();
    assert_eq!([passes(1), passes(1), passes(1), passes(2)], [true, true, false, true]);
    assert!(rates.take(&local, || None).unwrap().passes());
}

/// Clients that come and go leave nothing behind for ever.
#[test]
fn a27_buckets_of_clients_that_went_are_forgotten() {
    let rates = Rates::new(Some(Rate { count: 1_000_000, per: Duration::from_secs(1), burst: 1 }));
    let local = Visitor::local(None);
    for number in 0..50_000 {
        assert!(rates.take(&local, || Some(number)).unwrap().passes());
    }
    assert!(rates.buckets.lock().unwrap().len() < BUCKETS * 3);
}

#[test]
fn a_refusal_says_when_to_come_again() {
    let rates = Rates::new(Some(Rate { count: 1, per: Duration::from_secs(60), burst: 1 }));
    rates.take(&Visitor::local(None), || Some(1));
    let taken = rates.take(&Visitor::local(None), || Some(1)).unwrap();
    let response = taken.refusal(br#"{"jsonrpc":"2.0","id":"mine","method":"ping"}"#.to_vec());
    assert_eq!(response.status(), 429);
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap();
    assert_eq!((header("retry-after"), header("ratelimit-limit"), header("ratelimit-remaining")), ("60", "1", "0"));
    assert_eq!(header("ratelimit-reset"), "60");
}

#[test]
fn calls_that_are_made_by_way_of_a_request_are_no_longer_left() {
    let rates = Rates::new(Some(Rate { count: 4, per: Duration::from_secs(3600), burst: 4 }));
    let local = Visitor::local(None);
    let taken = rates.take(&local, || Some(1)).unwrap();
    (0..2).for_each(|_| drop(rates.take(&local, || Some(1))));
    let mut told = http::HeaderMap::new();
    rates.by_now(taken).tell(&mut told);
    assert_eq!(told["ratelimit-remaining"], "1");
    let refused = (0..2).filter_map(|_| rates.take(&local, || Some(1))).find(|taken| !taken.passes()).unwrap();
    assert!(!rates.by_now(refused).passes(), "a refusal stays one");
}
