//! Which texts had the same answer as which others, when both were asked.

use crate::reading::{Digest, Reading};
use base::random;
use std::collections::{HashMap, VecDeque};

/// Pairs that are remembered; the oldest go.
const MOST: usize = 10_000;

/// What was seen of a pair of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Link {
    /// How often their answers were the same.
    pub(crate) right: u32,
    /// Whether they ever were not: then they ask for different things.
    pub(crate) wrong: bool,
}

/// What was seen of pairs of texts, whatever else was asked with them. It outlives their answers.
#[derive(Debug, Default)]
pub(crate) struct Links {
    all: HashMap<Digest, Link>,
    order: VecDeque<Digest>,
}

impl Links {
    /// What was seen of the pair.
    pub(crate) fn get(&self, one: &Reading, other: &Reading) -> Option<Link> {
        self.all.get(&key(one, other)).copied()
    }

    /// The answers of the pair were the same, or not.
    pub(crate) fn record(&mut self, one: &Reading, other: &Reading, right: bool) {
        let key = key(one, other);
        if !self.all.contains_key(&key) {
            if self.order.len() >= MOST
                && let Some(oldest) = self.order.pop_front()
            {
                self.all.remove(&oldest);
            }
            self.order.push_back(key);
        }
        let link = self.all.entry(key).or_default();
        if right { link.right = link.right.saturating_add(1) } else { link.wrong = true }
    }
}

/// Names a pair, whichever comes first.
fn key(one: &Reading, other: &Reading) -> Digest {
    let (one, other) = (one.digest(), other.digest());
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    random::sha256(&[first, second].concat())
}
