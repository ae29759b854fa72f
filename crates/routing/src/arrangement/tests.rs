use super::{Arrangement, Rule};
use crate::{Candidate, Need, Rates, Sort, Strategy};
use std::time::Duration;

const NAMES: [&str; 4] = ["a/one", "b/two", "c/three", "d/four"];

/// As many candidates as there are figures, each made of its own.
fn all<T: Copy>(figures: &[T], with: impl Fn(Candidate<'static>, T) -> Candidate<'static>) -> Vec<Candidate<'static>> {
    NAMES.into_iter().zip(figures).map(|(name, figure)| with(Candidate::new(name), *figure)).collect()
}

fn arranged(candidates: &[Candidate<'_>], rule: Rule, conversation: Option<u64>, dice: &[f64]) -> Vec<usize> {
    let need = Need { input_tokens: 1_000, max_output: Some(100), ..Need::default() };
    let mut dice = dice.iter().copied().cycle();
    let costs: Vec<Option<u64>> = candidates.iter().map(|one| one.expected_cost(&need, None)).collect();
    let arrangement = Arrangement { candidates, costs: &costs, rule, conversation };
    arrangement.arrange((0..candidates.len()).collect(), &mut || dice.next().unwrap_or(0.5))
}

/// The numbers of a linear congruential generator, for tests that need many.
fn numbers() -> impl FnMut() -> f64 {
    let mut state = 42_u64;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn cost(candidate: Candidate<'static>, input: Option<u64>) -> Candidate<'static> {
    Candidate { price: input.map(|input| Rates { input, ..Rates::default() }), ..candidate }
}

fn latency(candidate: Candidate<'static>, (latency, in_flight): (Option<u64>, u32)) -> Candidate<'static> {
    Candidate { latency: latency.map(Duration::from_millis), in_flight, ..candidate }
}

#[test]
fn as_written_is_as_written() {
    let candidates = all(&[3_u32, 1, 0], |one, weight| Candidate { weight, ..one });
    for conversation in [None, Some(1), Some(2)] {
        assert_eq!(arranged(&candidates, Rule::Route(Strategy::Order), conversation, &[0.9, 0.1]), [0, 1, 2]);
    }
}

#[test]
fn the_cheapest_comes_first_and_what_has_no_price_last() {
    let rule = Rule::Route(Strategy::Cost);
    for (prices, expected) in [
        (&[Some(3), Some(1), Some(2)][..], &[1, 2, 0][..]),
        (&[None, Some(5_000_000), Some(0)], &[2, 1, 0]),
        (&[Some(1), Some(1), Some(1)], &[0, 1, 2]),
        (&[None, None], &[0, 1]),
    ] {
        let candidates = all(prices, |one, price| cost(one, price.map(|price| price * 1_000_000)));
        assert_eq!(arranged(&candidates, rule, None, &[]), expected, "{prices:?}");
        assert_eq!(arranged(&candidates, Rule::Client(Sort::Price), Some(7), &[]), expected, "{prices:?}");
    }
}

#[test]
fn a_full_cache_makes_the_dearer_one_cheaper() {
    let rates = |input, cache_read| Some(Rates { input, output: 0, cache_read: Some(cache_read) });
    let with = |share| {
        let dear =
            Candidate { price: rates(3_000_000, 300_000), cache_hit_rate: Some(share), ..Candidate::new("a/dear") };
        [dear, Candidate { price: rates(2_000_000, 200_000), ..Candidate::new("b/cheap") }]
    };
    for (share, first) in [(0.0, 1), (0.3, 1), (0.5, 0), (1.0, 0), (f64::NAN, 1)] {
        let order = arranged(&with(share), Rule::Route(Strategy::Cost), None, &[]);
        assert_eq!(order.first(), Some(&first), "{share}");
    }
}

#[test]
fn the_better_of_two_comes_first_and_the_rest_by_latency() {
    let rule = Rule::Route(Strategy::Latency);
    let fast_last = [(Some(400), 0), (Some(300), 0), (Some(200), 0), (Some(100), 0)];
    for (figures, dice, expected) in [
        (fast_last, [0.0, 0.0], [1, 3, 2, 0]),   // of 0 and 1
        (fast_last, [0.3, 0.0], [1, 3, 2, 0]),   // of 1 and 0
        (fast_last, [0.0, 0.99], [3, 2, 1, 0]),  // of 0 and 3
        (fast_last, [0.99, 0.99], [3, 2, 1, 0]), // of 3 and 2
        (fast_last, [0.99, 0.0], [3, 2, 1, 0]),  // of 3 and 0
        (fast_last, [f64::NAN, f64::INFINITY], [3, 2, 1, 0]),
        // Twice as fast but with three in hand; who has never answered is tried, by one request only.
        ([(Some(100), 3), (Some(200), 0), (None, 0), (None, 1)], [0.0, 0.0], [1, 2, 0, 3]),
        ([(Some(100), 3), (Some(200), 0), (None, 0), (None, 1)], [0.5, 0.99], [2, 1, 0, 3]),
    ] {
        let candidates = all(&figures, latency);
        assert_eq!(arranged(&candidates, rule, None, &dice), expected, "{figures:?} with {dice:?}");
    }
    assert_eq!(arranged(&all(&[(Some(1), 0)], latency), rule, None, &[0.7]), [0]);
    assert!(arranged(&[], rule, None, &[0.7]).is_empty());
}

#[test]
fn of_two_the_faster_always_comes_first() {
    let candidates = all(&[(Some(900), 0), (Some(100), 0)], latency);
    let mut dice = numbers();
    for _ in 0..1_000 {
        let order = arranged(&candidates, Rule::Route(Strategy::Latency), None, &[dice(), dice()]);
        assert_eq!(order, [1, 0]);
    }
}

#[test]
fn the_least_busy_for_its_weight_comes_first() {
    let with = |one, (in_flight, queue, weight, milliseconds): (u32, Option<u32>, u32, u64)| {
        let latency = Some(Duration::from_millis(milliseconds));
        Candidate { in_flight, queue, weight, latency, ..one }
    };
    for (figures, expected) in [
        ([(2, None, 1, 1), (1, None, 1, 9), (0, None, 1, 9)], [2, 1, 0]),
        ([(2, None, 4, 1), (1, None, 1, 1), (3, None, 2, 1)], [0, 1, 2]),
        ([(0, Some(5), 1, 1), (1, None, 1, 1), (1, Some(1), 1, 1)], [1, 2, 0]), // others wait there too
        ([(1, None, 1, 300), (1, None, 1, 100), (1, None, 1, 200)], [1, 2, 0]), // equal, so by latency
        ([(0, None, 0, 1), (9, None, 1, 1), (8, None, 1, 1)], [2, 1, 0]),       // of no weight
    ] {
        let candidates = all(&figures, with);
        assert_eq!(arranged(&candidates, Rule::Route(Strategy::LeastBusy), None, &[]), expected, "{figures:?}");
    }
}

#[test]
fn what_a_client_sorts_by_has_no_chance_in_it() {
    let with = |one, (throughput, milliseconds): (Option<f64>, Option<u64>)| Candidate {
        throughput,
        latency: milliseconds.map(Duration::from_millis),
        in_flight: 3,
        ..one
    };
    let figures = [(Some(20.0), Some(300)), (None, None), (Some(80.0), Some(200)), (Some(f64::NAN), Some(100))];
    let candidates = all(&figures, with);
    for (sort, expected) in [(Sort::Throughput, [2, 0, 1, 3]), (Sort::Latency, [3, 2, 0, 1])] {
        for dice in [0.0, 0.4, 0.99] {
            assert_eq!(arranged(&candidates, Rule::Client(sort), Some(1), &[dice]), expected, "{sort:?}");
        }
    }
}

#[test]
fn weights_are_shares() {
    let candidates = all(&[5_u32, 3, 2, 0], |one, weight| Candidate { weight, ..one });
    let mut dice = numbers();
    let (mut first, mut second) = ([0_u32; 4], [0_u32; 4]);
    for _ in 0..10_000 {
        let dice = [dice(), dice(), dice(), dice()];
        let order = arranged(&candidates, Rule::Route(Strategy::Weight), None, &dice);
        first[order[0]] += 1;
        second[order[1]] += 1;
        assert_eq!(order[3], 3, "what has no weight comes last");
    }
    let square = |seen: [u32; 4], expected: [f64; 3]| -> f64 {
        let parts = seen.into_iter().zip(expected);
        parts.map(|(seen, expected)| (f64::from(seen) - expected).powi(2) / expected).sum()
    };
    // The chance that chi-square with two degrees of freedom is above 13.8 is one in a thousand.
    assert!(square(first, [5_000.0, 3_000.0, 2_000.0]) < 13.8, "{first:?}");
    // Second without replacement: 0.3·5/7 + 0.2·5/8, 0.5·3/5 + 0.2·3/8, 0.5·2/5 + 0.3·2/7.
    assert!(square(second, [3_392.9, 3_750.0, 2_857.1]) < 13.8, "{second:?}");
}

#[test]
fn a_conversation_stays_and_conversations_spread() {
    let weighted = all(&[1_u32, 1, 2, 0], |one, weight| Candidate { weight, ..one });
    let priced =
        all(&[Some(100), Some(109), Some(111), None], |one, price| cost(one, price.map(|price| price * 1_000_000)));
    let timed = all(&[(Some(100), 5), (Some(199), 0), (Some(201), 0), (None, 0)], latency);
    let busy = all(&[(None, 4), (None, 0), (None, 0), (None, 40)], latency);
    // Among which of them conversations are spread, and in which parts.
    for (strategy, candidates, parts) in [
        (Strategy::Weight, &weighted, [1_000, 1_000, 2_000, 0]),
        (Strategy::Cost, &priced, [2_000, 2_000, 0, 0]),
        (Strategy::Latency, &timed, [1_333, 1_333, 0, 1_333]),
        (Strategy::LeastBusy, &busy, [1_333, 1_333, 1_333, 0]),
    ] {
        let mut seen = [0_i32; 4];
        for conversation in 0..4_000 {
            let order = arranged(candidates, Rule::Route(strategy), Some(conversation), &[0.1]);
            assert_eq!(order, arranged(candidates, Rule::Route(strategy), Some(conversation), &[0.9, 0.3]));
            seen[order[0]] += 1;
        }
        for (seen, part) in seen.into_iter().zip(parts) {
            assert!((seen - part).abs() <= part / 8, "{strategy:?}: {seen} for {part}");
        }
    }
}

#[test]
fn a_change_moves_few_conversations() {
    let candidates = all(&[1_u32, 1, 1, 1], |one, weight| Candidate { weight, ..one });
    let mut moved = 0;
    for conversation in 0..2_000 {
        let rule = Rule::Route(Strategy::Weight);
        let with = arranged(&candidates, rule, Some(conversation), &[]);
        let without = arranged(&candidates[..3], rule, Some(conversation), &[]);
        let kept: Vec<usize> = with.iter().copied().filter(|&one| one != 3).collect();
        assert_eq!(without, kept, "who is asked next stays as well");
        moved += u32::from(with[0] == 3);
    }
    assert!((400..=600).contains(&moved), "{moved} of 2000 moved");
}
