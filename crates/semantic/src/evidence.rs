//! How sure it is that answers may be given: what comparing them with real ones has shown.

use std::collections::VecDeque;

/// The likeness of two texts in other words whose answers were the same before.
pub const VERIFIED: f64 = 1.0;
/// The likenesses from which answers may be given. Below the first nothing is like.
pub const LEVELS: [f64; 3] = [0.90, 0.95, VERIFIED];
/// How seldom the bound may be missed by chance. A level is tested only when the one above it has passed, so that the chance
/// is the same for all together (a fixed sequence of tests).
const CHANCE: f64 = 0.05;
/// Observations that count: the last ones, for tools change.
const MOST: usize = 2_000;

/// What was seen of one tool when an answer that could have been given was compared with the real one.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Of texts in other words: their likeness, and whether the answer was right.
    reworded: VecDeque<(f64, bool)>,
    /// Of texts that are the same.
    same: VecDeque<bool>,
}

impl Evidence {
    /// An answer for a text in other words, of this likeness, would have been right, or not.
    pub fn record(&mut self, likeness: f64, right: bool) {
        push(&mut self.reworded, (likeness, right));
    }

    /// An answer for the same text would have been right, or not.
    pub fn record_same(&mut self, right: bool) {
        push(&mut self.same, right);
    }

    /// How many observations count, and how many of them were wrong.
    pub fn counts(&self) -> (usize, usize) {
        let wrong = self.reworded.iter().filter(|(_, right)| !right).count() + wrong(&self.same);
        (self.reworded.len() + self.same.len(), wrong)
    }

    /// The lowest level from which the share of wrong answers is below `bound` with a confidence of 95 %, between each level and
    /// the next: what was seen above says nothing of what is below. Without mistakes a bound of 1 % takes 299 observations
    /// for each level, one of 5 % takes 59.
    pub fn level(&self, bound: f64) -> Option<f64> {
        let passes = |place: &usize| {
            let next = LEVELS.get(place + 1).copied().unwrap_or(f64::INFINITY);
            let within = self.reworded.iter().filter(|(likeness, _)| (LEVELS[*place]..next).contains(likeness));
            let (all, wrong) = within.fold((0, 0), |(all, wrong), (_, right)| (all + 1, wrong + usize::from(!right)));
            upper(wrong, all, CHANCE) <= bound
        };
        (0..LEVELS.len()).rev().take_while(passes).last().map(|place| LEVELS[place])
    }

    /// Whether even the same texts have had more wrong answers than `bound`, with a confidence of 95 %: the tool answers
    /// otherwise each time. One mistake in the first five is enough for a bound of 1 %.
    pub fn refuted(&self, bound: f64) -> bool {
        let (all, wrong) = (self.same.len(), wrong(&self.same));
        // So many or more are wrong by chance, if the share is the bound: the lower end of the same interval.
        wrong > 0 && 1.0 - at_most(wrong - 1, all, bound.clamp(1e-9, 1.0 - 1e-9)) < CHANCE
    }
}

fn push<T>(all: &mut VecDeque<T>, one: T) {
    if all.len() == MOST {
        all.pop_front();
    }
    all.push_back(one);
}

fn wrong(all: &VecDeque<bool>) -> usize {
    all.iter().filter(|right| !**right).count()
}

/// The upper end of the interval of Clopper and Pearson (Biometrika 26, 1934) for a share of which `found` of `all` were seen:
/// the share with which so few are found by a chance of no more than `chance`.
fn upper(found: usize, all: usize, chance: f64) -> f64 {
    if found >= all {
        return 1.0;
    }
    let (mut low, mut high) = (found as f64 / all as f64, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if at_most(found, all, middle) > chance { low = middle } else { high = middle }
    }
    high
}

/// The probability that of `all` trials, each of which is a hit by `share`, at most `found` are. `share` is above 0 and below 1.
fn at_most(found: usize, all: usize, share: f64) -> f64 {
    let mut term = all as f64 * (1.0 - share).ln();
    let mut sum = term.exp();
    for hit in 0..found {
        term += ((all - hit) as f64 / (hit + 1) as f64).ln() + (share / (1.0 - share)).ln();
        sum += term.exp();
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_the_tables() {
        // One-sided 95 % limits; with nothing found 1 - 0.05^(1/n).
        for (found, all, expected) in [(0, 10, 0.258_866), (0, 299, 0.009_969), (1, 10, 0.394_163), (5, 100, 0.102_253)]
        {
            assert!((upper(found, all, 0.05) - expected).abs() < 1e-4, "{found} of {all}: {}", upper(found, all, 0.05));
        }
        assert_eq!(upper(0, 0, 0.05), 1.0);
    }

    #[test]
    fn a_level_is_open_when_enough_was_right() {
        let mut evidence = Evidence::default();
        for _ in 0..298 {
            evidence.record(VERIFIED, true);
        }
        assert_eq!(evidence.level(0.01), None);
        evidence.record(VERIFIED, true);
        assert_eq!(evidence.level(0.01), Some(VERIFIED), "nothing is known of what is below");
        (0..300).for_each(|_| evidence.record(0.91, true));
        assert_eq!(evidence.level(0.01), Some(VERIFIED), "nothing is open above which something is not");
        (0..298).for_each(|_| evidence.record(0.96, true));
        evidence.record(0.96, false);
        assert_eq!(evidence.level(0.01), Some(VERIFIED), "one mistake wants more");
        (0..200).for_each(|_| evidence.record(0.96, true));
        assert_eq!(evidence.level(0.01), Some(0.90));
        assert_eq!(evidence.counts(), (1098, 1));
    }

    #[test]
    fn old_observations_are_forgotten() {
        let mut evidence = Evidence::default();
        evidence.record(0.99, false);
        for _ in 0..MOST {
            evidence.record(0.99, true);
        }
        assert_eq!(evidence.counts(), (MOST, 0));
    }

    #[test]
    fn the_same_texts_are_given_up_when_the_tool_does_not_repeat_itself() {
        let of = |right: usize, wrong: usize| {
            let mut evidence = Evidence::default();
            (0..right).for_each(|_| evidence.record_same(true));
            (0..wrong).for_each(|_| evidence.record_same(false));
            evidence.refuted(0.01)
        };
        assert!(!of(0, 0) && !of(10, 0));
        assert!(of(0, 1) && of(4, 1));
        assert!(!of(5, 1), "one in six may be chance");
        assert!(of(30, 2));
    }
}
