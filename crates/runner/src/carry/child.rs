//! Steps that are runs of their own.

use crate::limits::DEPTH;
use crate::outside::{Calling, Done, Failed};
use crate::runner::{JournalRunner, Shared};
use crate::start::Start;
use base::{Code, Error};
use journal::{Amount, Append, Author, Decision, Entry, JournalError, Kind, Run, RunId, Status};
use machine::Fault;
use memory::Trust;
use serde_json::{Map, Value, json};
use std::sync::{Arc, OnceLock};
use tokio_util::sync::CancellationToken;
use workflow::definition::RunBudget;

/// A run that is a step of another, as whoever waits for it knows it.
pub(super) struct Child<'a> {
    /// The run, once it is there.
    pub(super) run: &'a OnceLock<RunId>,
    /// Nobody wants it any more.
    pub(super) stop: &'a CancellationToken,
    /// Whether what it is given can be trusted.
    pub(super) trust: Trust,
}

impl Shared {
    /// Carries a workflow out as a step of `parent`: one run for each step, however often it is asked for.
    pub(super) async fn child(
        self: &Arc<Self>,
        parent: &Run,
        calling: &Calling,
        name: &str,
        arguments: &Map<String, Value>,
        own: Child<'_>,
    ) -> Result<Done, Failed> {
        self.check_depth(parent).await?;
        let start = Start {
            params: arguments.clone(),
            principal: calling.principal.clone(),
            deduplication: Some(format!("step {}", calling.key)),
            priority: parent.priority,
            trigger: Some(json!({"kind": "workflow", "run": parent.id.to_string(), "trust": own.trust.word()})),
            ..Start::of(name, Map::new())
        };
        let runner = JournalRunner { shared: Arc::clone(self) };
        let started = runner.start_as(start, Some(parent.id)).await.map_err(|errors| {
            let messages: Vec<&str> = errors.iter().map(Error::message).collect();
            let code = errors.first().map_or(Code::Internal, Error::code);
            Failed::known(Fault::new(code, messages.join("; ")))
        })?;
        let new = started.new;
        let started = *own.run.get_or_init(|| started.run);
        if new && let Err(error) = self.check_budget(started, calling).await {
            return Err(Failed { spent: self.cut_off(started).await, ..Failed::from(error) });
        }
        // Who stopped it may have looked before there was a run to cancel.
        if own.stop.is_cancelled() {
            self.cancel_child(started).await;
        }
        let (run, result) = self.ended(started).await?;
        let spent = run.spent;
        if run.status == Status::Succeeded {
            return Ok(Done { value: result, spent });
        }
        let code = result["code"].as_str().unwrap_or(Code::Internal.id()).to_owned();
        let why = result["message"].as_str().unwrap_or("it says not why");
        let message = format!("the run {} of `{name}` is {}: {why}", run.id, run.status.word());
        Err(Failed { spent: Some(spent), ..Failed::known(Fault { code, message }) })
    }

    /// Runs within runs have an end.
    async fn check_depth(&self, parent: &Run) -> base::Result<()> {
        let mut above = parent.parent;
        for _ in 1..DEPTH {
            let Some(next) = above else { return Ok(()) };
            above = self.store.run(next).await?.parent;
        }
        let message = format!("workflows call each other {DEPTH} deep, and no deeper");
        Err(Error::new(Code::WorkflowEvaluation, message, "call fewer workflows within each other"))
    }

    /// A run within that was begun takes no more than is set aside for it: its file may have changed since that was asked.
    async fn check_budget(&self, run: RunId, calling: &Calling) -> base::Result<()> {
        let around = calling.plan.budget();
        if around.money.is_none() && around.tokens.is_none() {
            return Ok(());
        }
        let definition = self.store.run(run).await?.definition;
        let plan = self.plans.of(&*self.store, definition).await?;
        let (most, reserved) = (most(around, plan.budget()), calling.reserved.unwrap_or_default());
        if most.money <= reserved.money && most.tokens <= reserved.tokens {
            return Ok(());
        }
        let message = format!("the workflow of `{}` has got another budget while it was started", calling.path);
        Err(Error::new(Code::RunBudget, message, "start the run again"))
    }

    /// Cancels a run that is a step of another and took too long. Gives what it takes: where it does not end soon, what it has set
    /// aside may all be taken.
    pub(super) async fn cut_off(&self, run: RunId) -> Option<Amount> {
        self.cancel_child(run).await;
        let listed = match tokio::time::timeout(self.options.grace, self.ended(run)).await {
            Ok(Ok((listed, _))) => listed,
            _ => self.store.run(run).await.ok()?,
        };
        let Run { spent, reserved, .. } = listed;
        Some(Amount {
            money: spent.money.saturating_add(reserved.money),
            tokens: spent.tokens.saturating_add(reserved.tokens),
        })
    }

    /// Cancels a run that is a step of another, if it goes on.
    pub(super) async fn cancel_child(&self, run: RunId) {
        if let Err(error) = self.try_to_cancel(run).await {
            tracing::warn!(%run, "a run within another could not be cancelled: {error}");
        }
    }

    async fn try_to_cancel(&self, run: RunId) -> Result<(), JournalError> {
        let decision = Decision { actor: "the run around it".to_owned(), reason: None };
        let cancelled = Entry::of_run(self.now(), Kind::Cancelled(decision));
        let mut expected = self.store.run(run).await?.last;
        loop {
            let entries = vec![cancelled.clone()];
            let append = Append { run, expected, author: Author::Outside, entries, status: None };
            match self.store.append(append).await {
                Err(JournalError::Conflict { found, .. }) => expected = found,
                Err(JournalError::Finished(_) | JournalError::Repeated { .. }) | Ok(_) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}

/// The most that a run with the budget `within` takes of what the run around it has limited: no limit is [`u64::MAX`].
pub(super) fn most(around: RunBudget, within: RunBudget) -> Amount {
    let of = |around: Option<u64>, within: Option<u64>| within.unwrap_or(if around.is_some() { u64::MAX } else { 0 });
    Amount { money: of(around.money, within.money), tokens: of(around.tokens, within.tokens) }
}
