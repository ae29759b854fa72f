use super::{GRACE, Numbered, Outlet, WAITING, Weight};
use crate::body::Events;
use crate::mcp::replay::Log;
use bytes::Bytes;
use http_body::Body as _;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

fn stream() -> (Numbered, Arc<AtomicUsize>) {
    let all = Arc::new(AtomicUsize::new(0));
    (Numbered::new(Log::small("name".to_owned(), Arc::clone(&all)), true), all)
}

/// What waits at the other end, as pairs of number and data, and whether the stream ends behind it.
async fn waiting(events: &mut Events<Bytes>) -> (Vec<(u64, String)>, bool) {
    let mut all = Vec::new();
    let ended = loop {
        // Without the runtime's patience: however often it is asked, what is there is there.
        let frame =
            tokio::task::unconstrained(poll_fn(|context| Poll::Ready(Pin::new(&mut *events).poll_frame(context))));
        let Poll::Ready(frame) = frame.await else { break false };
        let Some(Ok(frame)) = frame else { break true };
        let text = String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap();
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
        all.push((field("id: name.").parse().unwrap(), field("data: ")));
    };
    (all, ended)
}

async fn numbers(events: &mut Events<Bytes>) -> Vec<u64> {
    waiting(events).await.0.into_iter().map(|(number, _)| number).collect()
}

#[tokio::test]
async fn whoever_comes_back_gets_what_came_since() {
    let (mut stream, all) = stream();
    let mut events = stream.begin();
    assert!(stream.send("1", Weight::Passing));
    assert_eq!(waiting(&mut events).await, (vec![(0, String::new()), (1, "1".to_owned())], false));
    drop(events);
    assert!(!stream.send("2", Weight::Passing) && !stream.send("asked", Weight::Needed), "nobody reads");
    assert!(!stream.send("3", Weight::Passing));
    let (mut events, lacking) = stream.take_up(1);
    let expected = vec![(2, "2".to_owned()), (3, "3".to_owned())];
    assert_eq!(
        (waiting(&mut events).await, lacking),
        ((expected, false), false),
        "what nobody waits for is not among it"
    );
    assert!(stream.send("asked", Weight::Needed));
    assert_eq!(numbers(&mut events).await, [4]);
    // What was sent may have been lost with its connection.
    let (mut again, lacking) = stream.take_up(2);
    assert_eq!((numbers(&mut again).await, lacking), (vec![3, 4], false));
    assert_eq!(waiting(&mut events).await, (vec![], true), "a message goes to one reader only");
    drop(stream);
    assert_eq!(all.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn of_what_is_the_same_the_last_one_is_kept() {
    let (mut stream, all) = stream();
    let mut events = stream.begin();
    for _ in 0..1000 {
        stream.send("changed", Weight::Repeatable);
        stream.send("also changed", Weight::Repeatable);
        numbers(&mut events).await;
    }
    assert!(all.load(Ordering::Relaxed) < 200);
    let (mut events, lacking) = stream.take_up(3);
    assert_eq!((numbers(&mut events).await, lacking), (vec![1999, 2000], false), "nothing is missing");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_sent_away_and_told_that_it_missed_something() {
    let (mut stream, all) = stream();
    let mut events = stream.begin();
    let sent = (0..10 * WAITING).filter(|number| stream.send(&format!("{number}"), Weight::Passing)).count();
    assert_eq!(sent, WAITING - 1, "the first event takes a place too");
    let (got, ended) = waiting(&mut events).await;
    assert!(ended && got.len() == WAITING, "{}", got.len());
    let last = got.last().unwrap().0;
    let (mut events, lacking) = stream.take_up(last);
    let rest = numbers(&mut events).await;
    assert!(lacking && rest.last() == Some(&(10 * WAITING as u64)), "{rest:?}");
    assert!(!stream.take_up(rest[0]).1, "and whoever has the first one of those that are kept lacks nothing");
    stream.send(&"x".repeat(1 << 20), Weight::Passing);
    assert!(stream.take_up(10 * WAITING as u64).1, "one that is too large to be kept is missing");
    assert!(all.load(Ordering::Relaxed) < 300 << 10);
}

#[tokio::test]
async fn a_client_that_is_away_is_waited_for_a_while() {
    let (mut stream, _) = stream();
    let events = stream.begin();
    let mut outlet = Outlet::Numbered(Box::new(stream));
    let now = base::clock::now();
    assert!(outlet.is_open() && !outlet.is_over(now + GRACE * 100));
    drop(events);
    assert!(!outlet.is_open() && !outlet.is_over(now) && !outlet.is_over(now + GRACE));
    assert!(outlet.is_over(now + GRACE + Duration::from_secs(1)));
    let (mut plain, receiver) = Outlet::plain();
    assert!(plain.is_open() && !plain.is_over(now) && plain.send("1".to_owned(), Weight::Passing));
    drop(receiver);
    assert!(plain.is_over(now) && !plain.send("2".to_owned(), Weight::Passing));
}
