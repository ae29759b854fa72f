//! What of a talk with tools is left out as it becomes long. Pure: the same talk gives the same cuts.

use workflow::definition::{Limit, Transcript};

/// Above which share of what its model reads a talk is made shorter where nothing is said.
const COMPACT_AT: f64 = 0.7;
/// How many of the last results, and of the last rounds, stay where nothing is said.
const LAST: (usize, usize) = (3, 1);

/// When a talk is made shorter, and what of it stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Above so many tokens it is.
    pub most: usize,
    /// So many of the last results of tools stay when others are left out.
    pub results: usize,
    /// So many of the last rounds always stay, and at least one: what a model has not read yet is not taken from it.
    pub rounds: usize,
}

/// How many tokens the parts of a talk are.
#[derive(Debug, Clone, Copy)]
pub struct Talk<'a> {
    /// What was asked first, which always stays, with all that does not change.
    pub first: usize,
    /// What says for the first time that rounds are left out.
    pub head: usize,
    /// The rounds that are there, in their order.
    pub rounds: &'a [Round],
}

/// A round: what a model says and calls, and what the tools give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// What the model says and calls.
    pub said: usize,
    /// What the tools give.
    pub results: Vec<Given>,
    /// What names the round where it is left out; nothing where it cannot be.
    pub line: Option<usize>,
}

/// What a tool gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// The result, or what stands in its place.
    pub tokens: usize,
    /// What can stand in its place; nothing where it cannot be left out, or is already.
    pub note: Option<usize>,
}

/// What is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cut {
    /// Results: the round, and the place in it.
    pub results: Vec<(usize, usize)>,
    /// Rounds as a whole.
    pub rounds: Vec<usize>,
}

impl Policy {
    /// What a step says of talks, or what holds where it says nothing, for a model that reads `window` tokens. Nothing where
    /// a share is meant, and nobody knows of what.
    pub fn of(said: Option<&Transcript>, window: Option<u64>) -> Option<Self> {
        let said = said.copied().unwrap_or_default();
        let most = match (said.compact_at.unwrap_or(Limit::Share(COMPACT_AT)), window) {
            (Limit::Tokens(tokens), window) => tokens.min(window.unwrap_or(u64::MAX)),
            // A share of a window of tokens is no larger than it.
            (Limit::Share(share), Some(window)) => (window as f64 * share.clamp(0.0, 1.0)) as u64,
            (Limit::Share(_), None) => return None,
        };
        let number = |said: Option<u32>, usual| said.and_then(|said| usize::try_from(said).ok()).unwrap_or(usual);
        Some(Self {
            most: usize::try_from(most).unwrap_or(usize::MAX),
            results: number(said.clear_tool_results, LAST.0),
            rounds: number(said.keep_last, LAST.1),
        })
    }
}

impl Talk<'_> {
    /// What is left out of it by `policy`: nothing where it is short; else the older results of tools, and where that is not
    /// enough, the oldest rounds, until half of what it may be is left. So the beginning of what is asked, which providers
    /// keep, stays the same for some rounds.
    pub fn cut(&self, policy: Policy) -> Cut {
        let mut sizes: Vec<usize> = self.rounds.iter().map(Round::tokens).collect();
        let sum = |sizes: &[usize]| sizes.iter().fold(self.first, |sum, size| sum.saturating_add(*size));
        let mut cut = Cut::default();
        if sum(&sizes) <= policy.most {
            return cut;
        }
        for (round, place, saved) in self.older(policy) {
            cut.results.push((round, place));
            if let Some(size) = sizes.get_mut(round) {
                *size = size.saturating_sub(saved);
            }
        }
        let mut total = sum(&sizes);
        if total <= policy.most {
            return cut;
        }
        let first = self.rounds.len().saturating_sub(policy.rounds.max(1));
        for (index, (round, size)) in self.rounds.iter().zip(&sizes).take(first).enumerate() {
            let head = if cut.rounds.is_empty() { self.head } else { 0 };
            let Some(line) = round.line.map(|line| line.saturating_add(head)).filter(|line| line < size) else {
                continue;
            };
            if total <= policy.most / 2 {
                break;
            }
            total = total.saturating_sub(size - line);
            cut.rounds.push(index);
        }
        cut
    }

    /// The results before the last ones that can be left out, with what that saves. Those of the last round were not read.
    fn older(&self, policy: Policy) -> impl Iterator<Item = (usize, usize, usize)> {
        let all = self.rounds.iter().map(|round| round.results.len()).sum::<usize>();
        let read = self.rounds.len().saturating_sub(1);
        let results =
            self.rounds.iter().enumerate().flat_map(|(round, said)| {
                said.results.iter().enumerate().map(move |(place, given)| (round, place, given))
            });
        results.take(all.saturating_sub(policy.results)).filter_map(move |(round, place, given)| {
            let saved = given.tokens.checked_sub(given.note?).filter(|saved| *saved > 0)?;
            (round < read).then_some((round, place, saved))
        })
    }
}

impl Round {
    fn tokens(&self) -> usize {
        self.results.iter().fold(self.said, |sum, given| sum.saturating_add(given.tokens))
    }
}

#[cfg(test)]
mod tests;
