//! What may be done beyond what it must, for the sake of speed: a share of all requests, and of what they cost.

use base::clock;
use resilience::Moment;
use resilience::budget::{Budget, Settings};
use resilience::purse::Purse;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Which part of all there may be beyond what must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// Of requests.
    pub requests: f64,
    /// Of what they cost.
    pub money: f64,
}

/// How many more requests there may be, and what they may cost.
pub struct Allowance {
    began: Instant,
    saved: Mutex<Saved>,
}

#[derive(Default)]
struct Saved {
    requests: Option<Budget>,
    money: Purse,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { began: clock::now(), saved: Mutex::default() }
    }
}

/// Without traffic there are none, and few are saved up: what is saved costs money when everything is slow at once.
fn settings(share: f64) -> Settings {
    Settings { share, floor: 0.0, most: 10.0 }
}

impl Allowance {
    /// A request came.
    pub fn came(&self, shares: Shares) {
        let (settings, now) = (settings(shares.requests), self.now());
        self.saved().requests.get_or_insert_with(|| Budget::new(&settings, now)).called(&settings);
    }

    /// Takes one more request that is expected to cost so much, in nano-dollars, if there may be one. It pays what it costs in
    /// the end.
    pub fn spend(self: &Arc<Self>, shares: Shares, expected: u64) -> Option<Stake> {
        let (settings, now) = (settings(shares.requests), self.now());
        let mut saved = self.saved();
        if !saved.money.take(expected) {
            return None;
        }
        if !saved.requests.get_or_insert_with(|| Budget::new(&settings, now)).spend(&settings, now) {
            saved.money.settle(expected, 0);
            return None;
        }
        drop(saved);
        Some(Stake { allowance: Arc::clone(self), part: Part::Pays(expected) })
    }

    /// What a request of the route earns by what it costs.
    pub fn earning(self: &Arc<Self>, shares: Shares) -> Stake {
        Stake { allowance: Arc::clone(self), part: Part::Earns(shares.money) }
    }

    fn now(&self) -> Moment {
        clock::now().saturating_duration_since(self.began)
    }

    fn saved(&self) -> MutexGuard<'_, Saved> {
        self.saved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request's part in what may be spent for the sake of speed. Dropped without a word, it cost nothing.
pub struct Stake {
    allowance: Arc<Allowance>,
    part: Part,
}

#[derive(Clone, Copy)]
enum Part {
    /// It earns this share of what it costs.
    Earns(f64),
    /// So much was set aside for it.
    Pays(u64),
    Over,
}

impl Stake {
    /// The request cost so much, in nano-dollars.
    pub fn cost(mut self, cost: u64) {
        self.end(cost);
    }

    fn end(&mut self, cost: u64) {
        match std::mem::replace(&mut self.part, Part::Over) {
            Part::Earns(share) => self.allowance.saved().money.earn(cost, share),
            Part::Pays(expected) => self.allowance.saved().money.settle(expected, cost),
            Part::Over => {}
        }
    }
}

impl Drop for Stake {
    fn drop(&mut self) {
        self.end(0);
    }
}

#[cfg(test)]
mod tests;
