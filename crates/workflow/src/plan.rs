//! The plan of a workflow: its graph, checked against what there is before anything runs.

mod build;
mod flat;
mod graph;
mod part;

use crate::approval::{Approvals, StepApproval};
use crate::definition::{Case, DefaultModel, Input, Need, Parameter, RunBudget, Step, Triggers};
use crate::effect::Effect;
use base::{Code, Error};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use part::Part;

/// The version of the form in which plans are written.
const VERSION: u32 = 1;

/// A workflow that can be run. Nothing in it changes: a run names its hash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    version: u32,
    hash: String,
    name: String,
    description: Option<String>,
    params: Vec<Parameter>,
    model: Option<DefaultModel>,
    budget: RunBudget,
    triggers: Triggers,
    steps: Vec<PlannedStep>,
    order: Vec<usize>,
    output: Option<Input>,
    output_schema: Option<Value>,
    results: Vec<usize>,
    warnings: Vec<Warning>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    approvals: Option<Approvals>,
}

/// A step with all that follows from the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// What its file says. Its `body` is empty: [`PlannedStep::branches`] names the steps within it.
    pub step: Step,
    /// The step that it stands within.
    pub parent: Option<usize>,
    /// The branch of that step, counted from 0.
    pub branch: usize,
    /// The steps within it.
    pub branches: Vec<PlannedBranch>,
    /// What it waits for: steps that stand beside it, never within it or around it.
    pub waits: Vec<Edge>,
    /// The context that it needs: what was written down, and what its templates use.
    pub needs: Vec<Need>,
    /// The names that its templates use, such as `steps.search.output`, sorted: what must be handed in when it runs.
    pub uses: Vec<String>,
    /// What doing it twice means; of a step with others within it, the strictest of theirs.
    pub effect: Effect,
    /// Why, in words.
    pub effect_reason: String,
    /// The steps for which this one is done when they fail.
    pub instead_of: Vec<usize>,
    /// Why its call waits until a person has let exactly that call go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<StepApproval>,
    /// The same of the call that undoes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo_approval: Option<StepApproval>,
}

/// Steps within a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedBranch {
    /// When they are done.
    pub case: Case,
    /// Which, as places in [`Plan::steps`].
    pub steps: Vec<usize>,
}

/// One step waits for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// The step that is waited for, as a place in [`Plan::steps`].
    pub on: usize,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Why a step waits for another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A template uses it.
    Reference {
        /// The step whose template it is: the one that waits, or one within it.
        by: String,
        /// Which template.
        part: Part,
        /// What it uses.
        path: String,
    },
    /// It is context that is needed.
    Need {
        /// The step that needs it: the one that waits, or one within it.
        by: String,
        /// What templates call it, behind `memory.`.
        name: String,
    },
    /// `after` says so.
    After,
    /// It is done only when the other has failed.
    Failure,
}

/// Something that is allowed and looks like a mistake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The line of the file, from 1.
    pub line: usize,
    /// What.
    pub message: String,
}

impl Plan {
    /// The hash of the definition: SHA-256 of its canonical JSON, in hexadecimal digits.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The name of the workflow.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is for.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// What a run must be given.
    pub fn params(&self) -> &[Parameter] {
        &self.params
    }

    /// The model of steps that name none.
    pub fn model(&self) -> Option<&DefaultModel> {
        self.model.as_ref()
    }

    /// What a run may use up.
    pub fn budget(&self) -> RunBudget {
        self.budget
    }

    /// What starts a run by itself.
    pub fn triggers(&self) -> &Triggers {
        &self.triggers
    }

    /// All steps, in the order of the file; those within a step follow it.
    pub fn steps(&self) -> &[PlannedStep] {
        &self.steps
    }

    /// The step of this name, and its place.
    pub fn step(&self, name: &str) -> Option<(usize, &PlannedStep)> {
        self.steps.iter().enumerate().find(|(_, planned)| planned.step.name == name)
    }

    /// The steps that stand within no other.
    pub fn roots(&self) -> impl Iterator<Item = usize> + '_ {
        self.steps.iter().enumerate().filter(|(_, planned)| planned.parent.is_none()).map(|(place, _)| place)
    }

    /// All steps, each behind those that it waits for.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// What a run gives, if the file says so; otherwise the outputs of [`Plan::results`].
    pub fn output(&self) -> Option<&Input> {
        self.output.as_ref()
    }

    /// The JSON Schema of what a run gives.
    pub fn output_schema(&self) -> Option<&Value> {
        self.output_schema.as_ref()
    }

    /// The steps within no other that no other waits for.
    pub fn results(&self) -> &[usize] {
        &self.results
    }

    /// What is allowed and looks like a mistake.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The strictest effect of its steps.
    pub fn effect(&self) -> Effect {
        self.steps.iter().map(|planned| planned.effect).max().unwrap_or(Effect::Pure)
    }

    /// Which calls wait for a person, as whoever runs the hub said when the plan was made.
    pub fn approvals(&self) -> Option<&Approvals> {
        self.approvals.as_ref()
    }

    /// The workflows that it runs.
    pub fn calls(&self) -> Vec<String> {
        let named = self.steps.iter().filter_map(|planned| match &planned.step.action {
            crate::definition::Action::Workflow(sub) => Some(sub.name.name.clone()),
            _ => None,
        });
        let mut calls: Vec<String> = named.collect();
        calls.sort_unstable();
        calls.dedup();
        calls
    }

    /// The plan as JSON, for [`Plan::from_json`].
    ///
    /// # Errors
    /// None that can be met: all of it is data that JSON has.
    pub fn to_json(&self) -> base::Result<String> {
        serde_json::to_string(self).map_err(|error| Error::internal(format!("a plan cannot be written: {error}")))
    }

    /// Reads what [`Plan::to_json`] wrote.
    ///
    /// # Errors
    /// It is none, or of a later release.
    pub fn from_json(text: &str) -> base::Result<Self> {
        let read: Result<Self, String> = serde_json::from_str::<Self>(text).map_err(|error| error.to_string());
        let fits = read.and_then(|plan| match plan.version {
            VERSION => Ok(plan),
            other => Err(format!("it has the version {other}, and {VERSION} is the only one that is known")),
        });
        fits.map_err(|why| {
            let next = "plan the workflow again with this release";
            Error::new(Code::WorkflowFile, format!("a stored plan cannot be read: {why}"), next)
        })
    }
}

#[cfg(test)]
mod tests;
