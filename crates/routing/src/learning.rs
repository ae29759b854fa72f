//! Which deployment is worth the most for a class of requests, learned from how requests ended: a bandit.
//!
//! An answer is worth its score, 0..1, less what it cost and how long it took, each by a price that the operator names
//! ([`Worth`]). For each [`Class`] of requests and each deployment the [`Learner`] keeps what was seen, and forgets by and
//! by. A deployment of which little was seen in a class counts as it is elsewhere, and one of which nothing was seen counts
//! as all others do.
//!
//! It asks the deployment that it believes to be the best, but for a share of requests that may go to others so that it
//! learns of them. Those are chosen by Thompson sampling (W. R. Thompson, Biometrika 25, 1933): for each deployment a worth
//! is drawn from what it may be as far as is known, and the highest is asked. So what is little known is asked more, and
//! what is surely worse no more. The share is a cap and holds for every beginning of the sequence of requests.

mod class;
mod evidence;

use base::Result;
use base::{Code, Error};
pub use class::{Class, Size};
use evidence::{Belief, Evidence};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most deployments that are remembered in a class.
const MOST_ARMS: usize = 256;

/// What a better answer may cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worth {
    /// How much of a score a dollar is worth.
    pub per_dollar: f64,
    /// How much of a score a second is worth.
    pub per_second: f64,
}

/// How a route learns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Learning {
    /// What a better answer may cost.
    pub worth: Worth,
    /// The share of requests that may go elsewhere than to what is believed to be the best, 0..1.
    pub explore: f64,
    /// Whether what is learned decides. If not it is only shown beside what the route's strategy decides.
    pub decides: bool,
}

/// A deployment, and what can be said of it before anything was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arm<'a> {
    /// `provider/model`.
    pub name: &'a str,
    /// What the request is expected to cost there, in dollars.
    pub dollars: Option<f64>,
    /// How long its answers take, in seconds.
    pub seconds: Option<f64>,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ended {
    /// Whether there was an answer.
    pub answered: bool,
    /// What it cost, in dollars.
    pub dollars: f64,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// Who is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// All by their numbers among the arms, the first first: behind the chosen one those of more worth first.
    pub order: Vec<usize>,
    /// What each arm is believed to be worth, in the order in which they were given.
    pub worth: Vec<f64>,
    /// Whether the first is not the one that is believed to be the best.
    pub explores: bool,
}

/// What was seen of one deployment in one class: what is kept over a restart.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The class; nothing for all classes together.
    pub class: Option<Class>,
    /// `provider/model`.
    pub arm: Arc<str>,
    /// The numbers: for answers, scores, dollars and seconds each the weight, the sum and the sum of squares.
    pub numbers: [f64; 12],
}

/// What was learned on one route.
#[derive(Debug, Clone, Default)]
pub struct Learner {
    /// By class, and under nothing of all classes together.
    seen: BTreeMap<Option<Class>, BTreeMap<Arc<str>, Evidence>>,
    decided: u64,
    explored: u64,
}

impl Learner {
    /// Chooses among `arms`. `dice` gives numbers from 0 to below 1.
    pub fn choose(
        &mut self,
        learning: &Learning,
        class: Class,
        arms: &[Arm<'_>],
        dice: &mut dyn FnMut() -> f64,
    ) -> Choice {
        let beliefs: Vec<Belief> = arms.iter().map(|arm| self.belief(&learning.worth, class, arm)).collect();
        let worth: Vec<f64> = beliefs.iter().map(|belief| belief.mean).collect();
        let mut order: Vec<usize> = (0..arms.len()).collect();
        let of = |one: &usize| worth.get(*one).copied().unwrap_or(f64::NEG_INFINITY);
        order.sort_by(|left, right| of(right).total_cmp(&of(left)));
        self.decided = self.decided.saturating_add(1);
        let mut explores = false;
        if learning.decides && self.may_explore(learning.explore) {
            let mut drawn: Option<(f64, usize)> = None;
            for (number, belief) in beliefs.iter().enumerate() {
                let worth = belief.draw(dice);
                if drawn.is_none_or(|(most, _)| worth > most) {
                    drawn = Some((worth, number));
                }
            }
            if let Some((_, chosen)) = drawn
                && order.first() != Some(&chosen)
            {
                order.retain(|one| *one != chosen);
                order.insert(0, chosen);
                self.explored = self.explored.saturating_add(1);
                explores = true;
            }
        }
        Choice { order, worth, explores }
    }

    /// Takes in how a request ended.
    pub fn ended(&mut self, class: Class, arm: &str, ended: Ended) {
        self.take(class, arm, |evidence| evidence.ended(ended));
    }

    /// Takes in what somebody thinks of an answer: 0 is useless, 1 could not be better.
    pub fn scored(&mut self, class: Class, arm: &str, score: f64) {
        self.take(class, arm, |evidence| evidence.scored(score));
    }

    /// How many requests were decided, and how many of them went elsewhere than to what was believed to be the best.
    pub fn counts(&self) -> (u64, u64) {
        (self.decided, self.explored)
    }

    /// What a deployment is believed to be worth in a class.
    pub fn worth(&self, worth: &Worth, class: Class, arm: &Arm<'_>) -> f64 {
        self.belief(worth, class, arm).mean
    }

    /// What was seen, to be kept.
    pub fn records(&self) -> Vec<Record> {
        let of_class = |(class, arms): (&Option<Class>, &BTreeMap<Arc<str>, Evidence>)| {
            let class = *class;
            let record = move |(arm, evidence): (&Arc<str>, &Evidence)| Record {
                class,
                arm: Arc::clone(arm),
                numbers: evidence.numbers(),
            };
            arms.iter().map(record).collect::<Vec<_>>()
        };
        self.seen.iter().flat_map(of_class).collect()
    }

    /// What was kept.
    ///
    /// # Errors
    /// Numbers that no record has.
    pub fn restored(records: &[Record]) -> Result<Self> {
        let mut learner = Self::default();
        for record in records {
            let evidence = Evidence::of(record.numbers).ok_or_else(|| {
                let what = format!("what was learned of {} is no record of a learner", record.arm);
                Error::new(Code::Internal, what, "it is left out, and learned again")
            })?;
            learner.seen.entry(record.class).or_default().insert(Arc::clone(&record.arm), evidence);
        }
        Ok(learner)
    }

    fn take(&mut self, class: Class, arm: &str, with: impl Fn(&mut Evidence)) {
        for class in [Some(class), None] {
            let arms = self.seen.entry(class).or_default();
            if let Some(evidence) = arms.get_mut(arm) {
                with(evidence);
            } else if arms.len() < MOST_ARMS {
                with(arms.entry(arm.into()).or_default());
            }
        }
    }

    /// The share holds behind the request that is decided now too.
    fn may_explore(&self, share: f64) -> bool {
        (self.explored + 1) as f64 <= share * self.decided as f64
    }

    fn belief(&self, worth: &Worth, class: Class, arm: &Arm<'_>) -> Belief {
        let of = |class: Option<Class>| self.seen.get(&class).and_then(|arms| arms.get(arm.name));
        let usual = self.seen.get(&None).map(|arms| Evidence::together(arms.values())).unwrap_or_default();
        evidence::believe(worth, arm, &usual, of(None), of(Some(class)))
    }
}

#[cfg(test)]
mod tests;
