//! The context of a step: what it declares, of what its run and the memory have.

use super::Carry;
use super::calls::Under;
use super::summaries::Summaries;
use crate::outside::{Calling, Failed};
use journal::StepPath;
use memory::{Audience, Owner, Reader, Sight, Trust, trust};
use std::sync::Arc;
use workflow::definition::Need;

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
            seen: self.state.seen_by(&path).into_iter().map(|seen| (seen.place, seen.output)).collect(),
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
                audience: Audience::of(planned),
                summariser: &summariser,
            };
            shared.memory.context(&needs, &sight, reader, now).await.map(Box::new).map_err(Failed::from)
        });
    }

    fn summariser(&self, path: &StepPath, under: &Under) -> Summaries {
        Summaries {
            shared: Arc::clone(&self.shared),
            // What is set aside for the call of the step is not for its context.
            calling: Calling { reserved: None, ..self.calling(path, under) },
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
