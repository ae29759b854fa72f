//! The context of a step: what it declares, of what its run and the memory have.

use super::Carry;
use super::calls::Under;
use super::summaries::Summaries;
use crate::outside::Failed;
use crate::trust;
use journal::StepPath;
use machine::Seen;
use memory::{Audience, Content, Owner, Reader, Run, Trust};
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

impl Carry {
    /// Has the context of a step made, of what the run has now.
    pub(super) fn assemble(&mut self, path: StepPath, under: Under, needs: Vec<Need>) {
        let plan = self.state.shared_plan();
        let place = Self::place(&under);
        let summariser = self.summariser(&path, &under);
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
            let reader = Reader {
                budget: memory::tokens(budget, reads.window),
                family: reads.family,
                audience: audience(planned),
                summariser: &summariser,
            };
            shared.memory.context(&needs, &sight, reader, now).await.map(Box::new).map_err(Failed::from)
        });
    }

    fn summariser(&self, path: &StepPath, under: &Under) -> Summaries {
        Summaries {
            shared: Arc::clone(&self.shared),
            calling: self.calling(path, under),
            back: self.back.clone(),
            stop: under.stop_of(),
            timeout: under.timeout_of(),
            took: under.took_of(),
            known: self.summaries.get(path).cloned().unwrap_or_default(),
        }
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
