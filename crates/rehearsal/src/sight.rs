//! What the memory is told of a run when it makes the context of a step.

use journal::StepPath;
use machine::{Seen, State};
use memory::{Audience, Content, Owner, Run, Trust};
use serde_json::{Map, Value};
use workflow::Plan;
use workflow::definition::{Action, Need, Origin};
use workflow::plan::PlannedStep;

/// What a run has when a step begins.
pub(crate) struct Sight<'a> {
    pub(crate) owner: &'a Owner,
    pub(crate) plan: &'a Plan,
    pub(crate) place: usize,
    pub(crate) params: Map<String, Value>,
    pub(crate) seen: Vec<Seen>,
    pub(crate) names: Map<String, Value>,
}

impl<'a> Sight<'a> {
    /// What the step at `path` sees.
    pub(crate) fn of(
        state: &State,
        (plan, owner): (&'a Plan, &'a Owner),
        (path, place): (&StepPath, usize),
        names: &Map<String, Value>,
    ) -> Self {
        Self { owner, plan, place, params: state.params().clone(), seen: state.seen_by(path), names: names.clone() }
    }

    fn content(&self, seen: &Seen) -> Option<Content> {
        let name = &self.plan.steps().get(seen.place)?.step.name;
        Some(Content::new(format!("steps.{name}"), Value::clone(&seen.output), trust(self.plan, seen.place)))
    }
}

/// Tools get values as they are; models get texts.
pub(crate) fn audience(planned: &PlannedStep) -> Audience {
    match planned.step.action {
        Action::Tool(_) | Action::Plan(_) | Action::Workflow(_) => Audience::Tool,
        _ => Audience::Model,
    }
}

/// Whether what a step gives can be trusted: what tools and other workflows give cannot, nor what is made of that or of notes.
pub(crate) fn trust(plan: &Plan, place: usize) -> Trust {
    let mut open = vec![place];
    let mut known = vec![false; plan.steps().len()];
    while let Some(place) = open.pop() {
        let (Some(planned), Some(known)) = (plan.steps().get(place), known.get_mut(place)) else { continue };
        if std::mem::replace(known, true) {
            continue;
        }
        let calls = matches!(planned.step.action, Action::Tool(_) | Action::Plan(_) | Action::Workflow(_));
        let notes = |need: &Need| {
            matches!(need.from, Origin::Memory { .. } | Origin::Classification(_) | Origin::Search { .. })
        };
        if calls || planned.needs.iter().any(notes) {
            return Trust::Untrusted;
        }
        open.extend(planned.waits.iter().map(|edge| edge.on));
        open.extend(planned.parent);
        open.extend(planned.branches.iter().flat_map(|branch| branch.steps.iter().copied()));
    }
    Trust::Trusted
}

impl Run for Sight<'_> {
    fn owner(&self) -> &Owner {
        self.owner
    }

    fn user_prompt(&self) -> Option<Content> {
        let said = self.params.get("user_prompt").filter(|said| !said.is_null())?;
        Some(Content::new("params.user_prompt", said.clone(), Trust::Trusted))
    }

    fn parameters(&self) -> Content {
        Content::new("params", Value::Object(self.params.clone()), Trust::Trusted)
    }

    fn output(&self, step: &str) -> Option<Content> {
        let (place, _) = self.plan.step(step)?;
        self.content(self.seen.iter().find(|seen| seen.place == place)?)
    }

    fn before(&self) -> Option<&str> {
        let own = self.plan.steps().get(self.place)?;
        let mut before = self.plan.steps().get(..self.place)?.iter().rev();
        let found = before.find(|step| step.parent == own.parent && step.branch == own.branch);
        found.map(|step| step.step.name.as_str())
    }

    fn everything(&self) -> Vec<Content> {
        let param =
            |(name, value): (&String, &Value)| Content::new(format!("params.{name}"), value.clone(), Trust::Trusted);
        self.params.iter().map(param).chain(self.seen.iter().filter_map(|seen| self.content(seen))).collect()
    }

    fn names(&self) -> Map<String, Value> {
        self.names.clone()
    }
}
