//! Which templates a step has.

use crate::definition::{Action, InDoubt, Input, Origin, Step, Wait};
use crate::template::Template;
use serde::{Deserialize, Serialize};

/// Which of the templates of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// `when`.
    When,
    /// `for_each`.
    Items,
    /// `inputs`, or what else the step does.
    Inputs,
    /// The words of a search in `memory.needs`.
    Search,
    /// `until` of `repeat`.
    Until,
    /// `output`.
    Output,
    /// `compensate`.
    Compensate,
    /// `probe` of `on_in_doubt`.
    Probe,
}

impl Part {
    /// The key in the file.
    pub const fn word(self) -> &'static str {
        match self {
            Part::When => "when",
            Part::Items => "for_each",
            Part::Inputs => "inputs",
            Part::Search => "memory",
            Part::Until => "repeat",
            Part::Output => "output",
            Part::Compensate => "compensate",
            Part::Probe => "on_in_doubt",
        }
    }

    /// Whether the step's own result is there by then.
    pub(super) const fn knows_itself(self) -> bool {
        matches!(self, Part::Until | Part::Compensate)
    }

    /// Whether the step is looked at as a whole, before its items and its rounds.
    pub(super) const fn is_before(self) -> bool {
        matches!(self, Part::When | Part::Items)
    }

    /// Whether the results of the steps within it are there by then.
    pub(super) const fn knows_within(self) -> bool {
        matches!(self, Part::Until | Part::Output)
    }
}

/// All templates of a step.
pub(super) fn templates(step: &Step) -> Vec<(Part, &Template)> {
    let mut found = Vec::new();
    found.extend(step.when.iter().map(|template| (Part::When, template)));
    found.extend(of(Part::Items, step.for_each.as_ref().map(|rule| &rule.items)));
    found.extend(action(&step.action).into_iter().map(|template| (Part::Inputs, template)));
    for need in step.memory.iter().flat_map(|memory| &memory.needs) {
        if let Origin::Search { query, .. } = &need.from {
            found.push((Part::Search, query));
        }
    }
    found.extend(step.repeat.iter().map(|rule| (Part::Until, &rule.until)));
    found.extend(of(Part::Output, step.output.as_ref()));
    let undo = step.compensate.iter().flat_map(|call| call.inputs.templates());
    found.extend(undo.map(|template| (Part::Compensate, template)));
    if let Some(InDoubt::Probe(call)) = &step.on_in_doubt {
        found.extend(call.inputs.templates().into_iter().map(|template| (Part::Probe, template)));
    }
    found
}

fn of(part: Part, input: Option<&Input>) -> Vec<(Part, &Template)> {
    input.map(Input::templates).unwrap_or_default().into_iter().map(|template| (part, template)).collect()
}

fn action(action: &Action) -> Vec<&Template> {
    match action {
        Action::Tool(call) => call.inputs.templates(),
        Action::ModelCall(inputs) | Action::Set(inputs) => inputs.templates(),
        Action::ParallelQuery { queries, .. } => queries.iter().flat_map(|query| query.templates()).collect(),
        Action::Prompt(prompt) => {
            let model = prompt.model.as_ref().map(Input::templates).unwrap_or_default();
            prompt.inputs.templates().into_iter().chain(model).collect()
        }
        Action::Plan(call) => call.plan.templates(),
        Action::Workflow(sub) => sub.inputs.templates(),
        Action::Wait(Wait::Until(until)) => until.templates(),
        Action::Wait(_) | Action::Group => Vec::new(),
        Action::Gate(gate) => {
            let shown = gate.show.as_ref().map(Input::templates).unwrap_or_default();
            std::iter::once(&gate.prompt).chain(shown).collect()
        }
        Action::Switch { on } => vec![on],
    }
}
