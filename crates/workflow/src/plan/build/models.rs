//! The models that steps ask: whether there are such, and what their calls cost at least.

use super::Builder;
use crate::catalogue::Known;
use crate::definition::{Action, Fit, Input, Inputs, Limit, Name, Prompt, Step};
use crate::source::Spot;
use base::Code;
use serde_json::Value;

/// Which model is asked.
enum Named {
    /// This one: the provider, where it is no route, and its name.
    Model(Option<String>, String),
    /// It is not known before the step runs.
    Later,
    /// Nobody names one.
    Nothing,
}

impl Builder<'_> {
    /// The model of the workflow itself.
    pub(super) fn own_model(&mut self) {
        let workflow = self.workflow;
        if let Some(model) = &workflow.model {
            self.model_is_there(model.provider.as_deref(), &model.model, model.at);
        }
    }

    /// The models that a step asks are there, and so are those that make its context shorter.
    pub(super) fn models(&mut self, step: &Step) {
        for (inputs, named) in self.asked(step) {
            match named {
                Named::Nothing => self.no_model(step, step.at),
                // The workflow's own is looked at once.
                Named::Model(provider, model) => {
                    let at = match (&step.action, inputs) {
                        (Action::Prompt(prompt), _) if prompt.model.is_none() => prompt.name.at,
                        (_, Some(inputs)) if inputs.get("model").is_none() => continue,
                        _ => self.source.find(step.at, &model, 1 << 16),
                    };
                    let own = self.workflow.model.as_ref();
                    if own.is_none_or(|own| own.model != model || own.provider != provider) {
                        self.model_is_there(provider.as_deref(), &model, at);
                    }
                }
                Named::Later => {}
            }
        }
        let asks = asks(step);
        for need in step.memory.iter().flat_map(|memory| &memory.needs) {
            match &need.fit {
                Fit::Summary(Some(model)) => {
                    let at = self.source.find(need.at, model, 1 << 14);
                    self.model_is_there(None, model, at);
                }
                Fit::Summary(None) if !asks && matches!(self.usual(), Named::Nothing) => self.no_model(step, need.at),
                _ => {}
            }
        }
    }

    fn model_is_there(&mut self, provider: Option<&str>, model: &str, at: Spot) {
        let known = self.catalogue.model(provider, model);
        self.absent(&known, &Name { name: model.to_owned(), at }, "model");
    }

    fn no_model(&mut self, step: &Step, at: Spot) {
        if self.catalogue.knows_models() {
            let message = format!("`{}` asks a model, and neither the step nor the workflow names one", step.name);
            let next = "name one as `model` of the step, or for all steps as `model` of the workflow";
            self.wrong(Code::WorkflowTool, at, message, next);
        }
    }

    /// The model of each question that a step asks, with what it is asked where that stands in the step.
    fn asked<'b>(&self, step: &'b Step) -> Vec<(Option<&'b Inputs>, Named)> {
        match &step.action {
            Action::ModelCall(inputs) => vec![(Some(inputs), self.of_inputs(inputs))],
            Action::ParallelQuery { queries, .. } => {
                queries.iter().map(|query| (Some(query), self.of_inputs(query))).collect()
            }
            Action::Prompt(prompt) if prompt.ask => vec![(None, self.of_prompt(prompt))],
            _ => Vec::new(),
        }
    }

    fn of_inputs(&self, inputs: &Inputs) -> Named {
        let provider = inputs.get("provider");
        match (inputs.get("model"), provider.map(Input::literal)) {
            (None, _) => self.usual(),
            (Some(Input::Value(Value::Object(both))), _) => {
                let part = |name: &str| both.get(name).and_then(Value::as_str).map(str::to_owned);
                part("model").map_or(Named::Later, |model| Named::Model(part("provider"), model))
            }
            (Some(_), Some(None)) => Named::Later,
            (Some(model), provider) => match model.literal() {
                Some(model) => Named::Model(provider.flatten().map(str::to_owned), model.to_owned()),
                None => Named::Later,
            },
        }
    }

    fn of_prompt(&self, prompt: &Prompt) -> Named {
        match (&prompt.model, &prompt.version) {
            (Some(model), _) => model.literal().map_or(Named::Later, |model| Named::Model(None, model.to_owned())),
            // Another version may name another model.
            (None, Some(_)) => Named::Later,
            (None, None) => match self.catalogue.prompt(&prompt.name.name) {
                Known::Yes(facts) => facts.route.map_or_else(|| self.usual(), |route| Named::Model(None, route)),
                _ => Named::Later,
            },
        }
    }

    /// The model of steps that name none.
    fn usual(&self) -> Named {
        match &self.workflow.model {
            Some(model) => Named::Model(model.provider.clone(), model.model.clone()),
            None if self.gaps.model => Named::Later,
            None => Named::Nothing,
        }
    }

    /// How many tokens each model of a step reads, as far as that is known.
    pub(super) fn windows(&self, step: &Step) -> Vec<Option<u64>> {
        let window = |named: Named| match named {
            Named::Model(provider, model) => match self.catalogue.model(provider.as_deref(), &model) {
                Known::Yes(facts) => facts.window,
                _ => None,
            },
            _ => None,
        };
        self.asked(step).into_iter().map(|(_, named)| window(named)).collect()
    }

    /// What a step asks for can be paid by what a run may use up.
    pub(super) fn payable(&mut self, step: &Step) {
        let Some(tokens) = self.workflow.budget.tokens else { return };
        let next = "raise `tokens` of the workflow's `budget`, or lower this";
        for inputs in self.asked(step).into_iter().filter_map(|(inputs, _)| inputs) {
            let Some(Input::Value(most)) = inputs.get("max_tokens") else { continue };
            if most.as_f64().is_some_and(|most| most > tokens as f64) {
                let message = format!(
                    "`{}` may answer with {most} tokens (`max_tokens`), and a run has {tokens} in all",
                    step.name
                );
                self.wrong(Code::WorkflowBudget, self.source.find(step.at, "max_tokens", 1 << 16), message, next);
            }
        }
        if let Some(memory) = step.memory.as_ref().filter(|_| asks(step))
            && let Some(Limit::Tokens(budget)) = memory.budget
            && budget > tokens
        {
            let message = format!("the budget of `{}` is {budget} tokens, and a run has {tokens} in all", step.name);
            self.wrong(Code::WorkflowBudget, memory.at, message, next);
        }
    }
}

fn asks(step: &Step) -> bool {
    match &step.action {
        Action::ModelCall(_) | Action::ParallelQuery { .. } => true,
        Action::Prompt(prompt) => prompt.ask,
        _ => false,
    }
}
