use super::{BYTES, Bytes, Duration, EVENTS, Log, Reader, Streams, UNREAD};
use http_body_util::BodyExt as _;
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio_util::sync::CancellationToken;

fn log() -> (Log, Arc<AtomicUsize>) {
    let all = Arc::new(AtomicUsize::new(0));
    (Log::new("name".to_owned(), Arc::clone(&all)), all)
}

#[test]
fn events_behind_a_number_are_those_that_came_later() {
    let (mut log, _) = log();
    for number in 1..=3 {
        assert!(log.push(&format!("{{\"n\":{number}}}"), true).1);
    }
    let rest: Vec<_> = log.after(1).cloned().collect();
    assert_eq!(rest[0], "id: name.2\nevent: message\ndata: {\"n\":2}\n\n");
    assert_eq!(rest.len(), 2);
    assert_eq!(log.after(0).count(), 3);
    assert_eq!(log.after(3).count(), 0);
    assert_eq!(log.after(u64::MAX).count(), 0);
}

#[test]
fn what_is_in_passing_makes_room() {
    let (mut log, _) = log();
    log.push("\"question\"", false);
    for _ in 0..2 * EVENTS {
        assert!(log.push("\"note\"", true).1);
    }
    assert!(log.push("\"answer\"", false).1);
    let kept: Vec<_> = log.after(0).cloned().collect();
    assert_eq!(kept.len(), EVENTS);
    assert!(kept[0].ends_with(b"\"question\"\n\n") && kept[EVENTS - 1].ends_with(b"\"answer\"\n\n"));
}

#[test]
fn nothing_is_kept_beyond_what_all_may_have() {
    let (mut log, all) = log();
    all.store(super::ALL_BYTES, Ordering::Relaxed);
    assert!(!log.push("\"answer\"", false).1);
    assert_eq!((log.after(0).count(), all.load(Ordering::Relaxed)), (0, super::ALL_BYTES));
}

#[tokio::test]
async fn a19_unread_events_end_the_connection() {
    let hangup = CancellationToken::new();
    let (mut reader, mut events) = Reader::new(0, &hangup);
    reader.stall = Duration::ZERO;
    let (mut log, _) = log();
    let text = "x".repeat(UNREAD / 3);
    for _ in 0..2 {
        assert!(reader.send(log.push(&text, true).0).await);
    }
    // What is read makes room.
    events.frame().await.unwrap().unwrap();
    assert!(reader.send(log.push(&text, true).0).await && !hangup.is_cancelled());
    assert!(!reader.send(log.push(&text, true).0).await && hangup.is_cancelled());
    assert_eq!(log.after(0).count(), 4, "all of it is there when the client comes back");
    drop(events);
    assert!(!reader.send(Bytes::new()).await, "nobody reads any more");
}

#[tokio::test]
async fn a34_stream_has_readers_of_its_own_name_only() {
    let (streams, hangup) = (Streams::default(), CancellationToken::new());
    let mut arriving = streams.add("one");
    let give = |name: &str| streams.give(name, Reader::new(0, &hangup).0).is_ok();
    assert!(give("one") && !give("other"));
    assert!(arriving.try_recv().is_ok());
    streams.clear();
    assert!(!give("one"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever is pushed, the log stays within its limits, keeps its order, and counts what it holds.
    #[test]
    fn limits_hold(pushed in prop::collection::vec((0usize..BYTES / 3, any::<bool>()), 0..40)) {
        let (mut log, all) = log();
        for (length, passing) in pushed {
            log.push(&"x".repeat(length), passing);
            let held: usize = log.after(0).map(bytes::Bytes::len).sum();
            prop_assert!(held <= BYTES && log.events.len() <= EVENTS);
            prop_assert_eq!(held, all.load(Ordering::Relaxed));
            prop_assert!(log.events.iter().is_sorted_by(|one, other| one.number < other.number));
        }
        drop(log);
        prop_assert_eq!(all.load(Ordering::Relaxed), 0);
    }
}
