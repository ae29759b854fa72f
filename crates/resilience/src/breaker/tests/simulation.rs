//! The breaker against made-up servers and traffic, second by second, with a fixed seed.

use crate::breaker::{Breaker, Outcome, Pass, Settings, State, Verdict};
use std::collections::BTreeMap;
use std::time::Duration;

const MILLI: Duration = Duration::from_millis(1);

/// Numbers that look random: Sebastiano Vigna's SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// What a server does with a call that comes at this millisecond, with so many in flight.
type Server = fn(u64, u32, &mut Random) -> (Duration, bool);

struct Run {
    breaker: Breaker,
    settings: Settings,
    /// The share admitted at the end of each second.
    shares: Vec<f64>,
    admitted: u64,
    asked: u64,
}

/// Sends `rate` calls a second for `seconds`.
fn run(seed: u64, rate: u64, seconds: u64, server: Server) -> Run {
    let settings = Settings::default();
    let mut run =
        Run { breaker: Breaker::new(&settings, Duration::ZERO), settings, shares: vec![], admitted: 0, asked: 0 };
    let mut random = Random(seed);
    let mut ends: BTreeMap<Duration, Vec<(Pass, Outcome)>> = BTreeMap::new();
    for number in 0..rate * seconds {
        let now = Duration::from_micros(number * 1_000_000 / rate);
        while let Some(entry) = ends.first_entry().filter(|entry| *entry.key() <= now) {
            let at = *entry.key();
            for (pass, outcome) in entry.remove() {
                run.breaker.ended(&settings, at, pass, outcome);
            }
        }
        run.asked += 1;
        let roll = random.next();
        if let Verdict::Pass(pass) = run.breaker.admit(&settings, now, roll) {
            run.admitted += 1;
            let in_flight = run.breaker.parts(&settings, now).in_flight;
            let milli = u64::try_from(now.as_millis()).unwrap();
            let (latency, works) = server(milli, in_flight, &mut random);
            let outcome = if works { Outcome::Worked(latency) } else { Outcome::Failed };
            ends.entry(now + latency).or_default().push((pass, outcome));
        }
        if (number + 1) % rate == 0 {
            run.shares.push(run.breaker.share());
        }
    }
    run
}

impl Run {
    fn mean_share(&self, from: usize, to: usize) -> f64 {
        self.shares[from..to].iter().sum::<f64>() / (to - from) as f64
    }

    fn admitted_share(&self) -> f64 {
        self.admitted as f64 / self.asked as f64
    }
}

fn latency(random: &mut Random) -> Duration {
    MILLI * 5 + MILLI.mul_f64(random.next() * 20.0)
}

#[test]
fn a_healthy_server_gets_all() {
    for rate in [1, 10, 100, 1000] {
        let run = run(rate, rate, 120, |_, _, random| (latency(random), true));
        assert_eq!(run.admitted, run.asked, "{rate} a second");
    }
}

/// What the hub is judged by: one call in a hundred fails, and none is turned away for it.
#[test]
fn one_error_in_a_hundred_costs_no_admission() {
    for seed in 0..40 {
        for rate in [2, 20, 200] {
            let run = run(seed, rate, 200, |_, _, random| (latency(random), random.next() >= 0.01));
            assert_eq!(run.admitted, run.asked, "{rate} a second, seed {seed}");
        }
    }
}

#[test]
fn one_error_in_ten_costs_hardly_any() {
    for seed in 0..20 {
        let run = run(seed, 50, 200, |_, _, random| (latency(random), random.next() >= 0.1));
        assert!(run.admitted_share() > 0.995, "seed {seed}: {}", run.admitted_share());
    }
}

#[test]
fn a_server_that_fails_every_second_call_gets_little() {
    for seed in 0..20 {
        let run = run(seed, 100, 120, |_, _, random| (latency(random), random.next() >= 0.5));
        let share = run.mean_share(20, 120);
        assert!(share < 0.35, "seed {seed}: {share}");
        assert!(run.admitted > 200, "seed {seed}: it stays elastic: {}", run.admitted);
    }
}

#[test]
fn a_dead_server_gets_probes_only() {
    for rate in [5, 100, 1000] {
        let run = run(7, rate, 300, |_, _, _| (MILLI, false));
        assert_eq!(run.breaker.state(), State::Open);
        let after = run.shares.iter().position(|share| *share <= 0.0).unwrap();
        assert!(after <= 12, "{rate} a second: open after {after} s");
        // Two seconds of traffic, then probes that become rarer.
        assert!(run.admitted < rate * 4 + 40, "{rate} a second: {} calls", run.admitted);
    }
}

#[test]
fn recovery_goes_by_steps_and_is_quick() {
    let run = run(3, 100, 120, |milli, _, random| (latency(random), !(20_000..40_000).contains(&milli)));
    assert_eq!(run.shares[19], 1.0);
    assert_eq!(run.shares[30], 0.0);
    let up = run.shares.iter().skip(40).position(|share| *share > 0.0).unwrap();
    let whole = run.shares.iter().skip(40).position(|share| *share >= 1.0).unwrap();
    assert!(up <= 31, "the next probe finds it: after {up} s");
    assert!((3..=6).contains(&(whole - up)), "from {up} to {whole}");
    assert!(run.shares[40 + whole..].iter().all(|share| *share >= 1.0));
}

/// Two seconds up, two seconds down: never all that is asked goes into the downs.
#[test]
fn a_flapping_server_is_held_back() {
    let run = run(11, 100, 200, |milli, _, random| (latency(random), milli / 2000 % 2 == 0));
    assert!(run.mean_share(20, 200) < 0.6, "{}", run.mean_share(20, 200));
    assert!(run.admitted_share() > 0.02, "it is used when it is up: {}", run.admitted_share());
}

/// A server that takes 20 calls at once and gets slower with each above: the share falls until it keeps up, and it is
/// never shut out, because it does answer.
#[test]
fn a_jammed_server_gets_what_it_can_do() {
    let run = run(5, 200, 240, |milli, in_flight, random| {
        let slow = (60_000..160_000).contains(&milli);
        let base = if slow { MILLI.mul_f64(100.0 * f64::from(in_flight.max(1))) } else { MILLI * 10 };
        (base.min(Duration::from_secs(20)) + latency(random), true)
    });
    assert_eq!(run.mean_share(10, 59), 1.0);
    let jammed = run.mean_share(80, 160);
    assert!((0.2..0.8).contains(&jammed), "{jammed}");
    assert_eq!(run.shares[239], 1.0, "it recovers: {:?}", &run.shares[160..]);
}

/// Calls that take long because they were asked for more are not a jam.
#[test]
fn slow_calls_alone_cost_nothing() {
    let run = run(5, 1, 900, |milli, _, random| {
        let heavy = milli > 300_000;
        (if heavy { MILLI * 4000 } else { latency(random) }, true)
    });
    assert_eq!(run.admitted, run.asked);
}

/// A server that has always failed one call in six is not worse than it was.
#[test]
fn the_normal_of_a_server_is_its_own() {
    let run = run(9, 50, 400, |milli, _, random| {
        let share = if milli < 200_000 { 0.15 } else { 0.25 };
        (latency(random), random.next() >= share)
    });
    assert!(run.mean_share(200, 400) > 0.95, "{}", run.mean_share(200, 400));
    let parts = run.breaker.parts(&run.settings, Duration::from_secs(400));
    assert!(parts.tolerance > 0.4 && parts.normal_errors > 0.1, "{parts:?}");
}
