//! Workflows as definitions of tools (specification 2025-11-25, tools).

use serde_json::{Map, Value, json};
use workflow::{Effect, Plan};

/// The tool that a workflow is.
pub(super) fn tool(plan: &Plan) -> Value {
    let mut tool = json!({
        "name": plan.name(),
        "inputSchema": input(plan),
        "annotations": annotations(plan.effect()),
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

/// What calling it twice means: the strictest of its steps.
fn annotations(effect: Effect) -> Value {
    let (reads, repeatable) = (effect <= Effect::Read, effect <= Effect::Idempotent);
    json!({"readOnlyHint": reads, "destructiveHint": !repeatable, "idempotentHint": repeatable})
}
