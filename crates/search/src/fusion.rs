//! One ranking of two: by words and by meaning.
//!
//! Scores are fused and not ranks, because how far the best is ahead of the rest tells how sure a ranking is of it. Each
//! score is measured against the best one's, the likeness of vectors from the mean on, since texts that have nothing in
//! common are somewhat alike all the same.

/// A document that both rankings have looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Candidate {
    /// Its score by words, 0 where it has none of them.
    pub(crate) text: f32,
    /// How alike its vector is, where it has one.
    pub(crate) likeness: Option<f32>,
}

/// How much the best step counts beside the whole question.
const STEP_SHARE: f32 = 0.4;
/// Words count at least so much.
const LEAST_SHARE: f32 = 0.3;
/// Words count at most so much.
const MOST_SHARE: f32 = 0.6;

/// The score of each candidate, from about 0 to 1, or its score by words where there is no likeness at all: `share` by
/// words, the rest by meaning. Where no share is said, words count the more, the nearer the best comes to the `possible`
/// score: a question in other words than any document's is better answered by its meaning.
pub(crate) fn fused(candidates: &[Candidate], share: Option<f32>, possible: f32, usual_likeness: f32) -> Vec<f32> {
    let most_text = candidates.iter().fold(0.0, |most: f32, candidate| most.max(candidate.text));
    let likenesses = candidates.iter().filter_map(|candidate| candidate.likeness);
    let Some(most_likeness) = likenesses.reduce(f32::max) else {
        return candidates.iter().map(|candidate| candidate.text).collect();
    };
    let share = share.unwrap_or_else(|| (LEAST_SHARE + part(most_text, possible)).min(MOST_SHARE));
    let span = most_likeness - usual_likeness;
    let score = |candidate: &Candidate| {
        // A document that has no vector yet is as alike as any.
        let ahead = candidate.likeness.map_or(0.0, |likeness| likeness - usual_likeness);
        share * part(candidate.text, most_text) + (1.0 - share) * part(ahead, span)
    };
    candidates.iter().map(score).collect()
}

/// One ranking of those for the whole question and for each of its steps, all of the same candidates. A document that
/// answers one step well is wanted, however little it has of the others.
pub(crate) fn joined<'a>(mut rankings: impl Iterator<Item = &'a [f32]>) -> Vec<f32> {
    let Some(whole) = rankings.next() else { return Vec::new() };
    let steps: Vec<_> = rankings.collect();
    if steps.is_empty() {
        return whole.to_vec();
    }
    let most = |scores: &[f32]| scores.iter().copied().fold(0.0, f32::max);
    let best_step: Vec<f32> =
        (0..whole.len()).map(|at| steps.iter().map(|scores| scores[at]).fold(f32::NEG_INFINITY, f32::max)).collect();
    let (most_whole, most_step) = (most(whole), most(&best_step));
    let score = |(whole, step): (&f32, &f32)| {
        (1.0 - STEP_SHARE) * part(*whole, most_whole) + STEP_SHARE * part(*step, most_step)
    };
    whole.iter().zip(&best_step).map(score).collect()
}

/// `number` as a part of `whole`; 0 where there is nothing to be a part of.
fn part(number: f32, whole: f32) -> f32 {
    if whole > f32::EPSILON { number / whole } else { 0.0 }
}

#[cfg(test)]
mod tests;
