//! Steps that wait for a time, an event or a person.

use super::At;
use crate::command::Command;
use crate::fault::Fault;
use crate::moment;
use crate::node::Leaf;
use crate::state::More;
use serde_json::Value;
use workflow::definition::{self, Action, Input, Wait};

impl At<'_> {
    pub(super) fn waits(self, leaf: &Leaf) -> Option<Command> {
        let planned = self.state.plan.steps().get(self.node.place)?;
        match &planned.step.action {
            Action::Wait(Wait::For(time)) => self.timer("wait", *time),
            Action::Wait(Wait::Until(until)) => self.until(until, leaf),
            Action::Wait(Wait::Signal { timeout, .. }) => timeout.and_then(|timeout| self.timer("timeout", timeout)),
            Action::Gate(gate) => self.gate(gate, leaf),
            _ => None,
        }
    }

    /// The wait between two rounds.
    pub(super) fn delay(self) -> Option<Command> {
        let rule = self.state.plan.steps().get(self.node.place)?.step.repeat.as_ref()?;
        self.timer("round", rule.delay.unwrap_or_default())
    }

    fn until(self, until: &Input, leaf: &Leaf) -> Option<Command> {
        let path = Some(self.path.clone());
        if self.state.timers.contains_key(&(path.clone(), "wait".to_owned())) {
            return self.timer("wait", 0);
        }
        if self.state.paused {
            return None;
        }
        let uses: Vec<String> = until.templates().iter().flat_map(|template| template.uses()).collect();
        let value = until.render(&self.state.context(self.id, &uses, More::default()));
        match value.map_err(|error| Fault::from(&error)).and_then(|value| moment::of(&value)) {
            Ok(due) => Some(Command::SetTimer { path, timer: "wait", due }),
            Err(fault) => self.fails(leaf.attempt, fault),
        }
    }

    fn gate(self, rule: &definition::Gate, leaf: &Leaf) -> Option<Command> {
        if let Some(gate) = &leaf.gate {
            return self.at_gate(gate);
        }
        if self.state.paused {
            return None;
        }
        match self.rendered(rule) {
            Err(error) => self.fails(leaf.attempt, Fault::from(&error)),
            Ok(asked) => self.ask(asked, rule.expires, &rule.approvers),
        }
    }

    fn rendered(self, rule: &definition::Gate) -> base::Result<(String, Value)> {
        let shown = rule.show.iter().flat_map(Input::templates);
        let uses: Vec<String> =
            std::iter::once(&rule.prompt).chain(shown).flat_map(|template| template.uses()).collect();
        let context = self.state.context(self.id, &uses, More::default());
        let prompt = match rule.prompt.render(&context)? {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let show = rule.show.as_ref().map(|show| show.render(&context)).transpose()?;
        Ok((prompt, show.unwrap_or_default()))
    }
}
