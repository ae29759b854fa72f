//! What faces need of whoever carries runs out.

use crate::{Approval, Asking, By, Came, Following, Inspected, JournalRunner, Served, Start, Started};
use base::ports::{Principal, Wait};
use base::{Error, Result};
use journal::{Filter, Page, Resolution, Run, RunId, Watch};
use memory::Memory;
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What starting a run gives, once that is known: the run, or all that is wrong.
pub type Starting<'a> = Pin<Box<dyn Future<Output = Result<Started, Vec<Error>>> + Send + 'a>>;

/// Starts runs, tells of them, and takes what people decide. [`JournalRunner`] does so over a store of journals; another engine of
/// durable runs would stand in its place.
///
/// Whatever it says of a run that is not there is [`base::Code::RunUnknown`].
pub trait Runner: Send + Sync {
    /// The workflows that can be started, by name.
    fn workflows(&self) -> Arc<BTreeMap<String, Served>>;

    /// The memory of runs and people.
    fn memory(&self) -> &Memory;

    /// Starts a run. It outlives the process when this returns.
    ///
    /// # Errors
    /// All that is wrong, as one each: there is no such workflow, or its parameters are not what it takes.
    fn start(&self, start: Start) -> Starting<'_>;

    /// The run that `principal` has started with this key before, if there is one.
    fn started<'a>(&'a self, principal: &'a Principal, deduplication: &'a str) -> Wait<'a, Option<Started>>;

    /// Starts a run that begins with the results that another has of the steps before `from`. Of the steps `again` somebody says that
    /// they may be sent once more, where their results cannot be taken over.
    ///
    /// # Errors
    /// All that is wrong, as one each.
    fn fork<'a>(&'a self, run: RunId, from: &'a str, again: &'a [String], principal: Principal) -> Starting<'a>;

    /// A run, as lists show it.
    fn run(&self, run: RunId) -> Wait<'_, Run>;

    /// Runs, the newest first, from behind `after` on.
    fn list(&self, filter: Filter, after: Option<RunId>, most: usize) -> Wait<'_, Page>;

    /// All that there is to say of a run.
    fn inspect(&self, run: RunId) -> Wait<'_, Inspected>;

    /// What a run asks of people now.
    fn asking(&self, run: RunId) -> Wait<'_, Asking>;

    /// The journal of a run with its definition and its values, as one document.
    fn export(&self, run: RunId) -> Wait<'_, Value>;

    /// Waits for the end of a run. Gives how it ended, and its output or the detail of its error.
    fn ended(&self, run: RunId) -> Wait<'_, (Run, Value)>;

    /// Follows a run from its entry `from` on, from 1.
    fn follow(&self, run: RunId, from: u64) -> Wait<'_, Box<dyn Following>>;

    /// What came in a run from its entry `from` on, from 1, as far as gates are concerned.
    fn came_since(&self, run: RunId, from: u64) -> Wait<'_, Came>;

    /// News of all runs.
    fn watch(&self) -> Watch;

    /// Approves at a gate. Gives its step.
    ///
    /// # Errors
    /// [`base::Code::GateForbidden`], [`base::Code::GateUnknown`]; what was changed is not what the gate takes.
    fn approve<'a>(&'a self, run: RunId, approval: &'a Approval, by: &'a By) -> Wait<'a, String>;

    /// Refuses at a gate. Gives its step.
    ///
    /// # Errors
    /// As [`Runner::approve`].
    fn reject<'a>(&'a self, run: RunId, approval: &'a Approval, by: &'a By) -> Wait<'a, String>;

    /// Whether somebody may decide at a gate for these approvers of a run of `principal`.
    fn may_decide(&self, gate: (&str, &[String]), by: &By) -> bool;

    /// Says what became of an effect that is in doubt. Gives its step.
    ///
    /// # Errors
    /// Nothing is in doubt there.
    fn resolve<'a>(
        &'a self,
        run: RunId,
        step: Option<&'a str>,
        resolution: Resolution,
        value: &'a Value,
        by: &'a By,
    ) -> Wait<'a, String>;

    /// Cancels a run: what is under way ends, and what was done is undone where that is said.
    fn cancel<'a>(&'a self, run: RunId, by: &'a By) -> Wait<'a, ()>;

    /// Pauses a run: nothing new is begun.
    fn pause<'a>(&'a self, run: RunId, by: &'a By) -> Wait<'a, ()>;

    /// Lets a paused run go on.
    fn resume<'a>(&'a self, run: RunId, by: &'a By) -> Wait<'a, ()>;

    /// Tells a run of an event outside, once for each key. Gives whether it is new.
    fn signal<'a>(&'a self, run: RunId, name: &'a str, deduplication: &'a str, body: &'a Value) -> Wait<'a, bool>;
}

impl Runner for JournalRunner {
    fn workflows(&self) -> Arc<BTreeMap<String, Served>> {
        self.workflows()
    }

    fn memory(&self) -> &Memory {
        self.memory()
    }

    fn start(&self, start: Start) -> Starting<'_> {
        Box::pin(self.start(start))
    }

    fn started<'a>(&'a self, principal: &'a Principal, deduplication: &'a str) -> Wait<'a, Option<Started>> {
        Box::pin(self.started(principal, deduplication))
    }

    fn fork<'a>(&'a self, run: RunId, from: &'a str, again: &'a [String], principal: Principal) -> Starting<'a> {
        Box::pin(self.fork(run, from, again, principal))
    }

    fn run(&self, run: RunId) -> Wait<'_, Run> {
        Box::pin(self.run(run))
    }

    fn list(&self, filter: Filter, after: Option<RunId>, most: usize) -> Wait<'_, Page> {
        Box::pin(self.list(filter, after, most))
    }

    fn inspect(&self, run: RunId) -> Wait<'_, Inspected> {
        Box::pin(self.inspect(run))
    }

    fn asking(&self, run: RunId) -> Wait<'_, Asking> {
        Box::pin(self.asking(run))
    }

    fn export(&self, run: RunId) -> Wait<'_, Value> {
        Box::pin(self.export(run))
    }

    fn ended(&self, run: RunId) -> Wait<'_, (Run, Value)> {
        Box::pin(self.ended(run))
    }

    fn follow(&self, run: RunId, from: u64) -> Wait<'_, Box<dyn Following>> {
        Box::pin(self.follow(run, from))
    }

    fn came_since(&self, run: RunId, from: u64) -> Wait<'_, Came> {
        Box::pin(self.came_since(run, from))
    }

    fn watch(&self) -> Watch {
        self.watch()
    }

    fn approve<'a>(&'a self, run: RunId, approval: &'a Approval, by: &'a By) -> Wait<'a, String> {
        Box::pin(self.approve(run, approval, by))
    }

    fn reject<'a>(&'a self, run: RunId, approval: &'a Approval, by: &'a By) -> Wait<'a, String> {
        Box::pin(self.reject(run, approval, by))
    }

    fn may_decide(&self, gate: (&str, &[String]), by: &By) -> bool {
        self.may_decide(gate, by)
    }

    fn resolve<'a>(
        &'a self,
        run: RunId,
        step: Option<&'a str>,
        resolution: Resolution,
        value: &'a Value,
        by: &'a By,
    ) -> Wait<'a, String> {
        Box::pin(self.resolve(run, step, resolution, value, by))
    }

    fn cancel<'a>(&'a self, run: RunId, by: &'a By) -> Wait<'a, ()> {
        Box::pin(self.cancel(run, by))
    }

    fn pause<'a>(&'a self, run: RunId, by: &'a By) -> Wait<'a, ()> {
        Box::pin(self.pause(run, by))
    }

    fn resume<'a>(&'a self, run: RunId, by: &'a By) -> Wait<'a, ()> {
        Box::pin(self.resume(run, by))
    }

    fn signal<'a>(&'a self, run: RunId, name: &'a str, deduplication: &'a str, body: &'a Value) -> Wait<'a, bool> {
        Box::pin(self.signal(run, name, deduplication, body))
    }
}
