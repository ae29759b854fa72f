//! Whether the arguments of a plan fit the schemas of its tools.

use crate::definition::{Plan, Step};
use crate::limits::FAULTS;
use crate::reference::{Part, Reference, Root};
use crate::target::Target;
use base::{Code, Error};
use schema::Kinds;
use serde_json::Value;

/// The largest definition that is read for this, in bytes.
const LARGEST: usize = 512 << 10;

/// The schemas of a tool.
struct Schemas {
    input: Option<Value>,
    output: Option<Value>,
}

/// What surely does not fit. References count by the kinds that the result's schema gives them, if it has one.
pub(crate) fn faults(plan: &Plan, targets: &[Target]) -> Vec<Error> {
    let schemas: Vec<Schemas> = targets.iter().map(read).collect();
    let mut errors = Vec::new();
    for (step, own) in plan.steps.iter().zip(&schemas) {
        let Some(input) = &own.input else { continue };
        let kinds = |reference: &Reference| kinds(plan, &schemas, step, reference);
        let node = step.arguments.shape(&kinds);
        for fault in schema::faults(input, &node, "arguments") {
            let message = format!("step `{}`: `{}`: {}", step.name, fault.place, fault.why);
            let next =
                format!("see what `{}` takes: its `inputSchema` in tools/list, or `tutti tool describe`", step.tool);
            errors.push(Error::new(Code::PlanInvalid, message, next));
            if errors.len() >= FAULTS {
                return errors;
            }
        }
    }
    errors
}

fn read(target: &Target) -> Schemas {
    let definition = target.definition.as_deref().filter(|definition| definition.len() <= LARGEST);
    let of = |key| {
        let schema = mcp::raw::get(definition?, key)?;
        base::json::from_text(schema).ok().filter(Value::is_object)
    };
    Schemas { input: of("inputSchema"), output: of("outputSchema") }
}

/// What kinds of values a reference in `step` may give.
fn kinds(plan: &Plan, schemas: &[Schemas], step: &Step, reference: &Reference) -> Kinds {
    let (from, mut path) = match &reference.root {
        Root::Index => return Kinds::INTEGER,
        Root::Step(_) => (reference, Vec::new()),
        Root::Item => match &step.each {
            Some(each) => (each, each.path.iter().chain([&Part::Element(0)]).cloned().collect()),
            None => return Kinds::ALL,
        },
    };
    path.extend(reference.path.iter().cloned());
    let Some(place) = from.step().and_then(|name| plan.steps.iter().position(|step| step.name == name)) else {
        return Kinds::ALL;
    };
    let mut rest = path.as_slice();
    if plan.steps[place].each.is_some() {
        // The result is the list of results.
        match rest.split_first() {
            Some((Part::Element(_), behind)) => rest = behind,
            Some((Part::Member(_), _)) => return Kinds::ALL,
            Some((Part::All, _)) | None => return Kinds::LIST,
        }
    }
    schemas[place].output.as_ref().map_or(Kinds::ALL, |output| along(output, output, rest))
}

/// The kinds at the end of a way into values with this schema.
fn along(root: &Value, at: &Value, path: &[Part]) -> Kinds {
    let Some(at) = schema::resolved(root, at) else { return Kinds::ALL };
    let inner = match path.split_first() {
        None => return at.get("type").and_then(Kinds::of).unwrap_or(Kinds::ALL),
        Some((Part::All, _)) => return Kinds::LIST,
        Some((Part::Member(name), _)) => at.get("properties").and_then(|known| known.get(name)),
        Some((Part::Element(_), _)) => at.get("items").filter(|items| items.is_object()),
    };
    inner.map_or(Kinds::ALL, |inner| along(root, inner, &path[1..]))
}

#[cfg(test)]
mod tests;
