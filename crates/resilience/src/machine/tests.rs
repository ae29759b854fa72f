use super::{Action, Backoff, Event, Machine, State};
use proptest::prelude::*;
use std::time::{Duration, Instant};

const BACKOFF: Backoff = Backoff { first: Duration::from_millis(500), max: Duration::from_secs(60) };

fn machine() -> (Machine, Instant) {
    let now = base::clock::now();
    (Machine::new(true, BACKOFF, now), now)
}

#[test]
fn a_call_starts_it_and_a_quiet_time_ends_it() {
    let (mut machine, now) = machine();
    assert_eq!(machine.step(Event::Wanted, now, 0.0), Action::Start);
    assert_eq!(machine.step(Event::Wanted, now, 0.0), Action::Nothing, "it is being started already");
    machine.step(Event::Started { whole: true }, now, 0.0);
    assert_eq!(machine.state(), State::Ready);
    assert_eq!(machine.step(Event::Quiet, now, 0.0), Action::Stop);
    assert_eq!(machine.state(), State::Idle);
}

#[test]
fn a49_failures_wait_longer_each_time_up_to_the_limit() {
    let (mut machine, mut now) = machine();
    let mut waits = Vec::new();
    for _ in 0..10 {
        assert_eq!(machine.step(Event::Wanted, now, 0.0), Action::Start);
        machine.step(Event::StartFailed { for_good: false }, now, 0.0);
        let State::BackingOff(until) = machine.state() else { panic!("it does not wait") };
        assert_eq!(machine.step(Event::Wanted, now, 0.0), Action::Nothing, "a call does not shorten the wait");
        waits.push((until - now).as_millis());
        now = until;
    }
    assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
}

#[test]
fn an_end_after_a_long_run_is_a_first_failure_again() {
    let (mut machine, mut now) = machine();
    for _ in 0..5 {
        machine.step(Event::Wanted, now, 0.0);
        machine.step(Event::Started { whole: true }, now, 0.0);
        now += Duration::from_secs(31);
        assert_eq!(machine.step(Event::Ended, now, 0.0), Action::Stop);
        assert_eq!(machine.state(), State::BackingOff(now + BACKOFF.first));
        now += Duration::from_secs(1);
    }
}

#[test]
fn a49_one_that_keeps_ending_is_waited_for_longer_and_one_that_is_killed_now_and_then_is_not() {
    for (runs_for, waits) in [(2, [500, 1000, 2000, 4000]), (6, [500, 500, 500, 500])] {
        let (mut machine, mut now) = machine();
        for wait in waits {
            machine.step(Event::Wanted, now, 0.0);
            machine.step(Event::Started { whole: true }, now, 0.0);
            now += Duration::from_secs(runs_for);
            machine.step(Event::Ended, now, 0.0);
            let until = now + Duration::from_millis(wait);
            assert_eq!(machine.state(), State::BackingOff(until), "it ran for {runs_for} s");
            now = until;
        }
    }
}

#[test]
fn what_is_refused_is_tried_when_told_or_after_a_while() {
    let (mut machine, now) = machine();
    machine.step(Event::Wanted, now, 0.0);
    machine.step(Event::StartFailed { for_good: true }, now, 0.0);
    assert_eq!(machine.step(Event::Wanted, now, 0.0), Action::Nothing);
    assert_eq!(machine.clone().step(Event::Told, now, 0.0), Action::Start);
    assert_eq!(machine.step(Event::Wanted, now + Duration::from_secs(31), 0.0), Action::Start);
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Wanted),
        Just(Event::Told),
        any::<bool>().prop_map(|whole| Event::Started { whole }),
        any::<bool>().prop_map(|for_good| Event::StartFailed { for_good }),
        Just(Event::Ended),
        Just(Event::Failed),
        Just(Event::Worked),
        Just(Event::Quiet),
        Just(Event::Elapsed),
    ]
}

proptest! {
    #[test]
    fn a_start_and_only_a_start_leads_to_starting(events in prop::collection::vec((any_event(), 0u64..100), 0..60)) {
        let (mut machine, mut now) = machine();
        for (event, seconds) in events {
            now += Duration::from_secs(seconds);
            let before = machine.state();
            let action = machine.step(event, now, 0.5);
            prop_assert_eq!(action == Action::Start, machine.state() == State::Starting && (before != State::Starting));
            if action == Action::Stop {
                prop_assert!(before.is_live() && !machine.state().is_live());
            }
        }
    }

    #[test]
    fn what_is_switched_off_stays_off(events in prop::collection::vec(any_event(), 0..40)) {
        let now = base::clock::now();
        let mut machine = Machine::new(false, BACKOFF, now);
        for event in events {
            prop_assert_eq!(machine.step(event, now, 0.0), Action::Nothing);
        }
        prop_assert_eq!(machine.state(), State::Disabled);
    }
}
