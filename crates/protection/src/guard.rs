//! What stands between the calls of an upstream and the upstream: it keeps a failing upstream from harming its callers,
//! and its callers from harming it.
//!
//! The decisions are those of the crate `resilience`; here is the state that they are made on, for one upstream and each
//! of its tools. A lock is held for a decision, never for longer.

mod failure;
mod health;
mod pass;
mod refusal;
mod show;
mod tool;

pub use failure::{Seen, error_is_fault};
pub use health::Health;
pub use pass::Pass;
pub use resilience::breaker::{Parts, Why};
pub use show::{Counts, OfTool, Overview};

use crate::settings::{Protection, Says};
use base::{Result, clock, random};
use resilience::Moment;
use resilience::breaker::{Breaker, Snapshot, State, Verdict};
use resilience::bucket::Bucket;
use resilience::budget::Budget;
use resilience::hedge;
use resilience::retry::{self, Decision, Effect, Reason};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;
use tool::Tool;

/// What protects one upstream.
pub struct Guard {
    name: String,
    protection: Protection,
    /// Moments count from here.
    started: Instant,
    whole: Mutex<Whole>,
    tools: RwLock<HashMap<String, Arc<Tool>>>,
    tallies: Tallies,
    /// Where the sequence of random numbers stands.
    random: AtomicU64,
    /// Whether something changed that is worth keeping at once.
    changed: AtomicBool,
    /// Whether a call has ended since what is normal was kept.
    learned: AtomicBool,
}

/// What is decided for the upstream as a whole.
struct Whole {
    breaker: Breaker,
    bucket: Bucket,
    budget: Budget,
}

#[derive(Default)]
struct Tallies {
    repeated: AtomicU64,
    without_budget: AtomicU64,
    limited: AtomicU64,
    hedged: AtomicU64,
    full: AtomicU64,
    asked: AtomicU64,
}

/// How long nearly all calls take.
const NEARLY_ALL: hedge::Settings = hedge::Settings { quantile: 0.99, least: Moment::from_millis(250) };

/// So many times as long as nearly all calls take is unusual.
const UNUSUAL: u32 = 4;

/// How long calls of a tool that is hardly known are taken to take, at the least.
const UNKNOWN: Moment = Moment::from_millis(2500);

/// More tools than this share one state. A server with so many is a fault or an attack; its calls still work.
const TOOLS: usize = 2000;

impl Guard {
    /// A guard that knows nothing yet, or what an earlier one left.
    pub fn new(name: &str, protection: Protection, kept: Option<&Kept>) -> Arc<Self> {
        let now = Moment::ZERO;
        let settings = &protection.breaker;
        let breaker = match kept {
            Some(kept) => Breaker::restore(settings, &kept.whole, now),
            None => Breaker::new(settings, now),
        };
        let tools = kept.into_iter().flat_map(|kept| &kept.tools).take(TOOLS);
        let tools = tools.map(|(tool, snapshot)| {
            let tool = Tool::new(tool, &protection, |settings| Breaker::restore(settings, snapshot, now));
            (tool.name.clone(), Arc::new(tool))
        });
        let seed = random::bytes::<8>().map_or(1, u64::from_le_bytes);
        Arc::new(Self {
            name: name.to_owned(),
            tools: RwLock::new(tools.collect()),
            whole: Mutex::new(Whole {
                breaker,
                bucket: Bucket::default(),
                budget: Budget::new(&protection.budget, now),
            }),
            protection,
            started: clock::now(),
            tallies: Tallies::default(),
            random: AtomicU64::new(seed),
            changed: AtomicBool::new(false),
            learned: AtomicBool::new(false),
        })
    }

    /// Lets a call through, or says why not. `tool` is what the upstream calls it, or the method where it is no tool;
    /// `first` says that the call is not a repeat.
    pub fn enter(self: &Arc<Self>, tool: &str, first: bool) -> Result<Pass> {
        let own = self.tool(tool);
        let (now, chance) = (self.now(), self.chance());
        let settings = &self.protection.breaker;
        let mut whole = lock(&self.whole);
        if let Some(rate) = &self.protection.rate {
            let answer = whole.bucket.take(rate, now);
            if !answer.passes {
                drop(whole);
                return Err(self.limited(None, rate, &answer));
            }
        }
        let of_whole = match whole.breaker.admit(settings, now, chance) {
            Verdict::Pass(pass) => pass,
            Verdict::Reject { retry_after } => {
                let parts = whole.breaker.parts(settings, now);
                drop(whole);
                return Err(self.held_back(None, &parts, retry_after));
            }
        };
        if first {
            whole.budget.called(&self.protection.budget);
        }
        drop(whole);
        match own.enter(self, now, chance) {
            Ok(of_tool) => Ok(Pass::new(Arc::clone(self), own, of_whole, of_tool, now)),
            Err(error) => {
                lock(&self.whole).breaker.withdrawn(of_whole);
                Err(error)
            }
        }
    }

    /// Whether a call that failed is to be sent again, and after which time. `attempts` counts the failures of this
    /// kind, `waited` is how long the call has waited between attempts so far.
    pub fn again(&self, effect: Effect, seen: Seen, attempts: u32, waited: Moment) -> Option<Moment> {
        let limits = &self.protection.budget;
        let failure = retry::Failure { effect, reach: seen.reach, attempts, asked: seen.asked };
        let (now, chance) = (self.now(), self.chance());
        let settings =
            retry::Settings { longest: self.protection.retry.longest.saturating_sub(waited), ..self.protection.retry };
        let decision = retry::decide(&settings, &failure, (&mut lock(&self.whole).budget, limits), now, chance);
        match decision {
            Decision::Again(wait) => {
                self.tallies.repeated.fetch_add(1, Ordering::Relaxed);
                Some(wait)
            }
            Decision::GiveUp(reason) => {
                let poor = u64::from(reason == Reason::Budget);
                self.tallies.without_budget.fetch_add(poor, Ordering::Relaxed);
                None
            }
        }
    }

    /// After which time a second request for the tool is worth it; nothing where the operator wants none, or too little
    /// is known of the tool.
    pub fn hedge_after(&self, tool: &str) -> Option<Moment> {
        let tool = self.tool(tool);
        let settings = tool.says.hedge.filter(|_| tool.says.effect == Some(Effect::Read))?;
        let breaker = lock(&tool.breaker);
        hedge::after(&settings, breaker.normal().latency())
    }

    /// How long a call of `tool` takes as a rule, also before the last restart; nothing while too little is known.
    pub fn usual(&self, tool: &str) -> Option<Moment> {
        lock(&self.tool(tool).breaker).normal().usual()
    }

    /// How long a call of `tool` may be silent before that is unusual; nothing while too little is known.
    pub fn patience(&self, tool: &str) -> Option<Moment> {
        let of_tool = hedge::after(&NEARLY_ALL, lock(&self.tool(tool).breaker).normal().latency());
        let usual = of_tool.or_else(|| {
            // Of a tool that is hardly known it is only known how its neighbours are.
            let of_whole = hedge::after(&NEARLY_ALL, lock(&self.whole).breaker.normal().latency());
            of_whole.map(|usual| usual.max(UNKNOWN))
        });
        usual.map(|usual| usual.saturating_mul(UNUSUAL))
    }

    /// Whether a second request may be sent. It counts as a repeat.
    pub fn hedges(&self) -> bool {
        let may = lock(&self.whole).budget.spend(&self.protection.budget, self.now());
        let tally = if may { &self.tallies.hedged } else { &self.tallies.without_budget };
        tally.fetch_add(1, Ordering::Relaxed);
        may
    }

    /// What calling a tool twice means: what the operator says of it, or else its own annotations, raw JSON.
    pub fn effect(&self, tool: &str, annotations: Option<&str>) -> Effect {
        let is = |hint| annotations.and_then(|annotations| mcp::raw::get(annotations, hint)) == Some("true");
        let hinted = match () {
            () if is("readOnlyHint") => Effect::Read,
            () if is("idempotentHint") => Effect::Idempotent,
            () => Effect::Write,
        };
        self.says(tool).effect.unwrap_or(hinted)
    }

    /// What the operator says of a tool.
    pub fn says(&self, tool: &str) -> Says {
        self.tool(tool).says.clone()
    }

    /// How the upstream is protected.
    pub fn protection(&self) -> &Protection {
        &self.protection
    }

    /// What is to be kept over a restart, if anything changed since this was last asked.
    pub fn changes(&self) -> Option<Kept> {
        self.changed.swap(false, Ordering::Relaxed).then(|| self.keep())
    }

    /// What is to be kept over a restart, if a call has ended since this was last asked.
    pub fn lessons(&self) -> Option<Kept> {
        self.learned.swap(false, Ordering::Relaxed).then(|| self.keep())
    }

    /// A question after the upstream's health that stands in for a call, if it is time for one.
    pub fn health(self: &Arc<Self>) -> Option<Health> {
        let (now, settings) = (self.now(), &self.protection.breaker);
        let breaker = &mut lock(&self.whole).breaker;
        if !breaker.wants_health(settings, now) {
            return None;
        }
        // It is asked in any case, whatever share of calls goes through.
        match breaker.admit(settings, now, 0.0) {
            Verdict::Pass(pass) => Some(Health::new(Arc::clone(self), pass)),
            Verdict::Reject { .. } => None,
        }
    }

    /// What is to be kept over a restart.
    pub fn keep(&self) -> Kept {
        let whole = lock(&self.whole).breaker.snapshot();
        let tools = self.tools.read().unwrap_or_else(PoisonError::into_inner);
        let tools = tools.iter().map(|(name, tool)| (name.clone(), lock(&tool.breaker).snapshot()));
        Kept { whole, tools: tools.collect() }
    }

    fn tool(&self, name: &str) -> Arc<Tool> {
        let tools = self.tools.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(tool) = tools.get(name) {
            return Arc::clone(tool);
        }
        let name = if tools.len() < TOOLS { name } else { "" };
        drop(tools);
        let mut tools = self.tools.write().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Tool::new(name, &self.protection, |settings| Breaker::new(settings, self.now())));
        Arc::clone(tools.entry(name.to_owned()).or_insert_with(new))
    }

    fn now(&self) -> Moment {
        clock::now().saturating_duration_since(self.started)
    }

    /// A number from 0 to below 1: the next of a sequence that began at random (SplitMix64 by Sebastiano Vigna). It
    /// spreads load and guards nothing.
    fn chance(&self) -> f64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut mixed = self.random.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Notes that a breaker went from one state to another.
    fn moved(&self, tool: Option<&str>, before: State, after: State) {
        if before != after {
            self.changed.store(true, Ordering::Relaxed);
            let tool = tool.unwrap_or("all of it");
            tracing::warn!(upstream = self.name, tool, from = before.word(), to = after.word(), "the breaker moved");
        }
    }
}

/// What outlives the hub.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Kept {
    /// Of the upstream as a whole.
    pub whole: Snapshot,
    /// Of its tools, by name.
    pub tools: Vec<(String, Snapshot)>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
