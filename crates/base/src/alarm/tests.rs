use super::{Alarm, Alarms};
use std::future::{Future, pending, poll_fn, ready};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn an_alarm_rings_at_the_limit_that_was_set_last() {
    let began = Instant::now();
    for limits in [&[5][..], &[5, 9], &[9, 5], &[9, 5, 7], &[3, 8, 8, 4, 6]] {
        let now = Instant::now();
        let mut alarm = Alarm::at(now + 60 * SECOND);
        let mut last = 0;
        for limit in limits {
            alarm.set(now + *limit * SECOND);
            last = *limit;
            let polled = poll_fn(|context| Poll::Ready(alarm.poll(context))).await;
            assert!(polled.is_pending());
        }
        poll_fn(|context| alarm.poll(context)).await;
        assert_eq!(now.elapsed().as_secs(), u64::from(last), "{limits:?}");
        // It can be set again.
        alarm.set(Instant::now() + SECOND);
        poll_fn(|context| alarm.poll(context)).await;
        assert_eq!(now.elapsed().as_secs(), u64::from(last) + 1, "{limits:?}");
    }
    assert!(began.elapsed() > SECOND);
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_often_is_woken_at_the_limit_too() {
    let (began, mut alarm) = (Instant::now(), Alarm::at(Instant::now() + 2 * SECOND));
    let mut wakes = 0;
    poll_fn(|context| {
        wakes += 1;
        for more in [7, 6, 5] {
            // Later limits, and the same one.
            if wakes == 1 {
                alarm.set(began + more * SECOND);
            }
            if alarm.poll(context).is_ready() {
                return Poll::Ready(());
            }
        }
        Poll::Pending
    })
    .await;
    assert_eq!((began.elapsed().as_secs(), wakes), (5, 3));
}

#[tokio::test(start_paused = true)]
async fn who_polls_last_is_woken() {
    let mut alarm = Alarm::at(Instant::now() + SECOND);
    let first = poll_fn(|context| Poll::Ready(alarm.poll(context))).await;
    assert!(first.is_pending());
    let task = tokio::task::unconstrained(async move { poll_fn(|context| alarm.poll(context)).await });
    let (mut set, began) = (tokio::task::JoinSet::new(), Instant::now());
    set.spawn(task);
    set.join_next().await.unwrap().unwrap();
    assert_eq!(began.elapsed(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn one_alarm_serves_many_limits() {
    let alarms = Alarms::default();
    let kept = || alarms.0.lock().unwrap().len();
    assert_eq!(alarms.within(SECOND, pin!(ready(1))).await, Some(1));
    assert_eq!(kept(), 0, "what is there at once needs none");
    for (limit, lasts) in [(9, 1), (3, 7), (5, 4), (20, 30), (1, 2), (8, 1)] {
        let began = Instant::now();
        let work = async {
            sleep(lasts * SECOND).await;
            lasts
        };
        let outcome = alarms.within(limit * SECOND, pin!(work)).await;
        assert_eq!(outcome, (lasts < limit).then_some(lasts));
        assert_eq!(began.elapsed(), limit.min(lasts) * SECOND);
        assert_eq!(kept(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn limits_side_by_side_have_alarms_of_their_own() {
    let alarms = Alarms::default();
    let began = Instant::now();
    let (mut one, mut other) = (pin!(pending::<()>()), pin!(pending::<()>()));
    let first = async {
        alarms.within(SECOND, one.as_mut()).await;
        began.elapsed()
    };
    let second = async {
        alarms.within(2 * SECOND, other.as_mut()).await;
        began.elapsed()
    };
    assert_eq!(tokio::join!(first, second), (SECOND, 2 * SECOND));
    assert_eq!(alarms.0.lock().unwrap().len(), 2);
}

/// A task that has done much in one turn is put off by all that waits, and must be woken all the same.
#[tokio::test(start_paused = true)]
async fn an_alarm_rings_for_a_task_that_has_spent_its_budget() {
    for kept in [false, true] {
        let alarms = Alarms::default();
        if kept {
            assert_eq!(alarms.within(9 * SECOND, pin!(sleep(SECOND))).await, Some(()));
        }
        let mut spent = false;
        let silent = poll_fn(|context| {
            while !spent && pin!(tokio::task::coop::consume_budget()).poll(context).is_ready() {}
            spent = true;
            Poll::<()>::Pending
        });
        let limited = async { alarms.within(SECOND, pin!(silent)).await };
        assert_eq!(tokio::time::timeout(60 * SECOND, limited).await, Ok(None));
    }
}
