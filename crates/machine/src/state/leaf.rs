//! What comes from outside to a step that waits for it.

use super::context::More;
use super::{State, TIME};
use crate::fault::Fault;
use crate::node::{Ended, Id, Leaf, Outcome, Role, Standing};
use base::Code;
use journal::{Decision, Gate, Resolution};
use serde_json::Value;
use std::sync::Arc;
use workflow::definition::{Action, OnExpiry, Step, Wait};

impl State {
    pub(crate) fn step_of(&self, id: Id) -> Option<&Step> {
        Some(&self.plan.steps().get(self.nodes.get(id)?.place)?.step)
    }

    /// Whether something outside is called for the node.
    pub(crate) fn is_call(&self, id: Id) -> bool {
        let undo = self.nodes.get(id).is_some_and(|node| matches!(node.role, Role::Undo(_)));
        undo || self.step_of(id).is_some_and(|step| !matches!(step.action, Action::Gate(_) | Action::Wait(_)))
    }

    /// The signal that the node waits for.
    pub(crate) fn awaits(&self, id: Id) -> Option<&str> {
        match (&self.nodes.get(id)?.standing, &self.step_of(id)?.action) {
            (Standing::Leaf(_), Action::Wait(Wait::Signal { name, .. })) => Some(name),
            _ => None,
        }
    }

    /// A node gets a signal that came before it waited.
    pub(super) fn take_signal(&mut self, id: Id) {
        let Some(name) = self.awaits(id).map(str::to_owned) else { return };
        if let Some(value) = self.signals.get_mut(&name).and_then(std::collections::VecDeque::pop_front) {
            self.came(id, Ok(value));
        }
    }

    /// An attempt ended.
    pub(super) fn answered(&mut self, id: Id, attempt: u32, answer: Result<Value, Fault>) {
        self.came_back(id, attempt);
        let call = self.is_call(id);
        let Some(leaf) = self.leaf_mut(id).filter(|leaf| attempt <= leaf.attempt) else { return };
        let stopping = leaf.stopping;
        match answer {
            // The first result counts, also that of an attempt that was given up.
            Ok(value) if call => self.came(id, Ok(value)),
            Ok(_) => {}
            Err(_) if attempt < leaf.attempt || leaf.again => {}
            Err(fault) if fault.code == Code::RunBudget.id() => {
                self.end_node(id, Outcome::bad(Arc::new(fault.clone())));
                self.fail(&Arc::new(fault));
            }
            Err(fault) => {
                let was_in_doubt = std::mem::take(&mut leaf.doubt);
                leaf.intent = false;
                if was_in_doubt {
                    self.decided();
                }
                let rule = self.step_of(id).and_then(|step| step.retry.as_ref());
                let again = rule.is_some_and(|rule| {
                    let wanted = if rule.on.is_empty() { fault.may_pass() } else { rule.on.contains(&fault.code) };
                    attempt < rule.attempts && wanted
                });
                match self.leaf_mut(id).filter(|_| again && !stopping) {
                    Some(leaf) => leaf.again = true,
                    None => self.came(id, Err(fault)),
                }
            }
        }
    }

    /// What a node does is at its end.
    pub(super) fn came(&mut self, id: Id, result: Result<Value, Fault>) {
        let stopping = self.leaf_mut(id).is_some_and(|leaf| leaf.stopping);
        let Some(node) = self.nodes.get(id) else { return };
        let (role, parent, place) = (node.role, node.parent, node.place);
        let outcome = match result {
            Err(_) if stopping => Outcome::without(Ended::Cancelled),
            Err(fault) => Outcome::bad(Arc::new(fault)),
            Ok(value) if matches!(role, Role::Undo(_)) => Outcome::good(value),
            Ok(raw) => {
                let plan = Arc::clone(&self.plan);
                let Some(planned) = plan.steps().get(place) else { return };
                if planned.step.compensate.is_some() {
                    self.done.push(id);
                }
                let output = self.made(id, &planned.step, &raw);
                if let (Role::Round(_), Some(parent)) = (role, parent)
                    && let Some(Standing::Loop(rounds)) = self.nodes.get_mut(parent).map(|node| &mut node.standing)
                {
                    rounds.result = Arc::new(raw);
                }
                output.map_or_else(|fault| Outcome::bad(Arc::new(fault)), Outcome::good)
            }
        };
        self.end_node(id, outcome);
    }

    /// What counts as the output of a step that gave `raw`.
    pub(super) fn made(&self, id: Id, step: &Step, raw: &Value) -> Result<Value, Fault> {
        let value = match &step.output {
            None => raw.clone(),
            Some(output) => {
                let uses: Vec<String> = output.templates().iter().flat_map(|template| template.uses()).collect();
                let context = self.context(id, &uses, More { result: Some(raw), output: None });
                output.render(&context).map_err(|error| Fault::from(&error))?
            }
        };
        fits(step.output_schema.as_ref(), &value, &step.name).map(|()| value)
    }

    /// Whether the node waits for the time between two rounds.
    pub(crate) fn waits_between_rounds(&self, id: Id) -> bool {
        let standing = self.nodes.get(id).map(|node| &node.standing);
        matches!(standing, Some(Standing::Loop(rounds)) if rounds.child.is_none() && rounds.round > 0)
    }

    pub(super) fn fired(&mut self, id: Id, timer: &str) {
        if timer == "round" && self.waits_between_rounds(id) {
            return self.next_round(id);
        }
        let call = self.is_call(id);
        let Some(leaf) = self.leaf_mut(id) else { return };
        match timer {
            "retry" if leaf.again => {
                leaf.again = false;
                leaf.attempt += 1;
            }
            "wait" if !call => self.came(id, Ok(Value::Null)),
            "timeout" if !call => {
                let fault = Fault::new(Code::StepExpired, "the signal did not come in time");
                self.came(id, Err(fault));
            }
            _ => {}
        }
    }

    pub(super) fn opened(&mut self, id: Id, gate: &Gate, shown: &Value) {
        let shown = Arc::new(shown.get("show").cloned().unwrap_or_default());
        if let Some(leaf) = self.leaf_mut(id).filter(|leaf| leaf.gate.is_none() && leaf.approved.is_none()) {
            leaf.gate = Some((gate.clone(), shown));
            self.asked();
        }
    }

    /// What the gate at the node shows, if a decision on `gate` at this time is one on it.
    fn decides(&self, id: Id, gate: &Gate) -> Option<Arc<Value>> {
        let Standing::Leaf(Leaf { gate: Some((opened, shown)), .. }) = &self.nodes.get(id)?.standing else {
            return None;
        };
        let same = opened.plan == gate.plan && opened.arguments == gate.arguments;
        let in_time = opened.expires.is_none_or(|expires| self.at < expires);
        (same && in_time).then(|| Arc::clone(shown))
    }

    /// An approval of something else, that comes too late, or that changes what may not be changed, is none.
    pub(super) fn approved(&mut self, id: Id, gate: &Gate, edited: Option<Value>) {
        let Some(shown) = self.decides(id, gate) else { return };
        let rule = self.nodes.get(id).and_then(|node| self.gate_rule(node.path.as_ref()?));
        let may_edit = rule.is_some_and(|rule| rule.edit);
        let value = match edited {
            Some(_) if !may_edit => return,
            Some(value) => value,
            None => Value::clone(&shown),
        };
        if !self.is_call(id) {
            return self.came(id, Ok(value));
        }
        // What is to be sent is known now: it is still to be sent.
        if let Some(leaf) = self.leaf_mut(id) {
            (leaf.gate, leaf.approved) = (None, Some(Arc::new(value)));
        }
        self.decided();
        self.unset(id, "expiry");
    }

    pub(super) fn rejected(&mut self, id: Id, gate: &Gate, decision: &Decision) {
        if self.decides(id, gate).is_some() {
            let why = decision.reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
            let fault = Fault::new(Code::StepRejected, format!("{} rejected it{why}", decision.actor));
            self.came(id, Err(fault));
        }
    }

    pub(super) fn expired(&mut self, id: Id) {
        let Some(Standing::Leaf(Leaf { gate: Some((_, shown)), .. })) = self.nodes.get(id).map(|node| &node.standing)
        else {
            return;
        };
        let shown = Value::clone(shown);
        let result = match self.on_expiry(id) {
            OnExpiry::Approve => Ok(shown),
            OnExpiry::Reject => Err(Fault::new(Code::StepRejected, "nobody decided in time")),
        };
        self.came(id, result);
    }

    /// Nobody knows what came of an attempt; or, for the reason `why`, the probe cannot say it either.
    pub(super) fn doubted(&mut self, id: Id, attempt: u32, why: Option<&str>) {
        self.came_back(id, attempt);
        let Some(leaf) = self.leaf_mut(id).filter(|leaf| leaf.attempt == attempt && leaf.intent) else { return };
        if !leaf.doubt {
            leaf.doubt = true;
            self.asked();
        } else if let Some(why) = why {
            leaf.unprobed = Some(Arc::new(Fault::new(Code::StepInDoubt, why)));
        }
    }

    pub(super) fn resolved(&mut self, id: Id, resolution: Resolution, decision: &Decision, value: Value) {
        self.came_to_rest(id);
        let Some(leaf) = self.leaf_mut(id).filter(|leaf| leaf.doubt) else { return };
        match resolution {
            Resolution::Happened => self.came(id, Ok(value)),
            Resolution::Retry if !leaf.stopping => {
                (leaf.intent, leaf.doubt, leaf.unprobed) = (false, false, None);
                leaf.attempt += 1;
                self.decided();
            }
            Resolution::Retry | Resolution::Fail => {
                let message = format!("nobody knows whether it happened, and {} counts it as failed", decision.actor);
                self.came(id, Err(Fault::new(Code::StepInDoubt, message)));
            }
        }
    }

    /// Somebody is asked from now on.
    fn asked(&mut self) {
        if self.people.open == 0 {
            self.people.since = self.at;
        }
        self.people.open += 1;
    }

    /// Somebody decided.
    pub(super) fn decided(&mut self) {
        self.people.open = self.people.open.saturating_sub(1);
        if self.people.open == 0 {
            let waited = self.at.saturating_sub(self.people.since);
            self.people.waited = self.people.waited.saturating_add(waited);
        }
    }

    /// How long the run goes on by `now`, waits for people not counted, in milliseconds.
    pub(crate) fn elapsed(&self, now: u64) -> u64 {
        let people = if self.people.open > 0 { now.saturating_sub(self.people.since) } else { 0 };
        now.saturating_sub(self.started).saturating_sub(self.people.waited).saturating_sub(people)
    }

    /// When the timer of the run itself was set for.
    pub(crate) fn time_is_up_at(&self) -> Option<u64> {
        self.timers.get(&(None, TIME.to_owned())).copied()
    }
}

/// Whether a value is what `schema` says.
pub(super) fn fits(schema: Option<&Value>, value: &Value, name: &str) -> Result<(), Fault> {
    let Some(schema) = schema else { return Ok(()) };
    match schema::misfits(schema, value, name).into_iter().next() {
        None => Ok(()),
        Some((place, why)) => {
            Err(Fault::new(Code::WorkflowEvaluation, format!("`{place}` is not what `output_schema` says: {why}")))
        }
    }
}
