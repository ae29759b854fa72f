use super::*;

const SECOND: Duration = Duration::from_secs(1);
const NOW: Moment = Duration::from_secs(100);

fn rate(count: u32) -> Option<Rate> {
    Some(Rate { count, per: SECOND * 60, burst: count })
}

fn lacks(entered: Result<u32, Full>) -> Option<(Lack, Option<u64>)> {
    entered.err().map(|full| (full.lack, full.after.map(|after| after.as_secs())))
}

#[test]
fn what_one_limit_refuses_the_others_have_not_counted() {
    let limits = Limits { running: Some(2), rate: rate(3), units: rate(60), waiting: 1 };
    let mut quota = Quota::default();
    assert_eq!(quota.enter(&limits, 50, NOW, false), Ok(50));
    assert_eq!(lacks(quota.enter(&limits, 20, NOW, false)), Some((Lack::Units, Some(10))));
    assert_eq!(quota.enter(&limits, 10, NOW, false), Ok(10));
    assert_eq!(lacks(quota.enter(&limits, 0, NOW, false)), Some((Lack::Running, None)));
    quota.leave(&limits, true);
    // Two of three were counted: those that were refused were none of them.
    assert_eq!(quota.enter(&limits, 0, NOW, false), Ok(0));
    quota.leave(&limits, true);
    assert_eq!(lacks(quota.enter(&limits, 0, NOW, false)), Some((Lack::Rate, Some(20))));
    assert_eq!(quota.enter(&limits, 0, NOW + SECOND * 20, false), Ok(0));
}

#[test]
fn nobody_overtakes_those_who_wait_and_no_more_wait_than_may() {
    let limits = Limits { running: Some(1), waiting: 1, ..Limits::default() };
    let mut quota = Quota::default();
    assert_eq!(quota.enter(&limits, 0, NOW, false), Ok(0));
    assert!(quota.join(&limits));
    assert!(!quota.join(&limits));
    assert!(!quota.has_room(&limits, NOW));
    quota.leave(&limits, true);
    assert!(quota.has_room(&limits, NOW));
    assert_eq!(lacks(quota.enter(&limits, 0, NOW, false)), Some((Lack::Turn, None)));
    assert_eq!(quota.enter(&limits, 0, NOW, true), Ok(0));
    quota.stop_waiting();
    assert_eq!((quota.waiting(), lacks(quota.enter(&limits, 0, NOW, false))), (0, Some((Lack::Running, None))));
}

#[test]
fn what_was_not_sent_was_not_counted_and_what_was_used_is() {
    let limits = Limits { rate: rate(1), units: rate(60), ..Limits::default() };
    let mut quota = Quota::default();
    assert_eq!(quota.enter(&limits, 1_000, NOW, false), Ok(60), "more than come at once are taken when all are there");
    quota.leave(&limits, false);
    quota.correct(&limits, 60, 0, NOW);
    assert_eq!(quota.enter(&limits, 10, NOW, false), Ok(10));
    quota.leave(&limits, true);
    quota.correct(&limits, 10, 90, NOW);
    let later = NOW + SECOND * 60;
    assert_eq!(lacks(quota.enter(&limits, 60, later, false)), Some((Lack::Units, Some(30))));
    assert_eq!(quota.enter(&limits, 60, later + SECOND * 30, false), Ok(60));
}

#[test]
fn without_limits_all_pass() {
    let (limits, mut quota) = (Limits::default(), Quota::default());
    assert!((0..1_000).all(|_| quota.enter(&limits, u64::MAX, NOW, false) == Ok(0)));
    assert!(!quota.join(&limits));
}
