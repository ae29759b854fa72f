//! What doing each step twice means: what is known of it, made stricter where its file says so.

use super::Builder;
use crate::catalogue::Known;
use crate::definition::{Action, InDoubt, Step, ToolCall};
use crate::effect::Effect;
use base::Code;

impl Builder<'_> {
    /// The class of each step, and why.
    pub(super) fn effects(&mut self) -> Vec<(Effect, String)> {
        let count = self.steps.all.len();
        let mut found = vec![(Effect::Pure, String::new()); count];
        // Those within a step follow it: from the back, all within are known.
        for place in (0..count).rev() {
            let Some(step) = self.visit(place) else { continue };
            let own = match &step.action {
                Action::Group | Action::Switch { .. } => self.within(place, &found),
                action => self.known(action),
            };
            let decided = self.stricter(step, own);
            if let Some(slot) = found.get_mut(place) {
                *slot = decided;
            }
            if let Some(InDoubt::Probe(call)) = &step.on_in_doubt {
                self.probe(step, call);
            }
        }
        self.quiet = false;
        found
    }

    fn within(&self, place: usize, found: &[(Effect, String)]) -> (Effect, String) {
        let all = self.steps.all.iter().enumerate().filter(|(_, flat)| flat.parent == Some(place));
        let strictest = all
            .filter_map(|(inner, _)| found.get(inner).map(|(effect, _)| (*effect, inner)))
            .max_by_key(|(effect, inner)| (*effect, std::cmp::Reverse(*inner)));
        match strictest {
            Some((effect, inner)) if effect > Effect::Pure => {
                (effect, format!("`{}` stands within it", self.steps.name(inner)))
            }
            _ => (Effect::Pure, "it only holds other steps".to_owned()),
        }
    }

    /// What is known of what a step does, whatever its file says.
    fn known(&self, action: &Action) -> (Effect, String) {
        let (effect, why) = match action {
            Action::Set(_) => (Effect::Pure, "it only makes values"),
            Action::Wait(_) => (Effect::Pure, "it only waits"),
            Action::Gate(_) => (Effect::Pure, "it only asks a person"),
            Action::Group | Action::Switch { .. } => (Effect::Pure, "it only holds other steps"),
            action if action.lends_tools() => (Effect::Unsafe, "which tools the model calls is not known before"),
            Action::ModelCall(_) => (Effect::Read, "a model changes nothing, and costs money"),
            Action::ParallelQuery { .. } => (Effect::Read, "models change nothing, and cost money"),
            Action::Prompt(_) => (Effect::Read, "a prompt changes nothing; a model that is asked costs money"),
            Action::Plan(_) => (Effect::Unsafe, "what the plan calls is not known before"),
            Action::Workflow(sub) => {
                return match self.catalogue.workflow(&sub.name.name) {
                    Known::Yes(facts) => {
                        (facts.effect, format!("it is the strictest of the steps of `{}`", sub.name.name))
                    }
                    _ => (Effect::Unsafe, format!("nothing is known of the steps of `{}`", sub.name.name)),
                };
            }
            Action::Tool(call) => return self.of_tool(call),
        };
        (effect, why.to_owned())
    }

    pub(super) fn of_tool(&self, call: &ToolCall) -> (Effect, String) {
        match self.catalogue.tool(&call.server, &call.tool) {
            Known::Yes(tool) => match tool.effect {
                Some(effect) => (effect, "the operator says so".to_owned()),
                None => (tool.hints.effect(), tool.hints.reason().to_owned()),
            },
            _ => (Effect::Unsafe, "nothing is known of the tool".to_owned()),
        }
    }

    /// A file can only make it stricter.
    fn stricter(&mut self, step: &Step, (known, why): (Effect, String)) -> (Effect, String) {
        match step.effect {
            None => (known, why),
            Some(said) if said >= known => {
                let why =
                    if said == known { format!("the step says so, and {why}") } else { "the step says so".to_owned() };
                (said, why)
            }
            // Where nothing is known of what is called, the file is the only word there is, until something is known.
            Some(said) if self.is_unknown(&step.action) => {
                (said, "the step says so, and nothing else is known".to_owned())
            }
            Some(said) => {
                let at = self.source.find(step.at, "effect", 1 << 16);
                let message =
                    format!("`{}` says `effect: {}`, and it is `{}`: {why}", step.name, said.word(), known.word());
                let next = match &step.action {
                    Action::Tool(call) => format!(
                        "a step can only be stricter; the operator says what `{}` does, with `effect` at its server",
                        call.address()
                    ),
                    _ => "a step can only be stricter: take `effect` out".to_owned(),
                };
                self.wrong(Code::WorkflowEffect, at, message, next);
                (known, why)
            }
        }
    }

    fn is_unknown(&self, action: &Action) -> bool {
        match action {
            Action::Tool(call) => self.catalogue.tool(&call.server, &call.tool) == Known::Unknown,
            Action::Workflow(sub) => self.catalogue.workflow(&sub.name.name) == Known::Unknown,
            _ => false,
        }
    }

    /// Who asks whether something was done must change nothing itself.
    fn probe(&mut self, step: &Step, call: &ToolCall) {
        let Known::Yes(_) = self.catalogue.tool(&call.server, &call.tool) else { return };
        let (effect, why) = self.of_tool(call);
        if effect > Effect::Read {
            let message = format!("the probe of `{}` is `{}`: {why}", step.name, effect.word());
            self.wrong(Code::WorkflowEffect, call.at, message, "probe with a tool that changes nothing");
        }
    }
}
