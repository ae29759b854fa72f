//! Calls that wait until a person has let exactly them go on, because whoever runs the hub wants it so.

use super::At;
use crate::command::{Command, shown};
use crate::fault::Fault;
use crate::node::{Leaf, Role};
use crate::task::{Call, Task, Work};
use base::Code;
use journal::{Digest, Gate};
use serde_json::Value;
use std::ops::ControlFlow;
use std::sync::Arc;

impl At<'_> {
    /// The call as a person has let it go on, or the question to them. What is sent is what they saw, or what they made of it:
    /// never what templates give later.
    pub(super) fn let_go(self, work: Work, leaf: &Leaf) -> ControlFlow<Option<Command>, Work> {
        let Some(rule) = self.state.asks_before(self.id) else { return ControlFlow::Continue(work) };
        match (work, &leaf.approved) {
            (Work::Ready(Task::Tool(call)), Some(approved)) => match &**approved {
                Value::Object(arguments) => {
                    ControlFlow::Continue(Work::Ready(Task::Tool(Call { arguments: arguments.clone(), ..call })))
                }
                _ => ControlFlow::Break(self.unfit(leaf, "what was approved as its arguments is no object")),
            },
            (Work::Ready(Task::Plan { tools, .. }), Some(approved)) => {
                ControlFlow::Continue(Work::Ready(Task::Plan { plan: Value::clone(approved), tools }))
            }
            (Work::Ready(Task::Tool(call)), None) => {
                let address = format!("mcp://{}/{}", call.server, call.tool);
                let prompt = match self.node.role {
                    Role::Undo(_) => format!("May `{}` be undone by `{address}` with these arguments?", self.path),
                    _ => format!("May `{}` call `{address}` with these arguments?", self.path),
                };
                ControlFlow::Break(self.ask((prompt, Value::Object(call.arguments)), rule.expires, rule.approvers))
            }
            (Work::Ready(Task::Plan { plan, tools }), None) => {
                let prompt = format!("May `{}` carry out this plan, by {}?", self.path, tools.join(", "));
                ControlFlow::Break(self.ask((prompt, plan), rule.expires, rule.approvers))
            }
            // A plan has no such step.
            _ => ControlFlow::Break(self.unfit(leaf, "what it sends cannot be shown to a person before")),
        }
    }

    fn unfit(self, leaf: &Leaf, why: &str) -> Option<Command> {
        self.fails(
            leaf.attempt,
            Fault::new(Code::StepRejected, format!("`{}` waits for an approval, and {why}", self.path)),
        )
    }

    /// Asks a person, unless nothing new is to begin.
    pub(super) fn ask(
        self,
        (prompt, show): (String, Value),
        expires: Option<u64>,
        approvers: &[String],
    ) -> Option<Command> {
        if self.state.paused {
            return None;
        }
        let arguments = Digest::of(shown(&prompt, &show).to_string().as_bytes());
        let plan = Digest::parse(self.state.plan.hash())?;
        let expires = expires.map(|time| self.now.saturating_add(time));
        let gate = Gate { plan, arguments, expires };
        Some(Command::OpenGate { path: self.path.clone(), prompt, show, gate, approvers: approvers.to_vec() })
    }

    /// What becomes of a gate that is open.
    pub(super) fn at_gate(self, (gate, _): &(Gate, Arc<Value>)) -> Option<Command> {
        let over = gate.expires.is_some_and(|expires| expires <= self.now);
        over.then(|| Command::ExpireGate { path: self.path.clone() })
    }
}
