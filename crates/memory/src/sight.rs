//! What a run of a workflow has when one of its steps begins.

use crate::{Audience, Content, Owner, Run, Trust, trust};
use serde_json::{Map, Value};
use std::sync::Arc;
use workflow::Plan;
use workflow::definition::Action;
use workflow::plan::PlannedStep;

/// What a run of a workflow has when one of its steps begins.
#[derive(Debug, Clone)]
pub struct Sight {
    /// For whom it runs.
    pub owner: Owner,
    /// What it does.
    pub plan: Arc<Plan>,
    /// The step, as a place in the plan.
    pub place: usize,
    /// The parameters of the run, defaults filled in.
    pub params: Map<String, Value>,
    /// Whether who started the run can be trusted.
    pub trust: Trust,
    /// What the step sees of what others gave, by their places, in the order of the plan.
    pub seen: Vec<(usize, Arc<Value>)>,
    /// What its templates know.
    pub names: Map<String, Value>,
}

impl Audience {
    /// Who reads the context of a step: tools get values as they are, models get texts.
    pub fn of(planned: &PlannedStep) -> Self {
        match planned.step.action {
            Action::Tool(_) | Action::Plan(_) | Action::Workflow(_) => Self::Tool,
            _ => Self::Model,
        }
    }
}

impl Sight {
    fn content(&self, (place, output): &(usize, Arc<Value>)) -> Option<Content> {
        let name = &self.plan.steps().get(*place)?.step.name;
        let trust = trust::of_output(&self.plan, *place, self.trust);
        Some(Content::new(format!("steps.{name}"), Value::clone(output), trust))
    }
}

impl Run for Sight {
    fn owner(&self) -> &Owner {
        &self.owner
    }

    fn user_prompt(&self) -> Option<Content> {
        let said = self.params.get("user_prompt").filter(|said| !said.is_null())?;
        Some(Content::new("params.user_prompt", said.clone(), self.trust))
    }

    fn parameters(&self) -> Content {
        Content::new("params", Value::Object(self.params.clone()), self.trust)
    }

    fn output(&self, step: &str) -> Option<Content> {
        let (place, _) = self.plan.step(step)?;
        self.content(self.seen.iter().find(|(seen, _)| *seen == place)?)
    }

    fn before(&self) -> Option<&str> {
        let own = self.plan.steps().get(self.place)?;
        let beside = self.plan.steps().get(..self.place)?.iter().rev();
        let mut beside = beside.filter(|step| step.parent == own.parent && step.branch == own.branch);
        beside.next().map(|step| step.step.name.as_str())
    }

    fn everything(&self) -> Vec<Content> {
        let params =
            self.params.iter().map(|(name, value)| Content::new(format!("params.{name}"), value.clone(), self.trust));
        params.chain(self.seen.iter().filter_map(|seen| self.content(seen))).collect()
    }

    fn names(&self) -> Map<String, Value> {
        self.names.clone()
    }
}
