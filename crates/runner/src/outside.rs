//! What runs call.

use crate::so_far::SoFar;
use base::ports::Principal;
use context::tokens::Family;
use journal::{Amount, Effect, IdempotencyKey, RunId, StepPath};
use machine::{Fault, Price, Task, Work};
use memory::WantedSummary;
use serde_json::Value;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use workflow::Plan;
use workflow::plan::PlannedStep;

/// What a call gives, some time later. Dropped before its end, the call is no longer wanted.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Done, Failed>> + Send + 'a>>;

/// Carries out what steps call: tools through the hub, models through the gateway.
pub trait Outside: Send + Sync {
    /// Calls what `task` says, once. Retries, time limits and other workflows are the runner's affair.
    fn call<'a>(&'a self, task: &'a Task, calling: &'a Calling) -> Answer<'a>;

    /// What of the steps `sure` of a plan `principal` may not call, each with the name of its step: what the call itself would say.
    /// What is not known before a step runs is left to the call.
    fn refused(&self, _plan: &Plan, _sure: &[usize], _principal: &Principal) -> Vec<(String, base::Error)> {
        Vec::new()
    }

    /// Has a model make a text shorter. The value is the text.
    fn summarise<'a>(&'a self, wanted: &'a WantedSummary, calling: &'a Calling) -> Answer<'a>;

    /// The most that this can take: so much of a run's budget is set aside before it.
    fn most_of_summary(&self, wanted: &WantedSummary, calling: &Calling) -> Amount;

    /// The SHA-256 of what models are told that make texts shorter.
    fn summary_prompt(&self) -> journal::Digest;

    /// Who reads the context of a step.
    fn reads(&self, plan: &Plan, step: &PlannedStep) -> Reads;

    /// What a call takes: so much of a run's budget is set aside before it. It keeps to [`Calling::reserved`] where that may be less
    /// than the most. Other workflows are the runner's affair.
    fn price(&self, plan: &Plan, step: &PlannedStep, work: &Work) -> Price;
}

/// Who reads the context of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reads {
    /// Whose tokens are counted.
    pub family: Family,
    /// How many tokens the model reads, where that is known.
    pub window: Option<u64>,
}

/// For what something is called.
#[derive(Debug, Clone, PartialEq)]
pub struct Calling {
    /// The run.
    pub run: RunId,
    /// What it does: its model is that of steps which name none.
    pub plan: Arc<Plan>,
    /// Who started it: calls are made with their rights.
    pub principal: Principal,
    /// The step.
    pub path: StepPath,
    /// The attempt, from 1.
    pub attempt: u32,
    /// What a server recognises the call by: the same for all attempts.
    pub key: IdempotencyKey,
    /// What happens if it happens twice.
    pub effect: Effect,
    /// What is set aside for it of the budget of the run: it takes no more. Nothing where nothing is limited, or where it costs nothing.
    pub reserved: Option<Amount>,
    /// Where the call tells what it has taken by now: so much counts where it is cut off. A call that tells nothing counts with all that
    /// was set aside for it.
    pub so_far: SoFar,
}

/// A call went well.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// What it gave.
    pub value: Value,
    /// What it took.
    pub spent: Amount,
}

/// A call did not go well.
#[derive(Debug, Clone, PartialEq)]
pub struct Failed {
    /// Why.
    pub fault: Fault,
    /// Whether it may have been carried out all the same.
    pub sent: Sent,
    /// What it took; nothing where nobody knows: then all that was set aside for it counts as spent.
    pub spent: Option<Amount>,
}

/// Whether a call that failed may have been carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Whoever was called said so, or was never reached: it is known how it ended.
    Known,
    /// Nobody knows.
    Unknown,
}

impl Done {
    /// Gave `value` and took nothing of a budget.
    pub fn free(value: Value) -> Self {
        Self { value, spent: Amount::default() }
    }
}

impl Failed {
    /// Failed, and it is known that it did, without taking anything of a budget.
    pub fn known(fault: Fault) -> Self {
        Self { fault, sent: Sent::Known, spent: Some(Amount::default()) }
    }

    /// Nobody knows whether it was carried out, nor what it took.
    pub const fn unknown(fault: Fault) -> Self {
        Self { fault, sent: Sent::Unknown, spent: None }
    }
}

impl From<base::Error> for Failed {
    fn from(error: base::Error) -> Self {
        Self::known(Fault::from(&error))
    }
}
