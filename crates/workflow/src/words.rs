//! What a step does, in few words.

use crate::definition::{Action, Case, Step, Wait};
use crate::plan::PlannedStep;
use base::config::duration_text;
use std::time::Duration;

/// What a step does, in few words: `mcp://docs/search`, `gate`, `wait 5m`.
pub(crate) fn action(step: &Step) -> String {
    match &step.action {
        Action::Tool(call) => call.address(),
        Action::ModelCall(inputs) => match inputs.get("model").and_then(|model| model.literal()) {
            Some(model) => format!("model_call {model}"),
            None => "model_call".to_owned(),
        },
        Action::ParallelQuery { queries, .. } => format!("parallel_query of {}", queries.len()),
        Action::Prompt(prompt) => format!("prompt {}", prompt.name.name),
        Action::Plan(_) => "plan".to_owned(),
        Action::Workflow(sub) => format!("workflow {}", sub.name.name),
        Action::Wait(Wait::For(time)) => format!("wait {}", milliseconds(*time)),
        Action::Wait(Wait::Until(_)) => "wait until".to_owned(),
        Action::Wait(Wait::Signal { name, .. }) => format!("wait for {name}"),
        Action::Gate(_) => "gate".to_owned(),
        Action::Set(_) => "set".to_owned(),
        Action::Switch { .. } => "switch".to_owned(),
        Action::Group => "steps".to_owned(),
    }
}

/// What is done how often, and whether a person is asked: `approval`, `for each item`, `repeat`, `when`.
pub(crate) fn marks(planned: &PlannedStep) -> Vec<String> {
    let step = &planned.step;
    let mut marks = Vec::new();
    if planned.approval.is_some() {
        marks.push("approval".to_owned());
    }
    if step.when.is_some() {
        marks.push("when".to_owned());
    }
    if let Some(rule) = &step.for_each {
        marks.push(format!("for each {}", rule.variable));
    }
    if let Some(rule) = &step.repeat {
        marks.push(format!("repeat up to {}", rule.most));
    }
    marks
}

/// When a branch is done; nothing for the one of a group.
pub(crate) fn case(case: &Case) -> Option<String> {
    match case {
        Case::Always => None,
        Case::Is(value) => Some(format!("case {}", crate::source::short(value))),
        Case::Otherwise => Some("default".to_owned()),
    }
}

/// A duration as people write it.
pub(crate) fn milliseconds(time: u64) -> String {
    duration_text(Duration::from_millis(time))
}

/// One line, no longer than `most` characters.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let mut shown: String = text.chars().filter(|one| !one.is_control()).take(most + 1).collect();
    if shown.chars().count() > most {
        shown = shown.chars().take(most.saturating_sub(1)).collect();
        shown.push('…');
    }
    shown
}
