mod simulation;

use super::{Breaker, Outcome, Pass, Settings, Snapshot, State, Verdict, Why};
use proptest::prelude::*;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

fn pass(breaker: &mut Breaker, settings: &Settings, now: Duration, random: f64) -> Pass {
    match breaker.admit(settings, now, random) {
        Verdict::Pass(pass) => pass,
        Verdict::Reject { retry_after } => panic!("turned away for {retry_after:?}"),
    }
}

fn end(breaker: &mut Breaker, settings: &Settings, now: Duration, outcome: Outcome) {
    let pass = pass(breaker, settings, now, 0.0);
    breaker.ended(settings, now, pass, outcome);
}

/// Brings a new breaker to the state open, and says when.
fn open(settings: &Settings) -> (Breaker, Duration) {
    let mut breaker = Breaker::new(settings, Duration::ZERO);
    let mut now = Duration::ZERO;
    while breaker.state() != State::Open {
        now += SECOND / 4;
        assert!(now < SECOND * 60, "it opens");
        end(&mut breaker, settings, now, Outcome::Failed);
    }
    (breaker, now)
}

#[test]
fn few_failures_and_failures_of_one_moment_change_nothing() {
    let settings = Settings::default();
    let mut breaker = Breaker::new(&settings, Duration::ZERO);
    for _ in 0..4 {
        end(&mut breaker, &settings, SECOND, Outcome::Failed);
    }
    assert_eq!(breaker.state(), State::Closed);
    // A process that ends takes all its calls with it, at once.
    let mut burst = Breaker::new(&settings, Duration::ZERO);
    for _ in 0..100 {
        end(&mut burst, &settings, SECOND, Outcome::Failed);
    }
    for step in 1..100 {
        end(&mut burst, &settings, SECOND + MILLI * step, Outcome::Worked(MILLI));
    }
    assert_eq!(burst.state(), State::Closed);
}

#[test]
fn it_opens_by_share_and_an_open_one_lets_probes_through_only() {
    let settings = Settings::default();
    let mut breaker = Breaker::new(&settings, Duration::ZERO);
    let mut shares = vec![];
    for step in 1..200 {
        let now = MILLI * 50 * step;
        if breaker.state() != State::Open {
            end(&mut breaker, &settings, now, Outcome::Failed);
            shares.push(breaker.share());
        }
    }
    shares.dedup();
    assert_eq!(shares.len(), 3, "all, a share, nothing: {shares:?}");
    let (mut breaker, now) = open(&settings);
    let Verdict::Reject { retry_after } = breaker.admit(&settings, now, 0.0) else { panic!("it is open") };
    assert_eq!(retry_after, settings.probe);
    let later = now + retry_after;
    let probe = pass(&mut breaker, &settings, later, 0.99);
    assert!(probe.probe);
    assert!(matches!(breaker.admit(&settings, later, 0.0), Verdict::Reject { .. }), "one probe at a time");
    breaker.ended(&settings, later, probe, Outcome::Failed);
    let Verdict::Reject { retry_after } = breaker.admit(&settings, later, 0.0) else { panic!("it is open") };
    assert_eq!(retry_after, settings.probe * 2, "the wait doubles");
    let again = pass(&mut breaker, &settings, later + retry_after, 0.0);
    breaker.ended(&settings, later + retry_after, again, Outcome::Worked(MILLI));
    assert_eq!((breaker.state(), breaker.share()), (State::Limited, 0.1));
}

#[test]
fn it_recovers_by_steps() {
    let settings = Settings::default();
    let (mut breaker, mut now) = open(&settings);
    now += settings.probe;
    let mut shares = vec![];
    for _ in 0..1000 {
        end(&mut breaker, &settings, now, Outcome::Worked(MILLI));
        shares.push((breaker.share() * 100.0).round() as u32);
        now += MILLI * 10;
    }
    shares.dedup();
    assert_eq!(shares, [10, 20, 40, 80, 100]);
}

#[test]
fn it_says_why_until_all_is_let_through_again() {
    let settings = Settings::default();
    let (mut breaker, mut now) = open(&settings);
    let why = breaker.parts(&settings, now).why;
    assert!(
        matches!(why, Some(Why::Failed { failed, calls }) if failed == calls && calls >= settings.least),
        "{why:?}"
    );
    let restored = Breaker::restore(&settings, &breaker.snapshot(), now);
    assert_eq!(restored.parts(&settings, now).why, None, "what led there is not kept");
    while breaker.state() != State::Closed {
        assert_eq!(breaker.parts(&settings, now).why, why, "while it recovers the reason is the same");
        now += SECOND;
        assert!(now < SECOND * 120, "it recovers");
        end(&mut breaker, &settings, now, Outcome::Worked(MILLI));
    }
    assert_eq!(breaker.parts(&settings, now).why, None);
}

#[test]
fn a_probe_that_was_given_up_makes_room_for_another() {
    let settings = Settings::default();
    let (mut breaker, now) = open(&settings);
    let later = now + settings.probe;
    let probe = pass(&mut breaker, &settings, later, 0.0);
    breaker.ended(&settings, later, probe, Outcome::Unknown);
    assert!(pass(&mut breaker, &settings, later, 0.0).probe);
    let mut other = open(&settings).0;
    let probe = pass(&mut other, &settings, later, 0.0);
    other.withdrawn(probe);
    assert!(pass(&mut other, &settings, later, 0.0).probe);
}

/// Calls that hung since before may end long after all is well again.
#[test]
fn what_began_before_it_opened_is_not_counted_after() {
    let settings = Settings::default();
    let mut breaker = Breaker::new(&settings, Duration::ZERO);
    let hung: Vec<Pass> = (0..50).map(|_| pass(&mut breaker, &settings, Duration::ZERO, 0.0)).collect();
    let mut now = SECOND;
    while breaker.state() != State::Open {
        end(&mut breaker, &settings, now, Outcome::Failed);
        now += SECOND / 4;
    }
    now += settings.probe;
    for _ in 0..1000 {
        end(&mut breaker, &settings, now, Outcome::Worked(MILLI));
        now += MILLI * 10;
    }
    for pass in hung {
        breaker.ended(&settings, now, pass, Outcome::Failed);
        now += MILLI * 100;
    }
    assert_eq!(breaker.state(), State::Closed);
    assert_eq!(breaker.parts(&settings, now).in_flight, 0);
}

#[test]
fn a_server_that_asks_to_be_left_alone_is() {
    let settings = Settings::default();
    let mut breaker = Breaker::new(&settings, Duration::ZERO);
    breaker.pause(SECOND * 3);
    breaker.pause(SECOND * 2);
    let verdict = breaker.admit(&settings, SECOND, 0.0);
    assert_eq!(verdict, Verdict::Reject { retry_after: SECOND * 2 });
    assert_eq!(breaker.parts(&settings, SECOND).paused_for, Some(SECOND * 2));
    assert!(matches!(breaker.admit(&settings, SECOND * 3, 0.99), Verdict::Pass(_)));
}

#[test]
fn one_that_is_switched_off_lets_all_through() {
    let settings = Settings { enabled: false, ..Settings::default() };
    let mut breaker = Breaker::new(&settings, Duration::ZERO);
    for step in 0..1000 {
        end(&mut breaker, &settings, MILLI * 100 * step, Outcome::Failed);
    }
    let parts = breaker.parts(&settings, SECOND * 100);
    assert!((90..=100).contains(&parts.failed), "it is shown all the same: {parts:?}");
}

#[test]
fn what_was_learned_outlives_a_restart() {
    let settings = Settings::default();
    let mut breaker = Breaker::new(&settings, Duration::ZERO);
    for step in 0..1000u32 {
        let outcome = if step % 10 == 0 { Outcome::Failed } else { Outcome::Worked(MILLI * 100) };
        end(&mut breaker, &settings, MILLI * 300 * step, outcome);
    }
    let text = serde_json::to_string(&breaker.snapshot()).unwrap();
    let snapshot: Snapshot = serde_json::from_str(&text).unwrap();
    let restored = Breaker::restore(&settings, &snapshot, Duration::ZERO);
    let (before, after) = (breaker.parts(&settings, SECOND * 300), restored.parts(&settings, Duration::ZERO));
    assert_eq!(before.normal_errors, after.normal_errors);
    assert_eq!(before.slow_after, after.slow_after);
    assert!(after.normal_errors > 0.05 && after.tolerance > 0.2, "{after:?}");
    let (open, _) = open(&settings);
    let mut restored = Breaker::restore(&settings, &open.snapshot(), Duration::ZERO);
    assert_eq!(restored.state(), State::Open);
    assert!(pass(&mut restored, &settings, Duration::ZERO, 0.9).probe, "the first call after a restart is a probe");
    let broken = Snapshot { share: f64::NAN, ..Snapshot::default() };
    assert_eq!(Breaker::restore(&settings, &broken, Duration::ZERO).share(), 1.0);
}

proptest! {
    /// Whatever happens: the share is a share, the count of calls in flight is right, and an open breaker always lets a
    /// probe through in the end.
    #[test]
    fn whatever_happens_there_is_a_way_back(
        steps in prop::collection::vec((0u64..3000, 0u8..5, 0.0f64..1.0), 1..400),
    ) {
        let settings = Settings::default();
        let mut breaker = Breaker::new(&settings, Duration::ZERO);
        let (mut now, mut open) = (Duration::ZERO, Vec::new());
        for (wait, what, random) in steps {
            now += MILLI * u32::try_from(wait).unwrap();
            match what {
                0 | 1 => if let Verdict::Pass(pass) = breaker.admit(&settings, now, random) { open.push(pass) },
                2 => if let Some(pass) = open.pop() { breaker.ended(&settings, now, pass, Outcome::Failed) },
                3 => if let Some(pass) = open.pop() {
                    breaker.ended(&settings, now, pass, Outcome::Worked(MILLI * u32::try_from(wait).unwrap()));
                },
                _ => if let Some(pass) = open.pop() { breaker.ended(&settings, now, pass, Outcome::Unknown) },
            }
            prop_assert!((0.0..=1.0).contains(&breaker.share()));
            prop_assert_eq!(breaker.parts(&settings, now).in_flight as usize, open.len());
        }
        for pass in open {
            breaker.ended(&settings, now, pass, Outcome::Unknown);
        }
        now += settings.probe_most;
        for _ in 0..2000 {
            now += MILLI * 10;
            if let Verdict::Pass(pass) = breaker.admit(&settings, now, 0.0) {
                breaker.ended(&settings, now, pass, Outcome::Worked(MILLI));
            }
        }
        prop_assert_eq!(breaker.state(), State::Closed);
    }
}

/// Lets `breaker` learn that calls take 10 ms, one at a time, and comes to the moment after that.
fn taught(settings: &Settings) -> (Breaker, Duration) {
    let mut breaker = Breaker::new(settings, Duration::ZERO);
    let mut now = Duration::ZERO;
    for _ in 0..400 {
        now += MILLI * 60;
        end(&mut breaker, settings, now, Outcome::Worked(MILLI * 100));
    }
    (breaker, now)
}

#[test]
fn what_is_slow_is_a_factor_over_a_quantile() {
    let usual = Settings::default();
    let table = [
        (usual, 8.0),
        (Settings { slow_factor: 3.0, ..usual }, 3.0),
        (Settings { slow_factor: 2.5, slow_quantile: 0.99, ..usual }, 2.5),
        // However quick the others are, a quarter of a second is not slow.
        (Settings { slow_factor: 1.0, ..usual }, 1.0),
    ];
    for (settings, factor) in table {
        let (breaker, now) = taught(&settings);
        let parts = breaker.parts(&settings, now);
        let (slow, half) = (parts.slow_after.unwrap().as_secs_f64(), parts.latency_half.unwrap().as_secs_f64());
        let least = 0.25_f64.max(half * factor);
        assert!((slow - least).abs() < 0.01, "{factor}: {slow} after {half}");
    }
}

#[test]
fn a_jam_is_as_much_as_the_settings_say() {
    let usual = Settings::default();
    let jammed = |settings: Settings, calls: u32| {
        let (mut breaker, now) = taught(&settings);
        for _ in 0..calls {
            pass(&mut breaker, &settings, now, 0.0);
        }
        let mut later = now;
        for _ in 0..40 {
            later += SECOND;
            let _ = breaker.admit(&settings, later, 1.0);
            breaker.in_flight = calls;
        }
        breaker.share()
    };
    assert_eq!(jammed(usual, 7), 1.0, "fewer than eight are none");
    assert_eq!(jammed(usual, 20), usual.jam_share);
    assert_eq!(jammed(Settings { jam_least: 50, ..usual }, 20), 1.0);
    assert_eq!(jammed(Settings { jam_factor: 100.0, ..usual }, 20), 1.0);
    assert_eq!(jammed(Settings { jam_share: 0.6, ..usual }, 20), 0.6);
}

#[test]
fn it_opens_below_the_least_share() {
    for (least, shares) in [(0.5, 2), (0.05, 3), (0.001, 4)] {
        let settings = Settings { least_share: least, ..Settings::default() };
        let mut breaker = Breaker::new(&settings, Duration::ZERO);
        let mut seen = vec![1.0];
        let mut now = Duration::ZERO;
        while breaker.state() != State::Open {
            now += SECOND / 4;
            assert!(now < SECOND * 120, "it opens");
            if let Verdict::Pass(pass) = breaker.admit(&settings, now, 0.0) {
                breaker.ended(&settings, now, pass, Outcome::Failed);
            }
            seen.push(breaker.share());
        }
        assert!(seen.iter().all(|share| *share == 0.0 || *share >= least), "{seen:?}");
        seen.dedup();
        assert!(seen.len() >= shares, "{least}: {seen:?}");
    }
}

#[test]
fn health_is_asked_for_when_no_call_tells_and_brings_all_back() {
    let settings = Settings::default();
    let mut closed = Breaker::new(&settings, Duration::ZERO);
    assert!(!closed.wants_health(&settings, SECOND * 100), "where all is let through, calls tell");
    let (mut breaker, mut now) = open(&settings);
    assert!(!breaker.wants_health(&settings, now), "a probe is due later");
    now += settings.probe;
    // It fails, and the wait doubles as with a call.
    assert!(breaker.wants_health(&settings, now));
    let asked = pass(&mut breaker, &settings, now, 0.0);
    assert!(!breaker.wants_health(&settings, now), "one at a time");
    breaker.ended(&settings, now, asked, Outcome::Failed);
    assert!(!breaker.wants_health(&settings, now + settings.probe));
    now += settings.probe * 2;
    let latencies = breaker.normal().latency().total();
    let mut asked = 0;
    while breaker.state() != State::Closed {
        if breaker.wants_health(&settings, now) {
            end(&mut breaker, &settings, now, Outcome::Alive);
            asked += 1;
        }
        now += MILLI * 50;
        assert!(now < SECOND * 60, "it closes without a call: {:?}", breaker.parts(&settings, now));
    }
    assert!((4..=12).contains(&asked), "{asked}");
    assert_eq!(breaker.normal().latency().total(), latencies, "what a question takes is not what calls take");
    assert!(!breaker.wants_health(&settings, now + SECOND));
    end(&mut closed, &settings, SECOND, Outcome::Alive);
    let off = Settings { enabled: false, ..settings };
    assert!(!breaker.wants_health(&off, now + SECOND));
}

#[test]
fn a_server_that_answers_questions_and_fails_calls_is_tried_less_and_less_often() {
    let settings = Settings { probe_most: SECOND * 6, ..Settings::default() };
    let (mut breaker, mut now) = open(&settings);
    let mut waits = Vec::new();
    let asked = [Outcome::Alive, Outcome::Alive, Outcome::Alive, Outcome::Worked(MILLI), Outcome::Alive];
    for outcome in asked {
        let wait = breaker.parts(&settings, now).probe_in.unwrap();
        waits.push(wait.as_secs());
        now += wait;
        end(&mut breaker, &settings, now, outcome);
        assert_eq!(breaker.state(), State::Limited);
        while breaker.state() != State::Open {
            now += SECOND / 4;
            if let Verdict::Pass(pass) = breaker.admit(&settings, now, 0.0) {
                breaker.ended(&settings, now, pass, Outcome::Failed);
            }
        }
    }
    assert_eq!(waits, [1, 2, 4, 6, 1], "a call that works is believed");
}

#[test]
fn how_long_a_call_takes_as_a_rule_is_known_after_some() {
    let settings = Settings::default();
    let mut breaker = Breaker::new(&settings, Duration::ZERO);
    assert_eq!(breaker.normal().usual(), None);
    for count in 0..60u64 {
        let now = Duration::from_millis(count * 100);
        let Verdict::Pass(pass) = breaker.admit(&settings, now, 0.5) else { panic!("all goes well") };
        breaker.ended(&settings, now, pass, Outcome::Worked(Duration::from_millis(20)));
    }
    let usual = breaker.normal().usual().expect("it is known");
    assert!((15..30).contains(&usual.as_millis()), "{usual:?}");
}

#[test]
fn where_no_other_is_left_a_few_go_through_and_the_first_that_works_opens_it() {
    let settings = Settings::default();
    let (mut breaker, now) = open(&settings);
    assert!(matches!(breaker.admit(&settings, now, 0.0), Verdict::Reject { .. }));
    let probe = breaker.parts(&settings, now);
    let forced: Vec<Pass> = std::iter::from_fn(|| breaker.force(now)).collect();
    assert_eq!(forced.len(), 8);
    for pass in &forced[1..] {
        breaker.ended(&settings, now, *pass, Outcome::Failed);
    }
    assert_eq!(breaker.state(), State::Open);
    assert_eq!(breaker.parts(&settings, now).share, probe.share);
    breaker.ended(&settings, now, forced[0], Outcome::Worked(MILLI));
    assert_eq!(breaker.state(), State::Limited);
    breaker.pause(now + SECOND);
    assert_eq!(breaker.force(now), None, "it has asked for a pause");
}
