use super::{Chance, Sampling};
use std::collections::HashMap;

const SCORES: [f32; 5] = [1.0, 3.0, 2.0, 3.0, f32::NEG_INFINITY];

/// How often each token is taken of a thousand.
fn counts(sampling: &Sampling) -> HashMap<u32, usize> {
    let mut chance = Chance::new(sampling.seed);
    let mut counts = HashMap::new();
    for _ in 0..1_000 {
        *counts.entry(sampling.choose(&SCORES, &mut chance)).or_default() += 1;
    }
    counts
}

fn warm() -> Sampling {
    Sampling { temperature: 1.0, seed: 3, ..Sampling::default() }
}

fn taken(sampling: &Sampling) -> Vec<u32> {
    let mut taken: Vec<u32> = counts(sampling).into_keys().collect();
    taken.sort_unstable();
    taken
}

#[test]
fn without_temperature_it_is_the_first_of_the_likeliest() {
    assert_eq!(taken(&Sampling::default()), [1]);
}

#[test]
fn tokens_are_taken_as_often_as_they_are_likely() {
    let counts = counts(&warm());
    let all: f32 = SCORES.iter().map(|score| score.exp()).sum();
    for (token, score) in (0..).zip(SCORES) {
        let expected = score.exp() / all * 1_000.0;
        let found = counts.get(&token).copied().unwrap_or(0) as f32;
        assert!((found - expected).abs() < 50.0, "{token}: {found} {expected}");
    }
    assert!(!counts.contains_key(&4));
}

#[test]
fn choices_are_cut_as_wanted() {
    assert_eq!(taken(&Sampling { top_k: 1, ..warm() }), [1]);
    assert_eq!(taken(&Sampling { top_k: 2, ..warm() }), [1, 3]);
    assert_eq!(taken(&Sampling { top_p: 0.7, ..warm() }), [1, 3]);
    assert_eq!(taken(&Sampling { top_p: 0.0, ..warm() }), [1]);
    assert_eq!(taken(&Sampling { min_p: 0.3, ..warm() }), [1, 2, 3]);
    assert_eq!(taken(&Sampling { temperature: 0.01, ..warm() }), [1, 3]);
}

#[test]
fn the_same_seed_is_the_same_choice() {
    let run = |seed| {
        let mut chance = Chance::new(seed);
        (0..50).map(|_| warm().choose(&SCORES, &mut chance)).collect::<Vec<_>>()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn penalties_and_bias_move_scores() {
    let adjusted = |sampling: Sampling| {
        let mut scores = [2.0, -2.0, 1.0, 0.0];
        sampling.adjust(&mut scores, &[2, 0, 1, 1]);
        scores
    };
    let plain = Sampling { penalty_window: 3, ..Sampling::default() };
    assert_eq!(adjusted(Sampling { repetition_penalty: 2.0, ..plain.clone() }), [1.0, -4.0, 1.0, 0.0]);
    assert_eq!(adjusted(Sampling { frequency_penalty: 0.5, ..plain.clone() }), [1.5, -3.0, 1.0, 0.0]);
    assert_eq!(adjusted(Sampling { presence_penalty: 0.5, ..plain.clone() }), [1.5, -2.5, 1.0, 0.0]);
    assert_eq!(adjusted(Sampling { bias: [(3, 5.0), (9, 1.0)].into(), ..plain }), [2.0, -2.0, 1.0, 5.0]);
}

#[test]
fn likelihoods_are_logarithms_of_shares() {
    let sampling = Sampling { alternatives: Some(2), ..Sampling::default() };
    let told = sampling.likelihood(&SCORES, 2).unwrap();
    let all: f32 = SCORES.iter().map(|score| score.exp()).sum();
    assert!((told.own - (2.0_f32.exp() / all).ln()).abs() < 1e-5);
    let tokens: Vec<u32> = told.alternatives.iter().map(|(token, _)| *token).collect();
    assert_eq!(tokens, [1, 3]);
    assert!(Sampling::default().likelihood(&SCORES, 2).is_none());
}

#[test]
fn values_that_are_none_are_refused() {
    let wrong = [
        Sampling { temperature: f32::NAN, ..Sampling::default() },
        Sampling { temperature: -1.0, ..Sampling::default() },
        Sampling { top_p: 1.5, ..Sampling::default() },
        Sampling { min_p: -0.1, ..Sampling::default() },
        Sampling { repetition_penalty: 0.0, ..Sampling::default() },
        Sampling { frequency_penalty: f32::INFINITY, ..Sampling::default() },
        Sampling { bias: [(1, f32::NAN)].into(), ..Sampling::default() },
        Sampling { alternatives: Some(21), ..Sampling::default() },
    ];
    assert!(wrong.iter().all(|sampling| sampling.check().is_err()));
    assert!(warm().check().is_ok());
}
