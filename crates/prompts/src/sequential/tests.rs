use super::{Metric, Rule, Scores, Verdict};
use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};

const RULE: Rule = Rule { metric: Metric::Score, alpha: 0.05, most: 2_000 };

/// An experiment whose arms are right as often as `rates` say, looked at after each answer.
fn run(seed: u64, rates: &[f64], rule: Rule) -> (Verdict, u64) {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut uniform = move || random.next_u64() as f64 / u64::MAX as f64;
    let mut scores = Scores::new(rates.len(), rule);
    loop {
        let arm = (uniform() * rates.len() as f64) as usize;
        let arm = arm.min(rates.len() - 1);
        scores.add(arm, f64::from(u8::from(uniform() < rates[arm])));
        let verdict = scores.verdict();
        if verdict.over {
            return (verdict, scores.counts().iter().sum());
        }
    }
}

#[test]
fn ten_points_are_found_in_nearly_all_runs_and_never_the_wrong_way() {
    for rates in [[0.5, 0.6], [0.6, 0.5], [0.85, 0.95]] {
        let better = usize::from(rates[1] > rates[0]);
        let ended: Vec<(Verdict, u64)> = (0..100).map(|seed| run(seed, &rates, RULE)).collect();
        let right = ended.iter().filter(|(verdict, _)| verdict.winner == Some(better)).count();
        let wrong = ended.iter().filter(|(verdict, _)| verdict.winner == Some(1 - better)).count();
        assert!(right >= 95 && wrong == 0, "{rates:?}: {right} right, {wrong} wrong");
    }
}

#[test]
fn without_a_difference_hardly_ever_one_is_claimed_though_all_look_after_each_answer() {
    for rate in [0.5, 0.9] {
        let claimed = |seeds: std::ops::Range<u64>| {
            seeds.filter(|seed| run(*seed, &[rate, rate], RULE).0.winner.is_some()).count()
        };
        let (hundred, all) = (claimed(0..100), claimed(100..500));
        assert!(hundred <= 5 && all <= 20, "{rate}: {hundred} of 100, {all} of 400");
    }
}

#[test]
fn of_three_arms_the_best_wins_and_of_three_alike_none() {
    let rule = Rule { metric: Metric::Score, alpha: 0.05, most: 4_000 };
    let right = (0..40).filter(|seed| run(*seed, &[0.5, 0.65, 0.5], rule).0.winner == Some(1)).count();
    let claimed = (0..40).filter(|seed| run(*seed, &[0.5; 3], rule).0.winner.is_some()).count();
    assert!(right >= 38 && claimed <= 2, "{right} right, {claimed} claimed");
}

#[test]
fn what_is_said_of_the_difference_holds_it() {
    let held = (0..200).filter(|seed| {
        let (verdict, _) = run(*seed, &[0.5, 0.6], RULE);
        let comparison = &verdict.comparisons[0];
        (comparison.low..=comparison.high).contains(&-0.1)
    });
    assert!(held.count() >= 190);
}

#[test]
fn scores_of_no_arm_and_no_scores_are_passed_over() {
    let mut scores = Scores::new(2, RULE);
    scores.add(2, 1.0);
    scores.add(0, 1.5);
    scores.add(0, f64::NAN);
    assert_eq!(scores.counts(), [0, 0]);
    assert!(!scores.verdict().over);
    assert_eq!(Scores::new(1, RULE).verdict().winner, None);
}

/// An experiment whose arms cost what `costs` make of a number between 0 and 1.
fn run_costs(seed: u64, costs: &[fn(f64) -> f64; 2]) -> Verdict {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut uniform = move || random.next_u64() as f64 / u64::MAX as f64;
    let mut scores = Scores::new(2, Rule { metric: Metric::Cost, ..RULE });
    loop {
        let arm = usize::from(uniform() < 0.5);
        scores.add(arm, costs[arm](uniform()));
        let verdict = scores.verdict();
        if verdict.over {
            return verdict;
        }
    }
}

#[test]
fn what_costs_less_is_found_and_without_a_difference_hardly_ever_claimed() {
    // Most answers are short, and a few long.
    let costs: fn(f64) -> f64 = |luck| 0.001 / (1.0 - 0.9 * luck);
    let dear: fn(f64) -> f64 = |luck| 0.002 / (1.0 - 0.9 * luck);
    let right = (0..50).filter(|seed| run_costs(*seed, &[dear, costs]).winner == Some(1)).count();
    let claimed = (0..100).filter(|seed| run_costs(*seed, &[costs, costs]).winner.is_some()).count();
    assert!(right >= 48 && claimed <= 5, "{right} right, {claimed} claimed");
}

#[test]
fn costs_are_compared_in_their_own_unit_once_a_bound_is_set() {
    let mut scores = Scores::new(2, Rule { metric: Metric::Latency, most: 100, ..RULE });
    for _ in 0..10 {
        scores.add(0, 100.0);
        scores.add(1, 300.0);
    }
    let comparison = scores.verdict().comparisons[0].clone();
    assert_eq!((comparison.pairs, comparison.low, comparison.high), (0, f64::NEG_INFINITY, f64::INFINITY));
    for _ in 0..40 {
        scores.add(0, 100.0);
        // What is beyond twice the largest counts as that.
        scores.add(1, 1e9);
    }
    let verdict = scores.verdict();
    let comparison = &verdict.comparisons[0];
    assert_eq!((verdict.winner, comparison.pairs), (Some(0), 40));
    assert!((comparison.difference + 500.0).abs() < 1e-9 && comparison.low < -500.0 && comparison.high < 0.0);
    for wrong in [f64::NAN, f64::INFINITY, -1.0] {
        scores.add(0, wrong);
    }
    assert_eq!(scores.counts(), [40, 40]);
}

#[test]
fn where_all_is_free_what_costs_something_is_worse() {
    let mut scores = Scores::new(2, Rule { metric: Metric::Cost, ..RULE });
    (0..20).for_each(|_| scores.add(0, 0.0));
    scores.add(0, 0.0);
    scores.add(1, 0.5);
    assert_eq!((scores.counts(), scores.verdict().winner), (&[1, 1][..], None));
}
