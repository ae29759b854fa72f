//! What of a run a step can see, for who assembles its context.

use super::State;
use crate::fault::Fault;
use crate::node::{Ended, Id, Standing};
use journal::StepPath;
use serde_json::{Map, Value};
use std::sync::Arc;
use workflow::plan::PlannedStep;

/// What a step gave that another sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The step, as a place in the plan.
    pub place: usize,
    /// What counts as its output.
    pub output: Arc<Value>,
}

impl State {
    /// The plan of the run, to be kept.
    pub fn shared_plan(&self) -> Arc<workflow::Plan> {
        Arc::clone(&self.plan)
    }

    /// The parameters of the run, defaults filled in.
    pub const fn params(&self) -> &Map<String, Value> {
        &self.params
    }

    /// What started the run; null where somebody did so by name.
    pub const fn trigger(&self) -> &Value {
        &self.trigger
    }

    /// When the run started, in milliseconds since 1970.
    pub const fn started(&self) -> u64 {
        self.started
    }

    /// The step at `path` as it was planned.
    pub fn planned(&self, path: &StepPath) -> Option<&PlannedStep> {
        self.plan.steps().get(self.nodes.get(*self.paths.get(path)?)?.place)
    }

    /// What the step at `path` sees of what others gave, in the order of the plan. Steps that gave nothing are not in it.
    pub fn seen_by(&self, path: &StepPath) -> Vec<Seen> {
        let Some(id) = self.paths.get(path).copied() else { return Vec::new() };
        let of = |place: usize| {
            let found = self.seen(id, place)?;
            let Standing::Done(outcome) = &self.nodes.get(found)?.standing else { return None };
            let output = self.given(outcome, place, id);
            (outcome.ended == Ended::Succeeded || !output.is_null()).then_some(Seen { place, output })
        };
        (0..self.plan.steps().len()).filter_map(of).collect()
    }

    /// What would count as the output of the step at `path` if it gave `raw`. Nothing where there is no such step, and for
    /// calls that undo one.
    ///
    /// # Errors
    /// Its `output` cannot be made, or does not fit its schema.
    pub fn output_of(&self, path: &StepPath, raw: &Value) -> Option<Result<Value, Fault>> {
        let id: Id = *self.paths.get(path)?;
        let node = self.nodes.get(id)?;
        if matches!(node.role, crate::node::Role::Undo(_)) {
            return None;
        }
        let plan = Arc::clone(&self.plan);
        Some(self.made(id, &plan.steps().get(node.place)?.step, raw))
    }

    /// What a person at the gate of the step at `path` sees.
    pub fn shown_at(&self, path: &StepPath) -> Option<&Value> {
        match &self.nodes.get(*self.paths.get(path)?)?.standing {
            Standing::Leaf(leaf) => leaf.gate.as_ref().map(|(_, shown)| &**shown),
            _ => None,
        }
    }

    /// Why the step at `path` failed, if it did; of one in doubt, why its probe could not say what became of it.
    pub fn fault(&self, path: &StepPath) -> Option<&Fault> {
        match &self.nodes.get(*self.paths.get(path)?)?.standing {
            Standing::Done(outcome) => outcome.fault.as_deref(),
            Standing::Leaf(leaf) if leaf.doubt => leaf.unprobed.as_deref(),
            _ => None,
        }
    }
}
