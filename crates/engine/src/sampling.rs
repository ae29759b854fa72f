//! Which token comes next.

use crate::failure::{Failure, FailureKind};
use crate::functions::softmax;
use crate::tokens::Token;
use std::collections::HashMap;

/// How tokens are chosen. The same prompt with the same seed has the same answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampling {
    /// How far less likely tokens are taken: 0 takes the likeliest only.
    pub temperature: f32,
    /// As many of the likeliest as may be taken; 0 for all.
    pub top_k: usize,
    /// Only the likeliest that together are so likely may be taken; 1 for all.
    pub top_p: f32,
    /// Only what is so likely, beside the likeliest, may be taken; 0 for all.
    pub min_p: f32,
    /// What the scores of tokens that were there are divided by, or multiplied where they are negative; 1 for nothing.
    pub repetition_penalty: f32,
    /// What is taken from a score for each time that the token was there.
    pub frequency_penalty: f32,
    /// What is taken from the score of a token that was there.
    pub presence_penalty: f32,
    /// How many of the last tokens count as there.
    pub penalty_window: usize,
    /// What is added to scores.
    pub bias: HashMap<Token, f32>,
    /// What chance begins with.
    pub seed: u64,
    /// How many of the likeliest are told with each token, with the logarithms of their shares; `None` for not even its own.
    pub alternatives: Option<usize>,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            repetition_penalty: 1.0,
            frequency_penalty: 0.0,
            presence_penalty: 0.0,
            penalty_window: 64,
            bias: HashMap::new(),
            seed: 0,
            alternatives: None,
        }
    }
}

/// How likely a token was, before penalties and choices.
#[derive(Debug, Clone, PartialEq)]
pub struct Likelihood {
    /// The natural logarithm of its share.
    pub own: f32,
    /// The likeliest tokens with theirs, the likeliest first.
    pub alternatives: Vec<(Token, f32)>,
}

/// The most tokens that are told with each.
const MOST_ALTERNATIVES: usize = 20;

impl Sampling {
    /// Whether all values are such as they may be.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let is_share = |share: f32| (0.0..=1.0).contains(&share);
        let checks = [
            (self.temperature >= 0.0 && self.temperature <= 100.0, "the temperature is not between 0 and 100"),
            (is_share(self.top_p), "`top_p` is not between 0 and 1"),
            (is_share(self.min_p), "`min_p` is not between 0 and 1"),
            (
                self.repetition_penalty > 0.0 && self.repetition_penalty.is_finite(),
                "the repetition penalty is not above 0",
            ),
            (self.frequency_penalty.is_finite() && self.presence_penalty.is_finite(), "a penalty is no number"),
            (self.bias.values().all(|bias| !bias.is_nan()), "a bias is no number"),
            (self.alternatives.is_none_or(|count| count <= MOST_ALTERNATIVES), "more than 20 alternatives are wanted"),
        ];
        match checks.iter().find(|(is_right, _)| !is_right) {
            Some((_, cause)) => Err(Failure::new(FailureKind::Invalid, *cause)),
            None => Ok(()),
        }
    }

    /// How likely `token` is by `scores`.
    pub(crate) fn likelihood(&self, scores: &[f32], token: Token) -> Option<Likelihood> {
        let count = self.alternatives?;
        let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let all = scores.iter().map(|score| f64::from(score - largest).exp()).sum::<f64>().ln() as f32 + largest;
        let mut likeliest: Vec<(Token, f32)> = (0..).zip(scores.iter().copied()).collect();
        keep_first(&mut likeliest, count);
        let own = scores.get(token as usize).copied().unwrap_or(f32::NEG_INFINITY) - all;
        let alternatives = likeliest.into_iter().map(|(token, score)| (token, score - all)).collect();
        Some(Likelihood { own, alternatives })
    }

    /// Changes the scores by what was there before, and by the bias.
    pub(crate) fn adjust(&self, scores: &mut [f32], before: &[Token]) {
        for (token, bias) in &self.bias {
            if let Some(score) = scores.get_mut(*token as usize) {
                *score += bias;
            }
        }
        let has_penalty =
            self.repetition_penalty != 1.0 || self.frequency_penalty != 0.0 || self.presence_penalty != 0.0;
        if !has_penalty {
            return;
        }
        let mut counts: HashMap<Token, u32> = HashMap::new();
        for token in &before[before.len().saturating_sub(self.penalty_window)..] {
            *counts.entry(*token).or_default() += 1;
        }
        for (token, count) in counts {
            let Some(score) = scores.get_mut(token as usize) else { continue };
            *score = if *score > 0.0 { *score / self.repetition_penalty } else { *score * self.repetition_penalty };
            *score -= self.presence_penalty + self.frequency_penalty * count as f32;
        }
    }

    /// Chooses a token by `scores`.
    pub(crate) fn choose(&self, scores: &[f32], chance: &mut Chance) -> Token {
        if self.temperature <= 0.0 {
            return likeliest(scores);
        }
        let mut candidates: Vec<(Token, f32)> =
            (0..).zip(scores.iter().copied()).filter(|(_, score)| *score > f32::NEG_INFINITY).collect();
        let count = if self.top_k == 0 { candidates.len() } else { self.top_k };
        keep_first(&mut candidates, count);
        let mut shares: Vec<f32> = candidates.iter().map(|(_, score)| score / self.temperature).collect();
        softmax(&mut shares);
        let least = self.min_p * shares.first().copied().unwrap_or(0.0);
        let mut sum = 0.0;
        let mut kept = 0;
        for share in &shares {
            if kept > 0 && (*share < least || sum >= self.top_p) {
                break;
            }
            sum += share;
            kept += 1;
        }
        let mut at = chance.share() * sum;
        for ((token, _), share) in candidates.iter().zip(&shares).take(kept) {
            if at < *share {
                return *token;
            }
            at -= share;
        }
        candidates.get(kept.saturating_sub(1)).map_or(0, |(token, _)| *token)
    }
}

/// Only as many as `count` stay, those with the highest scores, in order.
fn keep_first(candidates: &mut Vec<(Token, f32)>, count: usize) {
    let order = |one: &(Token, f32), other: &(Token, f32)| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0));
    if count < candidates.len() {
        if count > 0 {
            candidates.select_nth_unstable_by(count - 1, order);
        }
        candidates.truncate(count);
    }
    candidates.sort_unstable_by(order);
}

/// The token with the highest score, the first of several.
fn likeliest(scores: &[f32]) -> Token {
    let mut best = (0, f32::NEG_INFINITY);
    for (token, score) in (0..).zip(scores) {
        if *score > best.1 {
            best = (token, *score);
        }
    }
    best.0
}

/// Chance that comes out the same for the same seed: SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
/// Generators").
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// At least 0 and less than 1.
    pub(crate) fn share(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 40) as f32 / (1_u32 << 24) as f32
    }
}

#[cfg(test)]
mod tests;
