//! Who decides at a gate, and what they may change: a gate of the file, or one that whoever runs the hub wants before a call.

use super::State;
use crate::node::{Id, Role};
use journal::StepPath;
use serde_json::Value;
use workflow::definition::{Action, OnExpiry};

/// The rule of a gate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GateRule<'a> {
    /// Who may decide. Empty: whoever may decide where nobody is named.
    pub approvers: &'a [String],
    /// How long it waits, in milliseconds.
    pub expires: Option<u64>,
    /// Whether what is shown may be changed.
    pub edit: bool,
    /// The JSON Schema of what it is changed to, where it is known.
    pub schema: Option<&'a Value>,
}

impl State {
    /// The rule of the gate of the step at `path`; nothing for steps that have none.
    pub fn gate_rule(&self, path: &StepPath) -> Option<GateRule<'_>> {
        let id = *self.paths.get(path)?;
        match &self.step_of(id)?.action {
            Action::Gate(gate) => {
                let step = self.step_of(id)?;
                let schema = step.output_schema.as_ref().filter(|_| step.output.is_none());
                Some(GateRule { approvers: &gate.approvers, expires: gate.expires, edit: gate.edit, schema })
            }
            _ => self.asks_before(id),
        }
    }

    /// The rule by which the call of a node waits for a person; nothing where it does not.
    pub(crate) fn asks_before(&self, id: Id) -> Option<GateRule<'_>> {
        let node = self.nodes.get(id)?;
        let planned = self.plan.steps().get(node.place)?;
        let approval = match node.role {
            Role::Undo(_) => planned.undo_approval.as_ref(),
            _ => planned.approval.as_ref(),
        }?;
        let rules = self.plan.approvals()?;
        Some(GateRule {
            approvers: &rules.approvers,
            expires: rules.expires,
            edit: rules.edit,
            schema: approval.schema.as_ref(),
        })
    }

    /// What happens to a gate that nobody decided.
    pub(crate) fn on_expiry(&self, id: Id) -> OnExpiry {
        match self.step_of(id).map(|step| &step.action) {
            Some(Action::Gate(rule)) if !self.is_call(id) => rule.on_expiry,
            _ => OnExpiry::Reject,
        }
    }
}
