//! Workflows as definitions of tools (specification 2025-11-25, tools).

use serde_json::{Map, Value, json};
use workflow::definition::Action;
use workflow::plan::PlannedStep;
use workflow::{Effect, Plan};

/// The tool that a workflow is.
pub(super) fn tool(plan: &Plan) -> Value {
    let mut tool = json!({
        "name": plan.name(),
        "inputSchema": input(plan),
        "annotations": annotations(plan),
        "execution": {"taskSupport": "optional"},
    });
    if let Some(description) = plan.description() {
        tool["description"] = description.into();
    }
    // Structured content is an object in this version of the protocol.
    if let Some(schema) = plan.output_schema().filter(|schema| schema["type"] == "object") {
        tool["outputSchema"] = schema.clone();
    }
    tool
}

fn input(plan: &Plan) -> Value {
    let property = |parameter: &workflow::definition::Parameter| {
        let mut schema = parameter.schema.clone();
        if !schema.is_object() {
            schema = json!({});
        }
        if let Some(description) = &parameter.description {
            schema["description"] = description.as_str().into();
        }
        if let Some(default) = &parameter.default {
            schema["default"] = default.clone();
        }
        (parameter.name.clone(), schema)
    };
    let properties: Map<String, Value> = plan.params().iter().map(property).collect();
    let required: Vec<&str> =
        plan.params().iter().filter(|parameter| parameter.required).map(|parameter| parameter.name.as_str()).collect();
    let mut schema = json!({"type": "object", "properties": properties, "additionalProperties": false});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// What calling it twice means. That its steps may be repeated within a run is not enough for saying that all of it may:
/// a second run may read or ask something else, and do something else by that.
fn annotations(plan: &Plan) -> Value {
    let (reads, repeatable) = (plan.effect() <= Effect::Read, plan.effect() <= Effect::Idempotent);
    json!({
        "readOnlyHint": reads,
        "destructiveHint": !repeatable,
        "idempotentHint": reads || (repeatable && plan.steps().iter().all(is_fixed)),
    })
}

/// Whether the step does the same in each run of the same arguments.
fn is_fixed(planned: &PlannedStep) -> bool {
    let same = match &planned.step.action {
        Action::Tool(_) => planned.effect == Effect::Idempotent,
        Action::Set(_) | Action::Switch { .. } | Action::Group => true,
        _ => false,
    };
    same && planned.needs.is_empty() && !planned.uses.iter().any(|name| name == "run" || name.starts_with("run."))
}
