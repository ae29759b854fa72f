use super::*;
use resilience::bucket::Rate;
use resilience::quota;
use std::pin::pin;
use tokio::time::Instant as Virtual;

const SECOND: Duration = Duration::from_secs(1);

fn limit(name: &str, limits: quota::Limits) -> Arc<Limit> {
    Limit::new(name.into(), Limits { quota: limits, wait: SECOND * 10 }, None)
}

fn at_once(running: usize) -> quota::Limits {
    quota::Limits { running: Some(running), waiting: 2, ..quota::Limits::default() }
}

fn minute(count: u32) -> Option<Rate> {
    Some(Rate { count, per: SECOND * 60, burst: count })
}

#[test]
fn what_one_limit_refuses_no_other_keeps() {
    let (provider, own) = (limit("p", at_once(2)), limit("p/m", at_once(1)));
    let both = [Arc::clone(&provider), own];
    let now = clock::now();
    let first = enter(&both, 0, now, None).unwrap();
    assert_eq!(enter(&both, 0, now, None).unwrap_err().limit.name, "p/m".into());
    let second = enter(std::slice::from_ref(&provider), 0, now, None).unwrap();
    assert!(provider.is_full(now));
    drop((first, second));
    assert!(!provider.is_full(now));
    assert!(enter(&both, 0, now, None).is_ok());
}

#[test]
fn what_was_not_sent_takes_nothing_of_rate_and_tokens() {
    let limits = quota::Limits { rate: minute(1), units: minute(60), ..quota::Limits::default() };
    let limit = [limit("p", limits)];
    let now = clock::now();
    drop(enter(&limit, 60, now, None).unwrap());
    let (mut permit, mut share) = enter(&limit, 60, now, None).unwrap();
    permit.sent();
    share.used(30);
    drop((permit, share));
    let at_limit = enter(&limit, 1, now, None).unwrap_err();
    assert_eq!(
        (at_limit.what(), at_limit.retry_after()),
        ("as many requests in this time as its `rate` lets through", SECOND * 60)
    );
    assert!(Queue::default().join(&at_limit).is_none(), "it would wait in vain");
}

#[test]
fn what_was_counted_goes_on_under_another_configuration() {
    let before = limit("p", at_once(1));
    let held = enter(std::slice::from_ref(&before), 0, clock::now(), None).unwrap();
    let after = [Limit::new("p".into(), Limits { quota: at_once(1), wait: SECOND }, Some(&before))];
    assert!(enter(&after, 0, clock::now(), None).is_err());
    drop(held);
    assert!(enter(&after, 0, clock::now(), None).is_ok());
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_come_one_after_the_other_and_nobody_overtakes_them() {
    let limits = [limit("p", at_once(1))];
    let running = enter(&limits, 0, clock::now(), None).unwrap();
    let until = Virtual::now() + SECOND * 10;
    let full = || enter(&limits, 0, clock::now(), None).unwrap_err();
    let (mut one, mut two, mut three) = (Queue::default(), Queue::default(), Queue::default());
    assert_eq!(
        (one.join(&full()), two.join(&full()), three.join(&full())),
        (Some(SECOND * 10), Some(SECOND * 10), None)
    );
    let (mut first, mut second) = (Box::pin(one.wait(None, until)), Box::pin(two.wait(None, until)));
    assert!(futures_util::poll!(&mut first).is_pending() && futures_util::poll!(&mut second).is_pending());
    drop(running);
    assert!(first.await && futures_util::poll!(&mut second).is_pending(), "one is woken");
    assert!(enter(&limits, 0, clock::now(), None).is_err(), "nobody overtakes them");
    let running = enter(&limits, 0, clock::now(), Some(&one)).unwrap();
    drop(one);
    assert!(futures_util::poll!(&mut second).is_pending());
    drop(running);
    assert!(second.await);
    assert!(enter(&limits, 0, clock::now(), Some(&two)).is_ok());
    drop(two);
    assert!(enter(&limits, 0, clock::now(), None).is_ok());
}

#[tokio::test(start_paused = true)]
async fn who_is_woken_and_leaves_wakes_the_next() {
    let limits = [limit("p", at_once(1))];
    let running = enter(&limits, 0, clock::now(), None).unwrap();
    let until = Virtual::now() + SECOND * 10;
    let full = || enter(&limits, 0, clock::now(), None).unwrap_err();
    let (mut one, mut two) = (Queue::default(), Queue::default());
    assert!(one.join(&full()).is_some() && two.join(&full()).is_some());
    let (mut first, mut second) = (Box::pin(one.wait(None, until)), Box::pin(two.wait(None, until)));
    assert!(futures_util::poll!(&mut first).is_pending() && futures_util::poll!(&mut second).is_pending());
    drop(running);
    assert!(first.await);
    drop(one);
    assert!(second.await);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_said() {
    let limits = [limit("p", at_once(1))];
    let _running = enter(&limits, 0, clock::now(), None).unwrap();
    let mut queue = Queue::default();
    let wait = queue.join(&enter(&limits, 0, clock::now(), None).unwrap_err()).unwrap();
    let began = Virtual::now();
    assert!(!pin!(queue.wait(None, began + wait)).await);
    assert_eq!(began.elapsed(), wait);
    assert!(pin!(queue.wait(Some(SECOND), Virtual::now() + wait)).await, "then there may be room");
    assert_eq!(began.elapsed(), wait + SECOND);
}

/// A request that has a place before one of two limits is not woken by what it takes of that and gives back.
#[tokio::test(start_paused = true)]
async fn who_lacks_something_of_two_limits_sleeps_until_that_comes() {
    let (provider, own) = (limit("p", at_once(2)), limit("p/m", at_once(1)));
    let both = [Arc::clone(&provider), Arc::clone(&own)];
    let first = enter(&both, 0, clock::now(), None).unwrap();
    let other = enter(std::slice::from_ref(&provider), 0, clock::now(), None).unwrap();
    let (mut queue, until) = (Queue::default(), Virtual::now() + SECOND * 10);
    let at = enter(&both, 0, clock::now(), Some(&queue)).unwrap_err();
    assert!(at.limit.name == "p".into() && queue.join(&at).is_some());
    drop(other);
    assert!(queue.wait(None, until).await, "the provider has room");
    let at = enter(&both, 0, clock::now(), Some(&queue)).unwrap_err();
    assert!(at.limit.name == "p/m".into() && queue.join(&at).is_some());
    queue.keep(std::iter::once(&at));
    assert!(futures_util::poll!(pin!(queue.wait(None, until))).is_pending(), "nothing else has come");
    drop(first);
    assert!(queue.wait(None, until).await);
    assert!(enter(&both, 0, clock::now(), Some(&queue)).is_ok());
}

/// Nobody but the first learns when the next request may be sent, so that who goes on wakes who is first then.
#[tokio::test(start_paused = true)]
async fn each_who_waits_for_the_rate_is_first_once() {
    let limits = quota::Limits { rate: minute(60), waiting: 2, ..quota::Limits::default() };
    let limits = [limit("p", limits)];
    let now = clock::now();
    let mut held: Vec<_> = (0..60).map(|_| enter(&limits, 0, now, None).unwrap()).collect();
    held.iter_mut().for_each(|(permit, _)| permit.sent());
    let until = Virtual::now() + SECOND * 10;
    let (mut one, mut two) = (Queue::default(), Queue::default());
    let at = enter(&limits, 0, now, None).unwrap_err();
    assert!(at.after().is_some() && one.join(&at).is_some());
    let at = enter(&limits, 0, now, None).unwrap_err();
    assert!(at.after().is_none() && two.join(&at).is_some(), "others come first");
    let mut second = Box::pin(two.wait(None, until));
    assert!(futures_util::poll!(&mut second).is_pending());
    held.push(enter(&limits, 0, now + SECOND * 2, Some(&one)).unwrap());
    drop(one);
    assert!(second.await, "it is the first now");
}
