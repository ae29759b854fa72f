//! The context of a step, made by the memory as in a run.

use super::Stage;
use crate::script::Script;
use crate::stage::Given;
use base::ports::Wait;
use base::{Code, Error, Result};
use journal::{Digest, StepPath};
use machine::Task;
use memory::{Audience, Reader, Sight, Summariser, WantedSummary, trust};
use serde_json::{Map, Value};
use std::sync::{Arc, Mutex, PoisonError};
use workflow::definition::{Action, Input, Need};
use workflow::plan::PlannedStep;
use workflow::{Catalogue, Known, Plan};

impl Stage<'_> {
    /// What a step calls with the context that it declares.
    pub(super) async fn context(
        &mut self,
        (path, place): (&StepPath, usize),
        needs: &[Need],
        mut context: Map<String, Value>,
    ) -> Result<Task> {
        let plan = Arc::clone(self.plan);
        let planned = plan.steps().get(place).ok_or_else(|| Error::internal("a step is not in its plan"))?;
        let state = self.simulation.state();
        let sight = Sight {
            owner: self.owner.clone(),
            plan: Arc::clone(&plan),
            place,
            params: state.params().clone(),
            trust: trust::of_start(state.trigger()),
            seen: state.seen_by(path).into_iter().map(|seen| (seen.place, seen.output)).collect(),
            names: context.clone(),
        };
        let budget = planned.step.memory.as_ref().and_then(|memory| memory.budget);
        let summariser = Summaries { script: Mutex::new(&mut self.script), path };
        let reader = Reader {
            budget: memory::tokens(budget, window(&plan, planned, self.catalogue)),
            family: context::tokens::Family::Any,
            audience: Audience::of(planned),
            summariser: &summariser,
        };
        let assembled = self.memory.context(needs, &sight, reader, self.simulation.now()).await?;
        self.course.given.push(Given { path: path.to_string(), receipt: assembled.receipt });
        context.insert("memory".to_owned(), Value::Object(assembled.memory));
        Task::of(planned, &context)?.ok_or_else(|| Error::internal("a step that calls nothing was to call something"))
    }
}

/// How many tokens the model of a step reads, where that is known.
fn window(plan: &Plan, planned: &PlannedStep, catalogue: &dyn Catalogue) -> Option<u64> {
    let own = match &planned.step.action {
        Action::ModelCall(inputs) => Some((inputs.get("provider"), inputs.get("model"))),
        Action::ParallelQuery { queries, .. } => {
            queries.first().map(|query| (query.get("provider"), query.get("model")))
        }
        _ => None,
    };
    let literal = |input: Option<&'_ Input>| input.and_then(Input::literal).map(str::to_owned);
    let named = own.and_then(|(provider, model)| Some((literal(provider), literal(model)?)));
    let (provider, model) =
        named.or_else(|| plan.model().map(|model| (model.provider.clone(), model.model.clone())))?;
    match catalogue.model(provider.as_deref(), &model) {
        Known::Yes(facts) => facts.window,
        _ => None,
    }
}

/// Summaries as the answers of `<step>~summary`.
struct Summaries<'a, 's> {
    script: Mutex<&'s mut Script<'a>>,
    path: &'s StepPath,
}

impl Summariser for Summaries<'_, '_> {
    fn prompt(&self) -> Digest {
        Digest::of(b"")
    }

    fn summarise<'a>(&'a self, wanted: &'a WantedSummary) -> Wait<'a, String> {
        let key = format!("{}~summary", self.path.name());
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        let made = script.made(self.path.name(), (&wanted.key.sha256.to_string(), wanted.key.tokens));
        let answer = made.or_else(|| script.summary(&key));
        Box::pin(std::future::ready(answer.ok_or_else(|| {
            let what = format!("a text of {} bytes is to be made shorter for it", wanted.text.len());
            let next = format!("add to the case: `answers: {{ {key}: {{ value: … }} }}`");
            Error::new(Code::WorkflowTestFile, format!("`{}`: {what}, and the case has no answer", self.path), next)
        })))
    }
}
