//! What can be seen of a guard.

use super::tool::Tool;
use super::{Guard, lock};
use resilience::breaker::{Parts, State};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

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
    /// Calls that were turned away because too many run.
    pub full: u64,
    /// Questions after the upstream's health while calls were held back.
    pub asked: u64,
}

/// Everything that can be seen of a guard.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// Of the upstream as a whole.
    pub whole: Parts,
    /// Of its tools, by name.
    pub tools: Vec<OfTool>,
    /// How often something happened.
    pub counts: Counts,
    /// Repeats that are left at the moment.
    pub budget: u32,
}

/// What can be seen of one tool.
#[derive(Debug, Clone, PartialEq)]
pub struct OfTool {
    /// What the upstream calls it; the method, where it is no tool.
    pub name: String,
    /// How it is.
    pub parts: Parts,
    /// How many of its calls may run at once, if that is configured.
    pub limit: Option<usize>,
}

impl Guard {
    /// Everything that can be seen. `tools` says whether the tools are wanted as well. No lock is held over all of them:
    /// calls wait for one tool at most.
    pub fn overview(&self, tools: bool) -> Overview {
        let (now, settings) = (self.now(), &self.protection.breaker);
        let (whole, budget) = {
            let whole = lock(&self.whole);
            (whole.breaker.parts(settings, now), whole.budget.left(&self.protection.budget, now))
        };
        let states: Vec<Arc<Tool>> =
            self.tools.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        let mut held_back = whole.rejected;
        let mut all = Vec::new();
        for tool in states {
            let breaker = lock(&tool.breaker);
            held_back += breaker.rejected();
            // What is not as it should be is always worth a line.
            if tools || breaker.state() != State::Closed {
                let parts = breaker.parts(&tool.settings, now);
                drop(breaker);
                all.push(OfTool { name: tool.name.clone(), parts, limit: tool.says.calls });
            }
        }
        all.sort_by(|left, right| left.name.cmp(&right.name));
        let count = |tally: &AtomicU64| tally.load(Ordering::Relaxed);
        let counts = Counts {
            repeated: count(&self.tallies.repeated),
            without_budget: count(&self.tallies.without_budget),
            limited: count(&self.tallies.limited),
            held_back,
            hedged: count(&self.tallies.hedged),
            full: count(&self.tallies.full),
            asked: count(&self.tallies.asked),
        };
        Overview { whole, tools: all, counts, budget }
    }
}
