use super::{Decision, Effect, Failure, Reach, Reason, Settings, decide};
use crate::budget::{self, Budget};
use proptest::prelude::*;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn ask(effect: Effect, reach: Reach, attempts: u32, asked: Option<Duration>) -> Decision {
    let limits = budget::Settings::default();
    let mut budget = Budget::new(&limits, Duration::ZERO);
    let failure = Failure { effect, reach, attempts, asked };
    decide(&Settings::default(), &failure, (&mut budget, &limits), Duration::ZERO, 0.5)
}

#[test]
fn only_what_may_be_done_twice_is_sent_again() {
    use Effect::{Idempotent, Read, Write};
    use Reach::{Faulty, Final, MayHaveBegun, NotBegun, NotSent};
    for (effect, reach, again) in [
        (Read, NotSent, true),
        (Write, NotSent, true),
        (Read, NotBegun, true),
        (Idempotent, NotBegun, true),
        (Write, NotBegun, true),
        (Read, MayHaveBegun, true),
        (Idempotent, MayHaveBegun, true),
        (Write, MayHaveBegun, false),
        (Read, Faulty, true),
        (Idempotent, Faulty, true),
        (Write, Faulty, false),
        (Read, Final, false),
        (Idempotent, Final, false),
        (Write, Final, false),
    ] {
        let decision = ask(effect, reach, 1, None);
        assert_eq!(matches!(decision, Decision::Again(_)), again, "{effect:?} {reach:?}: {decision:?}");
        if !again {
            assert_eq!(decision, Decision::GiveUp(Reason::Effect));
        }
    }
}

#[test]
fn it_ends() {
    assert!(matches!(ask(Effect::Read, Reach::MayHaveBegun, 2, None), Decision::Again(_)));
    assert_eq!(ask(Effect::Read, Reach::MayHaveBegun, 3, None), Decision::GiveUp(Reason::Attempts));
}

#[test]
fn a_server_that_asks_for_time_gets_it() {
    let asked = |seconds| ask(Effect::Read, Reach::NotBegun, 1, Some(SECOND * seconds));
    let Decision::Again(wait) = asked(2) else { panic!("not sent again") };
    assert!(wait >= SECOND * 2 && wait <= SECOND * 2 + Settings::default().first, "{wait:?}");
    assert_eq!(asked(6), Decision::GiveUp(Reason::Wait));
    assert_eq!(asked(0), Decision::Again(Settings::default().first / 2));
}

#[test]
fn without_budget_nothing_is_sent_again() {
    let limits = budget::Settings { share: 0.0, floor: 0.0, most: 2.0 };
    let mut budget = Budget::new(&limits, Duration::ZERO);
    let failure = Failure { effect: Effect::Read, reach: Reach::NotBegun, attempts: 1, asked: None };
    let mut next = || decide(&Settings::default(), &failure, (&mut budget, &limits), SECOND, 0.0);
    assert_eq!(next(), Decision::Again(Duration::ZERO));
    assert_eq!(next(), Decision::GiveUp(Reason::Budget));
}

/// What never went out makes no traffic.
#[test]
fn what_was_not_sent_costs_no_budget() {
    let limits = budget::Settings { share: 0.0, floor: 0.0, most: 2.0 };
    let mut budget = Budget::new(&limits, Duration::ZERO);
    let failure = Failure { effect: Effect::Write, reach: Reach::NotSent, attempts: 1, asked: Some(SECOND) };
    for _ in 0..10 {
        let decision = decide(&Settings::default(), &failure, (&mut budget, &limits), SECOND, 0.9);
        assert_eq!(decision, Decision::Again(SECOND));
    }
}

/// A call that may not be sent again must not use up what others could need.
#[test]
fn what_is_given_up_costs_no_budget() {
    let limits = budget::Settings { share: 0.0, floor: 0.0, most: 2.0 };
    let mut budget = Budget::new(&limits, Duration::ZERO);
    let failure = Failure { effect: Effect::Write, reach: Reach::MayHaveBegun, attempts: 1, asked: None };
    for _ in 0..10 {
        decide(&Settings::default(), &failure, (&mut budget, &limits), SECOND, 0.0);
    }
    assert_eq!(budget.left(&limits, SECOND), 1);
}

proptest! {
    #[test]
    fn the_wait_stays_within_its_limits(
        attempts in 1u32..60, first in 0u64..10_000, longest in 0u64..100_000,
        asked in prop::option::of(0u64..200_000), random in 0.0f64..1.0,
    ) {
        let millis = Duration::from_millis;
        let settings = Settings { attempts: 100, first: millis(first), longest: millis(longest) };
        let limits = budget::Settings::default();
        let mut budget = Budget::new(&limits, Duration::ZERO);
        let asked = asked.map(millis);
        let failure = Failure { effect: Effect::Read, reach: Reach::Faulty, attempts, asked };
        if let Decision::Again(wait) = decide(&settings, &failure, (&mut budget, &limits), SECOND, random) {
            prop_assert!(wait >= asked.unwrap_or_default());
            prop_assert!(wait <= settings.longest.max(asked.unwrap_or_default() + settings.first));
        } else {
            prop_assert!(asked.is_some_and(|asked| asked > settings.longest));
        }
    }
}
