//! What steps call that whoever starts a run may not: known before anything is called.

use crate::acting::Acting;
use crate::model::{joined, usual};
use crate::tool;
use base::Error;
use llm::Gateway;
use tools::Hub;
use workflow::Plan;
use workflow::definition::{Action, Input, Inputs};

/// What of the steps `sure` of a plan would be refused, each with its step, in the words of the call. What a template makes is not
/// known yet, nor what an upstream has that was never reached.
pub(crate) fn refused(
    (hub, gateway): (&Hub, &Gateway),
    acting: &Acting,
    plan: &Plan,
    sure: &[usize],
) -> Vec<(String, Error)> {
    let mut refused = Vec::new();
    for step in sure.iter().filter_map(|place| plan.steps().get(*place)).map(|planned| &planned.step) {
        let errors: Vec<Error> = match &step.action {
            Action::Tool(call) => tool::reach(hub, acting, &call.server, &call.tool).err().into_iter().collect(),
            action => models(plan, action).iter().filter_map(|model| gateway.refusal(model, &acting.models)).collect(),
        };
        refused.extend(errors.into_iter().map(|error| (step.name.clone(), error)));
    }
    refused
}

/// Whether any step calls something that may be refused.
pub(crate) fn calls(plan: &Plan, sure: &[usize]) -> bool {
    let mut steps = sure.iter().filter_map(|place| plan.steps().get(*place));
    steps
        .any(|planned| matches!(planned.step.action, Action::Tool(_)) || !models(plan, &planned.step.action).is_empty())
}

/// The models that must answer, as far as they stand in the file.
fn models(plan: &Plan, action: &Action) -> Vec<String> {
    match action {
        Action::ModelCall(inputs) => of_inputs(plan, inputs).into_iter().collect(),
        Action::ParallelQuery { queries, at_least: None } => {
            queries.iter().filter_map(|query| of_inputs(plan, query)).collect()
        }
        // Without one of its own the prompt names it.
        Action::Prompt(prompt) if prompt.ask => {
            prompt.model.as_ref().and_then(Input::literal).map(str::to_owned).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn of_inputs(plan: &Plan, inputs: &Inputs) -> Option<String> {
    let Some(model) = inputs.get("model") else { return usual(plan) };
    match inputs.get("provider") {
        None => model.literal().map(str::to_owned),
        Some(provider) => Some(joined(Some(provider.literal()?), model.literal()?)),
    }
}
