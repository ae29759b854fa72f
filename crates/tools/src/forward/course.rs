//! How often a request is sent, and what lies between.

use super::{Forward, Stage};
use base::{Error, Result, clock};
use mcp::Method;
use protection::guard::Seen;
use resilience::retry::{Effect, Reach};
use std::time::Duration;

/// The attempts of one request so far.
#[derive(Default)]
pub(super) struct Course {
    /// How often it went out.
    pub(super) sent: u32,
    /// How often it could not be sent.
    unsent: u32,
    /// How long it has waited between attempts.
    waited: Duration,
    /// Whether nobody knows what became of one that went out.
    pub(super) doubt: bool,
}

impl Forward {
    /// Whether it may have been carried out though it failed: it went out, and nobody knows what became of it.
    pub fn is_in_doubt(&self) -> bool {
        self.course.doubt
    }

    /// What the upstream is asked for, as its guard knows it: a tool by name, anything else by its method.
    pub(super) fn subject(&self) -> &str {
        match self.method {
            Method::ToolsCall => &self.original,
            _ => self.method.name(),
        }
    }

    /// What sending the request twice means.
    pub(super) fn effect(&self) -> Effect {
        match self.method {
            // A task that is begun twice is two tasks.
            Method::ToolsCall if self.wants_task() => Effect::Write,
            Method::ToolsCall => self.upstream.effect(&self.original),
            // The wait for a result is silent by right, and a second one would be asked what the first was.
            Method::TasksResult | Method::TasksUpdate | Method::TasksCancel => Effect::Write,
            // The protocol knows no other request that changes anything.
            _ => Effect::Read,
        }
    }

    /// Decides whether the request is sent again after a failure; then it rests before that.
    pub(super) fn again(&mut self, seen: Seen) -> bool {
        // What the client did for the call cannot be done again without asking it again.
        let asked = self.asks.any_made() && seen.reach != Reach::NotSent;
        let failures = match seen.reach {
            Reach::Final => return false,
            _ if asked => return false,
            Reach::NotSent => {
                self.course.unsent += 1;
                self.course.unsent
            }
            _ => self.course.sent,
        };
        let Some(wait) = self.upstream.guard.again(self.effect(), seen, failures, self.course.waited) else {
            return false;
        };
        self.course.waited += wait;
        self.asks.clear();
        // What was asked belongs to the attempt that failed.
        self.asks.clear();
        self.stage = Stage::Resting(clock::now() + wait);
        true
    }

    /// As [`Forward::again`]; `error` is the answer when it is not sent again.
    pub(super) fn again_or(&mut self, error: Error, seen: Seen) -> Result<()> {
        if self.again(seen) { Ok(()) } else { Err(error) }
    }
}
