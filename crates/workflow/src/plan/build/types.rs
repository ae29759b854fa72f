//! What is known of the types of values: of outputs by their schemas, of templates by what they use.

use super::Builder;
use crate::definition::{Action, Input, Inputs, Step};
use crate::select::{Stray, into_member};
use crate::source::{Spot, hint};
use crate::template::{Form, Template};
use base::Code;
use schema::{Kinds, Node, resolved};
use serde_json::{Value, json};

impl Builder<'_> {
    /// The schemas of what the steps give.
    pub(super) fn schemas(&mut self) {
        for place in 0..self.steps.all.len() {
            let whole = self.step(place).filter(|step| !self.is_faulty(step));
            let schema = whole.and_then(|step| self.schema(step));
            if let Some(own) = self.outputs.get_mut(place) {
                *own = schema;
            }
        }
    }

    fn schema(&self, step: &Step) -> Option<Value> {
        use crate::catalogue::Known;
        let own = match &step.action {
            // What its author says of it counts, also where it says that it cannot be told.
            _ if step.output_schema.is_some() => step.output_schema.clone(),
            _ if step.output.is_some() => None,
            Action::Tool(call) => match self.catalogue.tool(&call.server, &call.tool) {
                Known::Yes(tool) => tool.output_schema,
                _ => None,
            },
            Action::ModelCall(inputs) => match inputs.get("schema") {
                Some(Input::Value(schema)) => Some(schema.clone()),
                Some(_) => None,
                None => Some(json!({"type": "string"})),
            },
            Action::Workflow(sub) => match self.catalogue.workflow(&sub.name.name) {
                Known::Yes(facts) => facts.output_schema,
                _ => None,
            },
            Action::Set(inputs) => {
                let members = inputs.0.iter().map(|(name, _)| (name.clone(), json!({}))).collect();
                Some(json!({"type": "object", "properties": Value::Object(members)}))
            }
            _ => None,
        };
        match (&step.for_each, own) {
            // An item that failed is null.
            (Some(_), Some(schema)) => Some(json!({"type": "array", "items": schema})),
            (Some(_), None) => Some(json!({"type": "array"})),
            (None, own) => own,
        }
    }

    /// Whether something can stand at `rest` (`output`, and members of it) of what a step gives.
    pub(super) fn typed(&mut self, other: usize, path: &str, rest: &[&str], at: Spot) {
        let [field, members @ ..] = rest else { return };
        if *field != "output" && !(*field == "outputs" && self.step(other).is_some_and(|step| step.for_each.is_some()))
        {
            return;
        }
        let Some(schema) = self.outputs.get(other).and_then(Option::as_ref) else { return };
        if let Err(stray) = along(schema, members) {
            let none = format!(
                "use `steps.{}.output` as a whole, or say what it gives with `output_schema`",
                self.steps.name(other)
            );
            let next = hint(&stray.name, stray.known.iter().map(String::as_str), &none);
            self.wrong(Code::WorkflowType, at, format!("`{path}` cannot be there: {}", stray.why), next);
        }
    }

    /// What is known of a value before it is made.
    pub(super) fn node(&self, input: &Input) -> Node {
        match input {
            Input::Value(value) => Node::of(value),
            Input::Template(template) => Node::Any(self.kinds(template)),
            Input::List(items) => Node::List(items.iter().map(|item| self.node(item)).collect()),
            Input::Map(inputs) => self.object(inputs),
        }
    }

    /// What is known of values under names.
    pub(super) fn object(&self, inputs: &Inputs) -> Node {
        Node::Object(inputs.0.iter().map(|(name, value)| (name.clone(), self.node(value))).collect())
    }

    /// The kinds that a template can make.
    pub(super) fn kinds(&self, template: &Template) -> Kinds {
        if template.form == Form::Text {
            return Kinds::TEXT;
        }
        let uses = template.uses();
        let [path] = uses.as_slice() else { return Kinds::ALL };
        // Only a plain path is as its schema says; with a filter it may be anything.
        if *path != template.source {
            return Kinds::ALL;
        }
        let parts: Vec<&str> = path.split('.').collect();
        let found = match parts.as_slice() {
            ["params", name, rest @ ..] => {
                let parameter = self.workflow.params.iter().find(|known| known.name == *name);
                parameter
                    .filter(|known| known.required || known.default.is_some())
                    .and_then(|known| along(&known.schema, rest).ok().flatten())
            }
            ["steps", name, "output", rest @ ..] => {
                let place = self.steps.find(name).filter(|place| self.always_gives(*place));
                let schema = place.and_then(|place| self.outputs.get(place)?.as_ref());
                schema.and_then(|schema| along(schema, rest).ok().flatten())
            }
            _ => None,
        };
        found.and_then(|schema| schema.get("type")).and_then(Kinds::of).unwrap_or(Kinds::ALL)
    }

    /// Whether the step is never passed over: then its output is not null.
    fn always_gives(&self, place: usize) -> bool {
        self.step(place).is_some_and(|step| step.when.is_none() && step.on_error == crate::definition::OnError::Fail)
    }
}

/// The schema at the end of a way of plain members. Nothing where the schema leaves it open.
pub(super) fn along<'a>(root: &'a Value, members: &[&str]) -> Result<Option<&'a Value>, Stray> {
    let mut at = Some(root);
    for member in members {
        let Some(here) = at else { return Ok(None) };
        at = if member.bytes().all(|byte| byte.is_ascii_digit()) {
            resolved(root, here).and_then(|here| here.get("items"))
        } else {
            into_member(root, here, member)?
        };
    }
    Ok(at.and_then(|at| resolved(root, at)))
}
