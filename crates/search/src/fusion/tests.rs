use super::{Candidate, fused, joined};

fn candidate(text: f32, likeness: Option<f32>) -> Candidate {
    Candidate { text, likeness }
}

#[test]
fn scores_are_shares_of_the_best_and_likeness_counts_from_the_usual_on() {
    let candidates = [candidate(4.0, Some(0.5)), candidate(2.0, Some(0.75)), candidate(0.0, None)];
    assert_eq!(fused(&candidates, Some(0.5), 8.0, 0.25), [0.75, 0.75, 0.0]);
    assert_eq!(fused(&candidates, Some(0.0), 8.0, 0.25), [0.5, 1.0, 0.0]);
}

#[test]
fn words_count_the_more_the_more_of_them_are_there() {
    let candidates = [candidate(1.0, Some(0.0)), candidate(0.0, Some(1.0))];
    for (possible, share) in [(10.0, 0.4), (5.0, 0.5), (1.0, 0.6), (0.0, 0.3)] {
        let scores = fused(&candidates, None, possible, 0.0);
        assert!((scores[0] - share).abs() < 1e-6 && (scores[1] - (1.0 - share)).abs() < 1e-6, "{possible} {scores:?}");
    }
}

#[test]
fn without_vectors_words_decide_and_without_anything_nothing_is_divided() {
    assert_eq!(fused(&[candidate(2.0, None), candidate(1.0, None)], None, 9.0, 0.0), [2.0, 1.0]);
    assert_eq!(fused(&[candidate(0.0, Some(0.2)), candidate(0.0, Some(0.2))], None, 0.0, 0.2), [0.0, 0.0]);
    assert!(fused(&[], None, 0.0, 0.0).is_empty());
}

#[test]
fn what_answers_one_step_well_comes_before_what_answers_each_a_little() {
    let whole = [0.5, 0.5, 1.0];
    let joined_of = |steps: &[&[f32]]| joined(std::iter::once(&whole[..]).chain(steps.iter().copied()));
    assert_eq!(joined_of(&[]), whole);
    let scores = joined_of(&[&[1.0, 0.3, 0.4], &[0.0, 0.3, 0.4]]);
    assert!(scores[0] > scores[1], "{scores:?}");
    assert_eq!(joined_of(&[&[0.0, 0.0, 0.0]]), [0.3, 0.3, 0.6]);
    assert!(joined(std::iter::empty()).is_empty());
}
