//! What can be seen of a guard.

use super::{Guard, lock};
use resilience::breaker::{Parts, State};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

/// How often something happened since the hub was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Calls that were sent again.
    pub repeated: u64,
    /// Calls that were not sent again because too many were lately.
    pub without_budget: u64,
    /// Calls that were turned away because of a configured rate.
    pub limited: u64,
    /// Calls that a breaker turned away.
    pub held_back: u64,
    /// Second requests that were sent beside a slow first one.
    pub hedged: u64,
}

/// Everything that can be seen of a guard.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// Of the upstream as a whole.
    pub whole: Parts,
    /// Of its tools, by name.
    pub tools: Vec<(String, Parts)>,
    /// How often something happened.
    pub counts: Counts,
    /// Repeats that are left at the moment.
    pub budget: u32,
}

impl Guard {
    /// Everything that can be seen. `tools` says whether the tools are wanted as well.
    pub fn overview(&self, tools: bool) -> Overview {
        let (now, settings) = (self.now(), &self.protection.breaker);
        let (whole, budget) = {
            let whole = lock(&self.whole);
            (whole.breaker.parts(settings, now), whole.budget.left())
        };
        let states = self.tools.read().unwrap_or_else(PoisonError::into_inner);
        let mut held_back = whole.rejected;
        let mut all = Vec::new();
        for tool in states.values() {
            let breaker = lock(&tool.breaker);
            held_back += breaker.rejected();
            // What is not as it should be is always worth a line.
            if tools || breaker.state() != State::Closed {
                all.push((tool.name.clone(), breaker.parts(settings, now)));
            }
        }
        drop(states);
        all.sort_by(|(left, _), (right, _)| left.cmp(right));
        let count = |tally: &std::sync::atomic::AtomicU64| tally.load(Ordering::Relaxed);
        let counts = Counts {
            repeated: count(&self.tallies.repeated),
            without_budget: count(&self.tallies.without_budget),
            limited: count(&self.tallies.limited),
            held_back,
            hedged: count(&self.tallies.hedged),
        };
        Overview { whole, tools: all, counts, budget }
    }
}
