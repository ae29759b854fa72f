//! When an experiment may stop: a test that holds however often somebody looks.
//!
//! Scores lie within 0 and 1. The i-th score of one arm is held against the i-th of another: the difference lies within −1
//! and 1 and is sub-Gaussian with variance ½ (Hoeffding's lemma, ¼ for each of the two). With `S` the sum of the first `n`
//! differences, `V = n/2` and `δ` the true difference,
//!
//! ```text
//! P( there is an n with |S − nδ| ≥ √((V + ρ) · ln((V + ρ) / (ρ·α²))) ) ≤ α
//! ```
//!
//! That is the two-sided normal mixture boundary: Robbins, "Statistical methods related to the law of the iterated
//! logarithm", Ann. Math. Statist. 41 (1970); Howard, Ramdas, McAuliffe, Sekhon, "Time-uniform, nonparametric,
//! nonasymptotic confidence sequences", Ann. Statist. 49 (2021), equation (14). It holds for all `n` at once, so that one may
//! look after each answer and stop at the first at which zero is outside. `ρ` only says for which `n` it is tightest.
//!
//! What answers cost and how long they take has no bound of its own. The first answers set one: twice the largest of them,
//! what is more counts as that, and they themselves do not count. As the bound is fixed before anything counts, what is said
//! above holds for it: of the costs and times that are cut off there.
//!
//! Of more than two arms each pair is tested with `α` over the number of pairs (Bonferroni), and the winner is the arm that
//! is better than each of the others.

use std::collections::VecDeque;

/// By what arms are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Metric {
    /// Scores from 0 to 1, of which more is better.
    #[default]
    Score,
    /// What an answer costs, in dollars.
    Cost,
    /// How long it takes, in milliseconds.
    Latency,
}

impl Metric {
    /// All, each with its word.
    pub const ALL: [(&str, Self); 3] = [("score", Metric::Score), ("cost", Metric::Cost), ("latency", Metric::Latency)];

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, metric)| *metric == self).map_or("", |(word, _)| word)
    }

    /// The metric of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, metric)| *metric)
    }
}

/// How sure a claim must be, and how long one waits for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// By what arms are compared.
    pub metric: Metric,
    /// The most that a wrong claim may be likely, such as 0.05.
    pub alpha: f64,
    /// After so many scores of each arm the experiment ends without a claim.
    pub most: u64,
}

/// The fewest and the most scores of each arm that an experiment may wait for.
pub const SPAN: std::ops::RangeInclusive<u64> = 20..=1_000_000;

/// So many answers for each arm set the bound of costs and times.
const FIRST: u64 = 10;

/// How two arms compare, in the unit of the metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The one.
    pub one: usize,
    /// The other.
    pub other: usize,
    /// How many pairs of scores were held against each other.
    pub pairs: u64,
    /// By how much the one has more on average, which of costs and times is worse.
    pub difference: f64,
    /// No less than this, with the confidence of the rule; infinite where nothing is known yet.
    pub low: f64,
    /// No more than this.
    pub high: f64,
}

/// How an experiment stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Each pair of arms.
    pub comparisons: Vec<Comparison>,
    /// The arm that is better than all others, once that is sure.
    pub winner: Option<usize>,
    /// Whether there is nothing more to wait for.
    pub over: bool,
}

/// The scores of two arms, as far as they are held against each other.
#[derive(Debug, Clone, Default)]
struct Pair {
    one: usize,
    other: usize,
    count: u64,
    sum: f64,
    /// Scores of the arm that is ahead, and whether that is the one.
    waiting: VecDeque<f64>,
    of_one: bool,
    /// What was sure at some time stays so: the boundary holds for all times at once.
    low: f64,
    high: f64,
}

/// The scores of an experiment, in the order in which they came.
#[derive(Debug, Clone)]
pub struct Scores {
    rule: Rule,
    /// How many answers have set the bound of costs and times, and the largest of them.
    first: u64,
    largest: f64,
    counts: Vec<u64>,
    pairs: Vec<Pair>,
}

impl Scores {
    /// No scores of `arms` arms yet.
    pub fn new(arms: usize, rule: Rule) -> Self {
        let all = (0..arms).flat_map(|one| (one + 1..arms).map(move |other| (one, other)));
        let pairs = all.map(|(one, other)| Pair { one, other, low: -1.0, high: 1.0, ..Pair::default() });
        Self { rule, first: 0, largest: 0.0, counts: vec![0; arms], pairs: pairs.collect() }
    }

    /// Takes a score of `arm`, from 0 to 1, or what an answer cost or took. What cannot be, or comes of no arm, is passed over.
    pub fn add(&mut self, arm: usize, value: f64) {
        let Some(score) = self.score(value).filter(|score| (0.0..=1.0).contains(score)) else { return };
        let Some(count) = self.counts.get_mut(arm) else { return };
        *count += 1;
        let alpha = self.rule.alpha / self.pairs.len().max(1) as f64;
        for pair in self.pairs.iter_mut().filter(|pair| pair.one == arm || pair.other == arm) {
            pair.add(pair.one == arm, score);
            pair.narrow(alpha, self.rule.most);
        }
    }

    /// What counts for `value`, of which more is better; nothing while the bound is not set.
    fn score(&mut self, value: f64) -> Option<f64> {
        if self.rule.metric == Metric::Score {
            return Some(value);
        }
        if !value.is_finite() || value < 0.0 {
            return None;
        }
        if self.first < FIRST * self.counts.len() as u64 {
            self.first += 1;
            self.largest = self.largest.max(value);
            return None;
        }
        // Where all were free, anything is beyond the bound.
        Some(if value == 0.0 { 1.0 } else { 1.0 - (value / self.bound()).min(1.0) })
    }

    /// What the metric is cut off at.
    fn bound(&self) -> f64 {
        self.largest * 2.0
    }

    /// How many scores each arm has.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// How it stands now.
    pub fn verdict(&self) -> Verdict {
        let beats =
            |arm: usize, pair: &Pair| (pair.one == arm && pair.low > 0.0) || (pair.other == arm && pair.high < 0.0);
        let against = self.counts.len().saturating_sub(1);
        let winner = (0..self.counts.len())
            .find(|arm| against > 0 && self.pairs.iter().filter(|pair| beats(*arm, pair)).count() == against);
        let comparisons = self.pairs.iter().map(|pair| self.compared(pair));
        let full = self.counts.iter().all(|count| *count >= self.rule.most);
        Verdict { comparisons: comparisons.collect(), winner, over: winner.is_some() || full }
    }
}

impl Scores {
    fn compared(&self, pair: &Pair) -> Comparison {
        let mean = if pair.count == 0 { 0.0 } else { pair.sum / pair.count as f64 };
        let (difference, low, high) = match self.rule.metric {
            Metric::Score => (mean, pair.low, pair.high),
            _ if pair.count == 0 => (0.0, f64::NEG_INFINITY, f64::INFINITY),
            // Less is better.
            _ => (-mean * self.bound(), -pair.high * self.bound(), -pair.low * self.bound()),
        };
        Comparison { one: pair.one, other: pair.other, pairs: pair.count, difference, low, high }
    }
}

impl Pair {
    fn add(&mut self, is_one: bool, score: f64) {
        match self.waiting.front().copied().filter(|_| self.of_one != is_one) {
            None => {
                self.of_one = is_one;
                self.waiting.push_back(score);
            }
            Some(first) => {
                self.waiting.pop_front();
                self.count += 1;
                self.sum += if is_one { score - first } else { first - score };
            }
        }
    }

    fn narrow(&mut self, alpha: f64, most: u64) {
        if self.count == 0 {
            return;
        }
        let count = self.count as f64;
        let (mean, width) = (self.sum / count, boundary(count / 2.0, alpha, most) / count);
        self.low = self.low.max(mean - width);
        self.high = self.high.min(mean + width);
    }
}

/// How far a sum with variance `variance` may be from what it is expected to be, at any time.
fn boundary(variance: f64, alpha: f64, most: u64) -> f64 {
    // Tightest at a quarter of the way: an experiment that shows anything mostly ends before the half. The divisor is the
    // usual approximation of the best ρ (Howard and others, section 3.3).
    let log = -2.0 * alpha.ln();
    let rho = most as f64 / 8.0 / (log + (1.0 + log).ln());
    ((variance + rho) * ((variance + rho) / (rho * alpha * alpha)).ln()).sqrt()
}

#[cfg(test)]
mod tests;
