//! The context that steps need, and whether it fits.

use super::Builder;
use crate::definition::{Action, Fit, Limit, Need, Origin, Step};
use crate::plan::Reason;
use crate::plan::part::Part;
use crate::source::{hint, short};
use base::Code;

impl<'a> Builder<'a> {
    /// What was written down below `memory.needs`.
    pub(super) fn written_needs(&mut self, place: usize, step: &'a Step) {
        for need in step.memory.iter().flat_map(|memory| &memory.needs) {
            let from = match &need.from {
                Origin::ToolOutput(name) | Origin::ModelOutput(name) => self.named(name, "the need"),
                Origin::LastOutput => {
                    let before = self.steps.get(place).and_then(|flat| flat.before);
                    if before.is_none() && !self.gaps.lost {
                        let message = format!("`{}` needs the last output, and no step stands before it", step.name);
                        self.wrong(Code::WorkflowUnknown, need.at, message, "name the step: `tool_output(name)`");
                    }
                    before
                }
                Origin::Parameter(name) => {
                    self.needed_parameter(&name.name, need);
                    None
                }
                _ => None,
            };
            let Some(other) = from else { continue };
            let reason = Reason::Need { by: step.name.clone(), name: need.name.clone() };
            if self.sees(Some((place, Part::Search)), other, reason, need.at) {
                self.selected(other, need);
            }
        }
        for write in step.memory.iter().flat_map(|memory| &memory.writes) {
            let Some(select) = &write.from else { continue };
            let Some(schema) = self.outputs.get(place).and_then(Option::as_ref) else { continue };
            if let Err(stray) = select.along(schema) {
                let message = format!("`{}` is not in what `{}` gives: {}", select.written(), step.name, stray.why);
                let next =
                    hint(&stray.name, stray.known.iter().map(String::as_str), "take `from` out to remember all of it");
                self.wrong(Code::WorkflowType, write.at, message, next);
            }
        }
    }

    fn needed_parameter(&mut self, name: &str, need: &Need) {
        let params = &self.workflow.params;
        if self.gaps.params || params.iter().any(|known| known.name == name) {
            return;
        }
        let next = if self.steps.find(name).is_some() {
            format!("did you mean `tool_output({name})`?")
        } else {
            let words = ["user_prompt", "parameters", "last_output"];
            let known: Vec<&str> = params.iter().map(|known| known.name.as_str()).chain(words).collect();
            hint(name, known.iter().copied(), "")
        };
        let message = format!("`{}` is neither a parameter nor another piece of context", short(name));
        self.wrong(Code::WorkflowUnknown, need.at, message, next);
    }

    /// Whether what is selected of an output can be there.
    fn selected(&mut self, other: usize, need: &Need) {
        let Some(select) = &need.select else { return };
        let Some(schema) = self.outputs.get(other).and_then(Option::as_ref) else { return };
        if let Err(stray) = select.along(schema) {
            let message =
                format!("`{}` is not in what `{}` gives: {}", select.written(), self.steps.name(other), stray.why);
            let next = hint(&stray.name, stray.known.iter().map(String::as_str), "take `select` out to need all of it");
            self.wrong(Code::WorkflowType, need.at, message, next);
        }
    }

    /// Whether what must be there fits the budget in any case.
    pub(super) fn budget(&mut self, place: usize, step: &'a Step) {
        let Some(memory) = &step.memory else { return };
        let windows = self.windows(step);
        let budget = match memory.budget {
            Some(Limit::Tokens(tokens)) => tokens,
            // Where several models are asked, the share is of what the first of them reads.
            Some(Limit::Share(share)) if !matches!(step.action, Action::Prompt(_)) => {
                match windows.first().copied().flatten() {
                    // A share of a window of tokens is no larger than it.
                    Some(window) => (window as f64 * share) as u64,
                    None => return,
                }
            }
            _ => return,
        };
        let written = matches!(memory.budget, Some(Limit::Tokens(_)));
        let least = windows.into_iter().flatten().min();
        if let Some(window) = least.filter(|window| written && budget > *window) {
            let message = format!("the budget of `{}` is {budget} tokens, and its model reads {window}", step.name);
            self.wrong(Code::WorkflowBudget, memory.at, message, "lower the budget, or ask a model that reads more");
        }
        let (mut sum, mut parts) = (0_u64, Vec::new());
        for need in self.needs.get(place).cloned().unwrap_or_default() {
            let Some(max) = need.max else { continue };
            if max > budget {
                let message = format!(
                    "`memory.{}` may have {max} tokens, and the budget of `{}` is {budget}",
                    need.name, step.name
                );
                self.wrong(Code::WorkflowBudget, need.at, message, "lower `max`, or raise `budget`");
            } else if !need.optional && need.fit == Fit::Exact {
                sum = sum.saturating_add(max);
                parts.push(format!("`{}` {max}", need.name));
            }
        }
        if sum > budget && parts.len() > 1 {
            let message = format!(
                "what `{}` must have is up to {sum} tokens ({}), and its budget is {budget}",
                step.name,
                parts.join(", ")
            );
            let next = "raise `budget`, lower `max`, or let a need be cut with `fit: truncate_tail` or left out with `optional: true`";
            self.wrong(Code::WorkflowBudget, memory.at, message, next);
        }
    }
}
