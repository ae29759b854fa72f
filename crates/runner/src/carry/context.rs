//! The context of a step: what it declares, of what its run and the memory have.

use super::Carry;
use super::calls::Under;
use crate::outside::{Calling, Failed};
use crate::runner::Shared;
use crate::trust;
use base::ports::Wait;
use journal::{Digest, StepPath};
use machine::Seen;
use memory::{Audience, Content, Owner, Reader, Run, Summariser, Trust, WantedSummary};
use serde_json::{Map, Value};
use std::sync::Arc;
use workflow::Plan;
use workflow::definition::{Action, Need};
use workflow::plan::PlannedStep;

/// What a run has when a step begins.
struct Sight {
    owner: Owner,
    plan: Arc<Plan>,
    place: usize,
    params: Map<String, Value>,
    /// Whether who started the run can be trusted.
    trust: Trust,
    seen: Vec<Seen>,
    names: Map<String, Value>,
}

/// Asks models for summaries, as part of the step.
struct Summaries {
    shared: Arc<Shared>,
    calling: Calling,
}

impl Carry {
    /// Has the context of a step made, of what the run has now.
    pub(super) fn assemble(&mut self, path: StepPath, under: Under, needs: Vec<Need>) {
        let plan = self.state.shared_plan();
        let place = Self::place(&under);
        let calling = self.calling(&path, &under);
        let sight = Sight {
            owner: self.owner(),
            place,
            params: self.state.params().clone(),
            trust: trust::of_start(self.state.trigger()),
            seen: self.state.seen_by(&path),
            names: under.context_of(),
            plan: Arc::clone(&plan),
        };
        let (shared, now) = (Arc::clone(&self.shared), self.shared.now());
        self.assembling(path, under, async move {
            let Some(planned) = plan.steps().get(place) else {
                return Err(Failed::from(base::Error::internal("a step is not in the plan of its run")));
            };
            let reads = shared.outside.reads(&plan, planned);
            let budget = planned.step.memory.as_ref().and_then(|memory| memory.budget);
            let summariser = Summaries { shared: Arc::clone(&shared), calling };
            let reader = Reader {
                budget: memory::tokens(budget, reads.window),
                family: reads.family,
                audience: audience(planned),
                summariser: &summariser,
            };
            shared.memory.context(&needs, &sight, reader, now).await.map(Box::new).map_err(Failed::from)
        });
    }

    /// For whom the run works.
    pub(super) fn owner(&self) -> Owner {
        Owner {
            tenant: self.run.tenant.clone(),
            user: self.run.principal.clone(),
            workflow: self.run.workflow.clone(),
            run: self.held.run.to_string(),
        }
    }

    /// Whether what a step gives can be trusted.
    pub(super) fn trust(&self, place: usize) -> Trust {
        trust::of_output(self.state.plan(), place, trust::of_start(self.state.trigger()))
    }

    /// Whether what a step is given can be trusted.
    pub(super) fn trust_of_inputs(&self, place: usize) -> Trust {
        trust::of_inputs(self.state.plan(), place, trust::of_start(self.state.trigger()))
    }
}

/// Tools get values as they are; models get texts.
fn audience(planned: &PlannedStep) -> Audience {
    match planned.step.action {
        Action::Tool(_) | Action::Plan(_) | Action::Workflow(_) => Audience::Tool,
        _ => Audience::Model,
    }
}

impl Sight {
    fn content(&self, seen: &Seen) -> Option<Content> {
        let name = &self.plan.steps().get(seen.place)?.step.name;
        let trust = trust::of_output(&self.plan, seen.place, self.trust);
        Some(Content::new(format!("steps.{name}"), Value::clone(&seen.output), trust))
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
        self.content(self.seen.iter().find(|seen| seen.place == place)?)
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

impl Summariser for Summaries {
    fn prompt(&self) -> Digest {
        self.shared.outside.summary_prompt()
    }

    fn summarise<'a>(&'a self, wanted: &'a WantedSummary) -> Wait<'a, String> {
        Box::pin(async move {
            let made = self.shared.outside.summarise(wanted, &self.calling).await;
            match made.map(|done| done.value) {
                Ok(Value::String(text)) => Ok(text),
                Ok(other) => Ok(other.to_string()),
                Err(failed) => {
                    let message = format!("a summary was not made: {}", failed.fault.message);
                    let next = "ask again later, or use `fit: truncate_tail`";
                    Err(base::Error::new(base::Code::ContextSummary, message, next))
                }
            }
        })
    }
}
