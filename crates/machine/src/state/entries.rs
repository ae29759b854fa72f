//! Applying entries.

use super::{Phase, State, Task, Unfit};
use crate::fault::Fault;
use crate::node::{Id, Node, Role, Standing, Why};
use base::Code;
use journal::{Decision, Entry, Kind, Payload};
use serde_json::Value;
use std::sync::Arc;

/// The timer of the run itself, for its time.
pub(crate) const TIME: &str = "budget";

impl State {
    /// Takes note of the next entry of the journal. What it says of a step that waits for nothing of the kind changes
    /// nothing.
    ///
    /// # Errors
    /// [`Unfit`]; then nothing has changed.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), Unfit> {
        let value = payload(entry)?;
        (self.at, self.entries) = (entry.at, self.entries + 1);
        match (&entry.step, &entry.kind) {
            (None, Kind::Started { .. }) => self.start(entry, value),
            (None, Kind::Signal { name }) => self.signalled(name, value),
            (None, Kind::Cancelled(decision)) => self.cancelled(decision),
            (None, Kind::Failed { code, message }) => {
                self.run_fails(&Arc::new(Fault { code: code.clone(), message: message.clone() }));
            }
            (None, Kind::Paused(_)) => self.paused = true,
            (None, Kind::Resumed(_)) => self.paused = false,
            (_, Kind::Finished(end)) => self.phase = Phase::Over(*end),
            (step, Kind::TimerSet { timer, due }) => {
                let key = (step.clone(), timer.clone());
                let wanted =
                    step.as_ref().is_none_or(|step| self.paths.get(step).is_some_and(|id| self.active.contains(id)));
                if !wanted {
                    self.stale.insert(key.clone());
                }
                self.timers.insert(key, *due);
            }
            (step, Kind::TimerCleared { timer }) => self.timer_gone(&(step.clone(), timer.clone())),
            (None, Kind::TimerFired { timer }) => {
                self.timer_gone(&(None, timer.clone()));
                if timer == TIME {
                    let fault = Fault::new(Code::RunBudget, "the run took longer than it may");
                    self.fail(&Arc::new(fault));
                }
            }
            (Some(step), Kind::TimerFired { timer }) => {
                self.timer_gone(&(Some(step.clone()), timer.clone()));
                if let Some(id) = self.paths.get(step).copied() {
                    self.fired(id, timer);
                }
            }
            (Some(step), _) => {
                if let Some(id) = self.paths.get(step).copied() {
                    self.of_step(id, entry, value);
                }
            }
            _ => {}
        }
        self.settle();
        Ok(())
    }

    fn start(&mut self, entry: &Entry, value: Value) {
        if self.phase != Phase::New {
            return;
        }
        self.started = entry.at;
        let trigger = entry.more.iter().find(|(name, _)| name == "trigger");
        self.trigger = trigger.and_then(|(_, raw)| base::json::from_text(raw.as_str()).ok()).unwrap_or_default();
        self.phase = Phase::Running;
        self.nodes.push(Node {
            place: usize::MAX,
            parent: None,
            role: Role::Root,
            path: None,
            levels: Arc::default(),
            standing: Standing::Waiting(0),
        });
        let given = match value {
            Value::Object(given) => given,
            _ => serde_json::Map::new(),
        };
        match workflow::arguments(self.plan.params(), &given) {
            Ok(params) => {
                self.params = params;
                self.queue.push_back(Task::Begin(0));
            }
            Err(errors) => {
                let fault = errors.first().map_or_else(|| Fault::new(Code::WorkflowArguments, "wrong"), Fault::from);
                self.end_node(0, crate::node::Outcome::bad(Arc::new(fault)));
            }
        }
    }

    fn signalled(&mut self, name: &str, value: Value) {
        let waits = |id: &Id| self.awaits(*id) == Some(name);
        match self.active.iter().copied().find(waits) {
            Some(id) => self.came(id, Ok(value)),
            None => self.signals.entry(name.to_owned()).or_default().push_back(value),
        }
    }

    fn cancelled(&mut self, decision: &Decision) {
        if self.phase == Phase::Running {
            let why = decision.reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
            let fault = Fault::new(Code::RunCancelled, format!("{} cancelled the run{why}", decision.actor));
            self.fail(&Arc::new(fault));
        }
    }

    /// The run fails, whatever the rules of its steps say.
    pub(super) fn fail(&mut self, fault: &Arc<Fault>) {
        if self.phase == Phase::Running {
            self.cancel_with(0, &Why::Fault(Arc::clone(fault)));
        }
    }

    fn timer_gone(&mut self, key: &(Option<journal::StepPath>, String)) {
        self.timers.remove(key);
        self.stale.remove(key);
    }

    fn of_step(&mut self, id: Id, entry: &Entry, value: Value) {
        let empty = entry.payload.is_none();
        match &entry.kind {
            Kind::Attempted { .. } => {
                if let Some(leaf) = self.leaf_mut(id).filter(|leaf| leaf.attempt == entry.attempt) {
                    (leaf.intent, leaf.doubt) = (true, false);
                }
            }
            Kind::Succeeded => self.answered(id, entry.attempt, Ok(value)),
            Kind::Failed { code, message } => {
                let fault = Fault { code: code.clone(), message: message.clone() };
                self.answered(id, entry.attempt, Err(fault));
            }
            Kind::GateOpened(gate) => self.opened(id, gate, &value),
            Kind::GateApproved { decision: _, gate } => self.approved(id, gate, (!empty).then_some(value)),
            Kind::GateRejected { decision, gate } => self.rejected(id, gate, decision),
            Kind::GateExpired => self.expired(id),
            Kind::Orphaned { .. } => self.came_back(id, entry.attempt),
            Kind::InDoubt => {
                let why = value.get("reason").and_then(Value::as_str).filter(|_| !empty);
                self.doubted(id, entry.attempt, why);
            }
            Kind::Resolved { resolution, decision } => self.resolved(id, *resolution, decision, value),
            Kind::Compensated => {
                let undo = self
                    .active
                    .iter()
                    .copied()
                    .find(|one| self.nodes.get(*one).map(|node| node.role) == Some(Role::Undo(id)));
                if let Some(undo) = undo {
                    self.came_to_rest(undo);
                    self.came(undo, Ok(value));
                }
            }
            Kind::Cancelled(decision) => {
                let fault = Fault::new(Code::RunCancelled, format!("{} cancelled the step", decision.actor));
                self.cancel_with(id, &Why::Fault(Arc::new(fault)));
            }
            Kind::Reserved(amount) => self.money.reserve(id, *amount, entry),
            Kind::Settled { reserved, spent } => {
                self.money.settle(id, (*reserved, *spent), entry);
                // Before it has its context nothing within is begun, and what a crash took was for the context.
                if self.is_run(id) && !self.waits_for_context(id) {
                    self.money.settle_within(id, *spent, entry);
                }
            }
            Kind::Scheduled => {
                self.given.insert(id);
            }
            _ => {}
        }
    }
}

/// The value that goes with an entry, where it means something here; null where there is none.
fn payload(entry: &Entry) -> Result<Value, Unfit> {
    let used = matches!(
        entry.kind,
        Kind::Started { .. }
            | Kind::Succeeded
            | Kind::Signal { .. }
            | Kind::GateOpened(_)
            | Kind::GateApproved { .. }
            | Kind::Resolved { .. }
            | Kind::InDoubt
    );
    match entry.payload.as_ref().filter(|_| used) {
        None => Ok(Value::Null),
        Some(Payload::Inline(text)) => {
            base::json::from_text(text).map_err(|error| Unfit::Unreadable(error.to_string()))
        }
        Some(Payload::Stored { digest, .. }) => Err(Unfit::PayloadNeeded(*digest)),
    }
}
