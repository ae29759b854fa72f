//! What templates of a node are given: what they name, and no more.

use super::State;
use crate::node::{Ended, Id, Outcome, Role, Standing};
use serde_json::{Map, Value, json};
use workflow::definition::OnError;

/// What only some templates of a step know.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct More<'a> {
    /// What the step gave as it came: in `output` and `until`.
    pub(crate) result: Option<&'a Value>,
    /// What counts as its output: in `until`.
    pub(crate) output: Option<&'a Value>,
}

impl State {
    /// What the names `uses` mean at the node `id`. Needs from memory are for others to add.
    pub(crate) fn context(&self, id: Id, uses: &[String], more: More<'_>) -> Map<String, Value> {
        let mut context = Map::new();
        for path in uses {
            let mut parts = path.split('.');
            let (root, name, field) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
            let whole = context.entry(root.to_owned()).or_insert_with(|| json!({}));
            match (root, name) {
                ("params", None) => *whole = Value::Object(self.params.clone()),
                ("params", Some(name)) => put(whole, name, self.params.get(name).cloned().unwrap_or_default()),
                ("steps", Some(name)) => {
                    if let Some(field) = field {
                        let value = self.field(id, name, field, more);
                        if let Some(step) = whole.as_object_mut() {
                            put(step.entry(name.to_owned()).or_insert_with(|| json!({})), field, value);
                        }
                    }
                }
                ("run", _) => *whole = self.about(),
                ("memory", _) => {}
                ("result", _) => *whole = more.result.cloned().unwrap_or_default(),
                _ => *whole = self.variable(id, root).unwrap_or_default(),
            }
        }
        context
    }

    /// The run, as templates see it.
    fn about(&self) -> Value {
        json!({
            "id": self.run.to_string(),
            "workflow": self.plan.name(),
            "started": base::clock::rfc3339(std::time::Duration::from_millis(self.started)),
            "trigger": self.trigger,
        })
    }

    fn variable(&self, id: Id, name: &str) -> Option<Value> {
        let mut at = Some(id);
        while let Some(here) = at {
            let node = self.nodes.get(here)?;
            let parent = node.parent.and_then(|parent| self.nodes.get(parent));
            match (node.role, parent.map(|parent| &parent.standing)) {
                (Role::Item(index), Some(Standing::Each(each))) => {
                    let rule = self.plan.steps().get(node.place)?.step.for_each.as_ref()?;
                    if rule.variable == name {
                        return each.items.get(index as usize).cloned();
                    }
                    if name == "index" {
                        return Some(Value::from(index));
                    }
                }
                (Role::Round(round), Some(Standing::Loop(rounds))) => match name {
                    "iteration" => return Some(Value::from(round + 1)),
                    "previous" => return Some(Value::clone(&rounds.previous)),
                    _ => {}
                },
                (Role::Undo(of), _) => return self.variable(of, name),
                _ => {}
            }
            at = node.parent;
        }
        None
    }

    /// A field of the step `name` as the node `id` sees it.
    fn field(&self, id: Id, name: &str, field: &str, more: More<'_>) -> Value {
        let Some((place, _)) = self.plan.step(name) else { return Value::Null };
        if let (Some(output), Some(true)) = (more.output, self.nodes.get(id).map(|node| node.place == place)) {
            return own(output, field);
        }
        let Some(outcome) = self.seen(id, place).and_then(|found| self.outcome(found)) else { return Value::Null };
        match field {
            "status" => Value::from(outcome.ended.word()),
            "error" => outcome.fault.as_ref().map_or(Value::Null, |fault| fault.value()),
            _ => Value::clone(&self.given(outcome, place, id)),
        }
    }

    /// The output of a step; of one that failed, what was done instead gave.
    pub(super) fn given(&self, outcome: &Outcome, place: usize, id: Id) -> std::sync::Arc<Value> {
        let rule = self.plan.steps().get(place).map(|planned| &planned.step.on_error);
        if let (Ended::Failed, Some(OnError::Step(handler))) = (outcome.ended, rule)
            && let Some((handler, _)) = self.plan.step(&handler.name)
            && let Some(instead) = self.seen(id, handler).and_then(|found| self.outcome(found))
        {
            return std::sync::Arc::clone(&instead.output);
        }
        std::sync::Arc::clone(&outcome.output)
    }

    fn outcome(&self, id: Id) -> Option<&Outcome> {
        match &self.nodes.get(id)?.standing {
            Standing::Done(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// The node of the step `place` that the node `id` sees: within it, itself, or beside it or what is around it.
    pub(super) fn seen(&self, id: Id, place: usize) -> Option<Id> {
        let mut at = Some(id);
        while let Some(here) = at {
            let node = self.nodes.get(here)?;
            if let Role::Undo(of) = node.role {
                return self.seen(of, place);
            }
            if node.place == place && matches!(node.standing, Standing::Done(_)) {
                return Some(here);
            }
            if let Some(found) = self.frames.get(&here).and_then(|nodes| nodes.get(&place)) {
                return Some(*found);
            }
            at = node.parent;
        }
        None
    }

    /// What several steps give together, where nothing else is said: the one output, or all of them by their names.
    pub(crate) fn together(&self, id: Id, places: &[usize]) -> Value {
        let output = |place: usize| {
            let outcome = self.seen(id, place).and_then(|found| self.outcome(found));
            outcome.map_or(Value::Null, |outcome| Value::clone(&self.given(outcome, place, id)))
        };
        match places {
            [] => Value::Null,
            [place] => output(*place),
            several => {
                let name = |place: usize| self.plan.steps().get(place).map(|planned| planned.step.name.clone());
                several.iter().filter_map(|place| Some((name(*place)?, output(*place)))).collect::<Map<_, _>>().into()
            }
        }
    }
}

fn own(output: &Value, field: &str) -> Value {
    match field {
        "status" => Value::from(Ended::Succeeded.word()),
        "error" => Value::Null,
        _ => output.clone(),
    }
}

fn put(whole: &mut Value, name: &str, value: Value) {
    if let Some(members) = whole.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}
