use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// Has a request leave after it has waited so long.
fn leave(seen: &Arc<Seen>, now: Instant, after: Duration) {
    let mut pass = seen.enter(now, 0.0, false).unwrap();
    pass.sent(now, true);
    pass.left(now + after);
}

#[test]
fn clients_that_leave_after_a_long_silence_teach_that_it_hangs() {
    let seen = Arc::new(Seen::new());
    let mut now = clock::now();
    for _ in 0..10 {
        leave(&seen, now, SECOND * 40);
        now += SECOND;
    }
    assert_eq!(seen.held().state, "open");
    assert!(seen.enter(now + SECOND * 39, 0.0, false).is_err());
    let mut candidate = Candidate::new("p/m");
    seen.tell(&mut candidate);
    assert!(candidate.failing_recently);
    assert!(candidate.latency.is_some_and(|latency| latency >= SECOND * 20), "{:?}", candidate.latency);
    assert_eq!(candidate.in_flight, 0);
}

#[test]
fn clients_that_are_impatient_say_nothing_of_it() {
    let seen = Arc::new(Seen::new());
    let now = clock::now();
    for _ in 0..20 {
        leave(&seen, now, SECOND * 29);
        // What was heard, or was never sent, was not silent.
        let mut heard = seen.enter(now, 0.0, false).unwrap();
        heard.sent(now, true);
        heard.heard();
        heard.left(now + SECOND * 300);
        seen.enter(now, 0.0, false).unwrap().left(now + SECOND * 300);
        // A whole answer takes as long as it does.
        let mut whole = seen.enter(now, 0.0, false).unwrap();
        whole.sent(now, false);
        whole.left(now + SECOND * 300);
    }
    assert_eq!((seen.held().state, seen.measured()), ("closed", Measured::default()));
}

#[test]
fn what_is_long_goes_by_how_long_its_answers_take_to_begin() {
    let seen = Arc::new(Seen::new());
    let now = clock::now();
    (0..30).for_each(|_| seen.answered(now, SECOND * 60));
    let usual = seen.measured().latency;
    for _ in 0..20 {
        leave(&seen, now, SECOND * 110);
    }
    assert_eq!(seen.held().state, "closed");
    assert!(seen.measured().latency <= usual);
    // Those that are given up do not make it any longer.
    let (before, mut later) = (seen.longest_silence(), now + SECOND * 20);
    for _ in 0..5 {
        leave(&seen, later, before);
        later += SECOND;
    }
    assert_eq!((seen.longest_silence(), seen.held().state), (before, "limited"));
}

#[test]
fn what_failed_is_sent_again_once_and_only_as_long_as_few_fail() {
    let seen = Seen::new();
    let now = clock::now();
    let again = |reach, attempts, asked| seen.repeat_after((reach, attempts), asked, now, 0.5);
    let quarter = Duration::from_millis(250);
    let table = [
        (again(Reach::MayHaveBegun, 1, None), Some(quarter / 2)),
        (again(Reach::Faulty, 1, None), Some(quarter / 2)),
        (again(Reach::Faulty, 2, None), None),
        (again(Reach::Final, 1, None), None),
        (again(Reach::NotBegun, 1, Some(SECOND * 2)), Some(SECOND * 2 + quarter / 2)),
        (again(Reach::NotBegun, 1, Some(SECOND * 4)), None),
    ];
    for (number, (found, expected)) in table.into_iter().enumerate() {
        assert_eq!(found, expected, "{number}");
    }
    let left = (0..100).filter(|_| again(Reach::Faulty, 1, None).is_some()).count();
    assert_eq!(left, 7, "ten in a row, of which three are gone");
    (0..50).for_each(|_| seen.answered(now, SECOND));
    assert_eq!((0..100).filter(|_| again(Reach::Faulty, 1, None).is_some()).count(), 2, "one for 25 answers");
}

#[test]
fn what_fails_for_one_caller_alone_is_not_its_fault() {
    let seen = Seen::new();
    let (one, other): (Arc<str>, Arc<str>) = (Arc::from("one"), Arc::from("other"));
    assert!(seen.is_blamed_by(&one) && seen.is_blamed_by(&one), "nobody knows better");
    seen.failed();
    seen.worked_for(&one);
    assert!(seen.is_blamed_by(&one), "its own successes say nothing");
    seen.worked_for(&other);
    assert!(!seen.is_blamed_by(&one) && !seen.is_blamed_by(&one));
    assert!(seen.is_blamed_by(&other), "it fails for somebody else too");
    assert!(seen.is_blamed_by(&one));
}
