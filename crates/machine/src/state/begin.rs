//! What happens when a node waits for nothing any more.

use super::context::More;
use super::{State, Task};
use crate::fault::Fault;
use crate::node::{Each, Ended, Frame, Id, Leaf, Loop, Node, Outcome, Role, Standing};
use crate::path::{self, Counts};
use base::Code;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use workflow::definition::{Action, Case, Input};
use workflow::plan::PlannedStep;

impl State {
    pub(super) fn begin_node(&mut self, id: Id) {
        let Some(node) = self.nodes.get(id) else { return };
        if !matches!(node.standing, Standing::Waiting(_)) {
            return;
        }
        if node.role == Role::Root {
            let roots: Vec<usize> = self.plan.roots().collect();
            return self.open_frame(id, &roots);
        }
        let plan = Arc::clone(&self.plan);
        let Some(planned) = plan.steps().get(node.place) else { return };
        let outcome = if node.is_whole() { self.as_a_whole(id, planned) } else { self.body(id, planned) };
        if let Err(fault) = outcome {
            self.came(id, Err(fault));
        }
    }

    /// Begins a step: whether it is done at all, then its items or rounds, or what it does.
    fn as_a_whole(&mut self, id: Id, planned: &PlannedStep) -> Result<(), Fault> {
        let step = &planned.step;
        if !planned.instead_of.is_empty() && !planned.instead_of.iter().any(|other| self.has_failed(id, *other)) {
            self.end_node(id, Outcome::without(Ended::Skipped));
            return Ok(());
        }
        if let Some(when) = &step.when {
            let context = self.context(id, &when.uses(), More::default());
            if !when.holds(&context).map_err(|error| Fault::from(&error))? {
                self.end_node(id, Outcome::without(Ended::Skipped));
                return Ok(());
            }
        }
        if let Some(rule) = &step.for_each {
            let items = self.items(id, &rule.items, &step.name, rule.most)?;
            let outputs = vec![Value::Null; items.len()];
            let each =
                Each { items: Arc::new(items), next: 0, running: BTreeSet::new(), failed: 0, outputs, fault: None };
            self.stand(id, Standing::Each(each));
            self.more_items(id, rule.concurrency as usize);
            return Ok(());
        }
        if step.repeat.is_some() {
            let null = Arc::new(Value::Null);
            self.stand(id, Standing::Loop(Loop { round: 0, child: None, previous: Arc::clone(&null), result: null }));
            self.next_round(id);
            return Ok(());
        }
        self.body(id, planned)
    }

    fn has_failed(&self, id: Id, place: usize) -> bool {
        let parent = self.nodes.get(id).and_then(|node| node.parent);
        let other = parent.and_then(|parent| self.frames.get(&parent)?.get(&place)).and_then(|id| self.nodes.get(*id));
        other.is_some_and(|node| matches!(&node.standing, Standing::Done(outcome) if outcome.ended == Ended::Failed))
    }

    fn items(&self, id: Id, items: &Input, name: &str, most: u32) -> Result<Vec<Value>, Fault> {
        let uses: Vec<String> = items.templates().iter().flat_map(|template| template.uses()).collect();
        let context = self.context(id, &uses, More::default());
        let wrong = |message: String| Err(Fault::new(Code::WorkflowEvaluation, message));
        match items.render(&context).map_err(|error| Fault::from(&error))? {
            Value::Array(items) if items.len() <= most as usize => Ok(items),
            Value::Array(items) => wrong(format!("`{name}` has {} items, and the most is {most}", items.len())),
            // What was passed over gives null: there is nothing to do for it.
            Value::Null => Ok(Vec::new()),
            _ => wrong(format!("the items of `{name}` are no list")),
        }
    }

    /// Begins what a step does, for one item or round where it has such.
    fn body(&mut self, id: Id, planned: &PlannedStep) -> Result<(), Fault> {
        let branch = match &planned.step.action {
            Action::Group => planned.branches.first(),
            Action::Switch { on } => {
                let context = self.context(id, &on.uses(), More::default());
                let value = as_text(on.render(&context).map_err(|error| Fault::from(&error))?);
                let is = |wanted: &Case| planned.branches.iter().find(|branch| branch.case == *wanted);
                is(&Case::Is(value)).or_else(|| is(&Case::Otherwise))
            }
            Action::Set(inputs) => {
                let uses: Vec<String> = inputs.templates().iter().flat_map(|template| template.uses()).collect();
                let context = self.context(id, &uses, More::default());
                let value = inputs.render(&context).map_err(|error| Fault::from(&error))?;
                self.came(id, Ok(Value::Object(value)));
                return Ok(());
            }
            _ => {
                self.stand(id, Standing::Leaf(Leaf { attempt: 1, ..Leaf::default() }));
                self.active.insert(id);
                self.take_signal(id);
                return Ok(());
            }
        };
        self.open_frame(id, branch.map(|branch| branch.steps.as_slice()).unwrap_or_default());
        Ok(())
    }

    fn open_frame(&mut self, id: Id, places: &[usize]) {
        self.stand(id, Standing::Frame(Frame { left: places.len(), fault: None }));
        let levels = self.nodes.get(id).map(|node| Arc::clone(&node.levels)).unwrap_or_default();
        for place in places {
            let waits = self.graph.waits.get(*place).copied().unwrap_or_default();
            let child = self.add(*place, id, Role::Step, Arc::clone(&levels), Standing::Waiting(waits));
            self.frames.entry(id).or_default().insert(*place, child);
            if waits == 0 {
                self.queue.push_back(Task::Begin(child));
            }
        }
        if places.is_empty() {
            self.close_frame(id);
        }
    }

    /// Begins as many items as may be done at once.
    pub(super) fn more_items(&mut self, id: Id, at_once: usize) {
        loop {
            let Some((Standing::Each(each), place, levels)) =
                self.nodes.get_mut(id).map(|node| (&mut node.standing, node.place, Arc::clone(&node.levels)))
            else {
                return;
            };
            if each.fault.is_some() || each.running.len() >= at_once || each.next >= each.items.len() {
                break;
            }
            let index = u32::try_from(each.next).unwrap_or(u32::MAX);
            each.next += 1;
            let levels: Arc<[_]> = levels.iter().copied().chain([(Counts::Items, index)]).collect();
            let child = self.add(place, id, Role::Item(index), levels, Standing::Waiting(0));
            if let Some(Standing::Each(each)) = self.nodes.get_mut(id).map(|node| &mut node.standing) {
                each.running.insert(child);
            }
            self.queue.push_back(Task::Begin(child));
        }
        self.close_each(id);
    }

    pub(super) fn next_round(&mut self, id: Id) {
        let Some(node) = self.nodes.get(id) else { return };
        let Standing::Loop(rounds) = &node.standing else { return };
        let (place, round) = (node.place, rounds.round);
        let levels: Arc<[_]> = node.levels.iter().copied().chain([(Counts::Rounds, round)]).collect();
        let child = self.add(place, id, Role::Round(round), levels, Standing::Waiting(0));
        if let Some(Standing::Loop(rounds)) = self.nodes.get_mut(id).map(|node| &mut node.standing) {
            rounds.child = Some(child);
        }
        self.active.remove(&id);
        self.queue.push_back(Task::Begin(child));
    }

    pub(super) fn add(
        &mut self,
        place: usize,
        parent: Id,
        role: Role,
        levels: Arc<[(Counts, u32)]>,
        standing: Standing,
    ) -> Id {
        let id = self.nodes.len();
        let name = self.plan.steps().get(place).map_or("", |planned| planned.step.name.as_str());
        let path = match role {
            Role::Undo(_) => path::of_undo(name, &levels),
            _ => path::of(name, &levels),
        };
        self.paths.extend(path.clone().map(|path| (path, id)));
        self.nodes.push(Node { place, parent: Some(parent), role, path, levels, standing });
        id
    }

    pub(super) fn stand(&mut self, id: Id, standing: Standing) {
        if let Some(node) = self.nodes.get_mut(id) {
            node.standing = standing;
        }
    }
}

/// The value of a `switch` as it is compared.
fn as_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
