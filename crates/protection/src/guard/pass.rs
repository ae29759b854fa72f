//! A call that was let through: it says how it ended, also when it is dropped.

use super::tool::Tool;
use super::{Guard, Seen, lock};
use resilience::Moment;
use resilience::breaker::{self, Outcome};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A call that was let through.
pub struct Pass {
    guard: Arc<Guard>,
    tool: Arc<Tool>,
    whole: breaker::Pass,
    own: breaker::Pass,
    began: Moment,
    open: bool,
}

impl Pass {
    pub(super) fn new(
        guard: Arc<Guard>,
        tool: Arc<Tool>,
        whole: breaker::Pass,
        own: breaker::Pass,
        began: Moment,
    ) -> Self {
        Self { guard, tool, whole, own, began, open: true }
    }

    /// The upstream answered as it should.
    pub fn worked(&mut self) {
        let latency = self.guard.now().saturating_sub(self.began);
        self.end(Outcome::Worked(latency), Outcome::Worked(latency));
    }

    /// It failed as `seen`.
    pub fn failed(&mut self, seen: Seen) {
        if let (Some(wait), true) = (seen.asked, seen.pauses) {
            let until = self.guard.now() + wait.min(LONGEST_PAUSE);
            lock(&self.guard.whole).breaker.pause(until);
        }
        let outcome = |fails| if fails { Outcome::Failed } else { Outcome::Unknown };
        let whole = if seen.answered {
            Outcome::Worked(self.guard.now().saturating_sub(self.began))
        } else {
            outcome(seen.whole)
        };
        self.end(whole, outcome(seen.tool));
    }

    fn end(&mut self, whole: Outcome, own: Outcome) {
        if !std::mem::take(&mut self.open) {
            return;
        }
        self.tool.running.fetch_sub(1, Ordering::Relaxed);
        self.guard.learned.store(true, Ordering::Relaxed);
        let (guard, now) = (&self.guard, self.guard.now());
        let settings = &guard.protection.breaker;
        let (before, after) = {
            let breaker = &mut lock(&guard.whole).breaker;
            let before = breaker.state();
            breaker.ended(settings, now, self.whole, whole);
            (before, breaker.state())
        };
        guard.moved(None, before, after);
        let (before, after) = {
            let mut breaker = lock(&self.tool.breaker);
            let before = breaker.state();
            breaker.ended(&self.tool.settings, now, self.own, own);
            (before, breaker.state())
        };
        guard.moved(Some(&self.tool.name), before, after);
    }
}

/// The longest that an upstream is left alone because it asked for it, before it is asked again whether it still wants.
const LONGEST_PAUSE: Moment = Moment::from_secs(60);

impl Drop for Pass {
    fn drop(&mut self) {
        self.end(Outcome::Unknown, Outcome::Unknown);
    }
}
