//! Which calls wait for a person because whoever runs the hub says so.

use super::Builder;
use crate::approval::{Approvals, StepApproval};
use crate::catalogue::Known;
use crate::definition::{Action, InDoubt, ToolCall};
use crate::effect::Effect;
use base::Code;

/// Why a step waits for a person, and why what undoes it does.
pub(super) type Demanded = (Option<StepApproval>, Option<StepApproval>);

impl Builder<'_> {
    /// For each step whether its call, and the call that undoes it, wait for a person. A gate of the file takes the place of none of
    /// these: what it shows need not be what is sent.
    pub(super) fn approvals(&mut self, effects: &[(Effect, String)]) -> Vec<Demanded> {
        let count = self.steps.all.len();
        let Some(approvals) = self.catalogue.approvals().cloned() else { return vec![(None, None); count] };
        let demanded = (0..count).map(|place| self.demanded(&approvals, place, effects)).collect();
        self.quiet = false;
        demanded
    }

    fn demanded(&mut self, approvals: &Approvals, place: usize, effects: &[(Effect, String)]) -> Demanded {
        let Some(step) = self.visit(place) else { return (None, None) };
        let effect = effects.get(place).map_or(Effect::Unsafe, |(effect, _)| *effect);
        let own = match &step.action {
            Action::Tool(call) => {
                // Where nothing is known of the tool the file is not believed: it would be its own judge.
                let effect = effect.max(self.of_tool(call).0);
                approvals.demands(&call.address(), effect, self.may_destroy(call)).map(|why| self.of_call(why, call))
            }
            Action::Plan(plan) => {
                let why = plan.tools.iter().find_map(|tool| approvals.may_demand(&tool.name));
                why.map(|why| StepApproval { why, schema: None })
            }
            _ => None,
        };
        if own.is_some() && self.needs.get(place).is_some_and(|needs| !needs.is_empty()) {
            let message = format!("`{}` waits for an approval, and what it sends is made of `memory`", step.name);
            let next = "use `steps.<name>.output` in its inputs: what a person is to see must be known before";
            self.wrong(Code::WorkflowTool, step.at, message, next);
        }
        if let Some(InDoubt::Probe(call)) = &step.on_in_doubt
            && let Some(why) = approvals.demands(&call.address(), self.of_tool(call).0, self.may_destroy(call))
        {
            let message = format!("the probe of `{}` would wait for an approval: {why}", step.name);
            self.wrong(
                Code::WorkflowTool,
                call.at,
                message,
                "probe with another tool, or leave `on_in_doubt` at `ask`",
            );
        }
        let undo = step.compensate.as_ref().and_then(|call| {
            let why = approvals.demands(&call.address(), self.of_tool(call).0, self.may_destroy(call))?;
            Some(self.of_call(why, call))
        });
        (own, undo)
    }

    /// Whether a call may destroy something; where nothing is known of the tool it may.
    fn may_destroy(&self, call: &ToolCall) -> bool {
        match self.catalogue.tool(&call.server, &call.tool) {
            Known::Yes(tool) => tool.may_destroy(),
            _ => true,
        }
    }

    fn of_call(&self, why: String, call: &ToolCall) -> StepApproval {
        let schema = match self.catalogue.tool(&call.server, &call.tool) {
            Known::Yes(tool) => tool.input_schema,
            _ => None,
        };
        StepApproval { why, schema: Some(schema.unwrap_or_else(|| serde_json::json!({"type": "object"}))) }
    }
}

/// What is said of a plan as a whole.
pub(super) fn of_plan(approvals: Option<&Approvals>) -> Option<Approvals> {
    approvals.filter(|approvals| approvals.are_any()).cloned()
}

#[cfg(test)]
mod tests;
