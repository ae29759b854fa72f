//! Steps that call something outside.

use super::At;
use super::budget::{Paid, Purse};
use crate::command::{Command, Intent};
use crate::fault::Fault;
use crate::node::{Leaf, Role};
use crate::state::More;
use crate::task::{self, Call, Task, Work};
use base::{Code, random};
use journal::{Effect, IdempotencyKey, Resolution, StepPath};
use std::ops::ControlFlow;
use workflow::definition::{Action, InDoubt, ToolCall};
use workflow::plan::PlannedStep;

impl At<'_> {
    pub(super) fn call(self, leaf: &Leaf, purse: &mut Purse<'_>) -> Option<Command> {
        let planned = self.state.plan.steps().get(self.node.place)?;
        if self.state.under.calls.contains_key(&self.id) {
            return None;
        }
        if leaf.doubt {
            return self.in_doubt(leaf, planned);
        }
        if let Some(gate) = &leaf.gate {
            return self.at_gate(gate);
        }
        if leaf.again {
            return self.timer("retry", self.backoff(leaf, planned));
        }
        let effect = self.effect(planned);
        if leaf.intent && effect == Effect::Unsafe {
            return Some(Command::Doubt { path: self.path.clone(), attempt: leaf.attempt });
        }
        if self.state.paused {
            return None;
        }
        let work = match self.work(planned) {
            Ok(work) => work?,
            Err(fault) => return self.fails(leaf.attempt, fault),
        };
        let work = match self.let_go(work, leaf) {
            ControlFlow::Continue(work) => work,
            ControlFlow::Break(command) => return command,
        };
        let costs = !matches!(planned.step.action, Action::Tool(_));
        let kept = self.state.kept(self.id);
        let paid = match kept {
            Some(amount) => Paid::With(amount),
            // Nothing was set aside for it when it was begun: it goes on so.
            None if leaf.intent && self.state.is_run(self.id) => Paid::Free,
            None => purse.pay(self.node.place, &work, costs, self.state.spent_within(self.path)),
        };
        let reserve = match paid {
            Paid::Free => None,
            Paid::With(amount) => Some(amount),
            Paid::Later => return None,
            Paid::Never | Paid::Unlimited => return self.unpaid(leaf, &paid),
        };
        Some(Command::Run {
            path: self.path.clone(),
            place: self.node.place,
            attempt: leaf.attempt,
            key: IdempotencyKey::new(self.state.run, self.path, 0),
            effect,
            work,
            timeout: planned.step.timeout,
            intent: self.intent(effect, leaf),
            reserve,
            kept: kept.is_some(),
            undoes: self.undoes(),
        })
    }

    fn unpaid(self, leaf: &Leaf, paid: &Paid) -> Option<Command> {
        let message = match paid {
            Paid::Unlimited => format!(
                "the run has a budget, and the workflow that `{}` runs has none of that kind: give it a `budget`",
                self.path
            ),
            _ => format!("the budget of the run has too little left for `{}`", self.path),
        };
        self.fails(leaf.attempt, Fault::new(Code::RunBudget, message))
    }

    fn intent(self, effect: Effect, leaf: &Leaf) -> Intent {
        match effect {
            Effect::Pure | Effect::Read => Intent::None,
            _ if leaf.intent => Intent::None,
            _ if self.state.waits_for_context(self.id) => Intent::WithContext,
            _ => Intent::First,
        }
    }

    /// The step that the node undoes.
    fn undoes(self) -> Option<StepPath> {
        match self.node.role {
            Role::Undo(of) => self.state.nodes.get(of)?.path.clone(),
            _ => None,
        }
    }

    fn effect(self, planned: &PlannedStep) -> Effect {
        if let Role::Undo(_) = self.node.role {
            return Effect::Unsafe;
        }
        match &planned.step.action {
            // There is one run for each key, whatever its steps do.
            Action::Workflow(_) => Effect::Idempotent,
            _ => planned.effect,
        }
    }

    fn work(self, planned: &PlannedStep) -> Result<Option<Work>, Fault> {
        let fault = |error| Fault::from(&error);
        if let Role::Undo(_) = self.node.role {
            let Some(call) = &planned.step.compensate else { return Ok(None) };
            return self.tool(call).map(|call| Some(Work::Ready(Task::Tool(call)))).map_err(fault);
        }
        let context = self.state.context(self.id, &task::uses(planned), More::default());
        if !planned.needs.is_empty() {
            return Ok(Some(Work::Needs { needs: planned.needs.clone(), context }));
        }
        Ok(Task::of(planned, &context).map_err(fault)?.map(Work::Ready))
    }

    fn tool(self, call: &ToolCall) -> base::Result<Call> {
        let uses: Vec<String> = call.inputs.templates().iter().flat_map(|template| template.uses()).collect();
        Call::of(call, &self.state.context(self.id, &uses, More::default()))
    }

    fn in_doubt(self, leaf: &Leaf, planned: &PlannedStep) -> Option<Command> {
        let path = self.path.clone();
        let undoes = matches!(self.node.role, Role::Undo(_));
        match planned.step.on_in_doubt.as_ref()? {
            InDoubt::Ask => None,
            InDoubt::Retry => Some(Command::Resolve { path, resolution: Resolution::Retry }),
            InDoubt::Fail => Some(Command::Resolve { path, resolution: Resolution::Fail }),
            // The probe is about the step itself: of what undoes it a person must say.
            InDoubt::Probe(_) if undoes || self.state.paused || leaf.unprobed.is_some() => None,
            InDoubt::Probe(call) => match self.tool(call) {
                Ok(call) => Some(Command::Probe { path, attempt: leaf.attempt, call }),
                // Nobody can be asked: a person must say.
                Err(_) => None,
            },
        }
    }

    /// How long is waited before the next attempt: between half of what the rule says and all of it, the same each time that
    /// it is asked.
    fn backoff(self, leaf: &Leaf, planned: &PlannedStep) -> u64 {
        let Some(rule) = &planned.step.retry else { return 0 };
        let most = rule.backoff.after(leaf.attempt);
        let digest = random::sha256(format!("{}\n{}\n{}", self.state.run, self.path, leaf.attempt).as_bytes());
        let share = digest.first().copied().unwrap_or_default();
        most / 2 + (most / 2).saturating_mul(u64::from(share)) / 255
    }
}
