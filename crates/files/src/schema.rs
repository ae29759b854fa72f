//! Tools as `tools/list` shows them.
//!
//! The schemas say no `$schema`: 2020-12 is what MCP takes when there is none, and validators that know only another
//! draft refuse the whole tool when they see the address. What is used here means the same in every draft since 6.

use super::tool::{Argument, Effect, Kind, Tool};
use serde_json::{Map, Value, json};

/// The definition of a tool.
pub(super) fn definition(tool: &Tool) -> Value {
    json!({
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": input(tool.arguments),
        "outputSchema": output(tool),
        "annotations": annotations(tool),
    })
}

fn input(arguments: &[Argument]) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for argument in arguments {
        properties.insert(argument.name.to_owned(), property(argument));
        if matches!(argument.kind, Kind::Text { .. }) {
            required.push(argument.name);
        }
    }
    let mut schema = json!({"type": "object", "properties": properties});
    // Draft 4 refused an empty list here, and some clients still do.
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema["additionalProperties"] = false.into();
    schema
}

fn property(argument: &Argument) -> Value {
    let mut schema = match argument.kind {
        Kind::Text { .. } | Kind::OptionalText { default: None, .. } => json!({"type": "string"}),
        Kind::OptionalText { default: Some(default), .. } => json!({"type": "string", "default": default}),
        Kind::Flag { default } => json!({"type": "boolean", "default": default}),
        Kind::Number { least, most, default } => {
            json!({"type": "integer", "minimum": least, "maximum": most, "default": default})
        }
        Kind::Choice { of, default } => json!({"type": "string", "enum": of, "default": default}),
    };
    schema["description"] = argument.description.into();
    schema
}

/// Some clients check `structuredContent` of a failed call too, so the schema must also admit the error.
fn output(tool: &Tool) -> Value {
    let (mut properties, required) = (tool.output)();
    properties["code"] = json!({"type": "string", "description": "Of a failed call: the error code."});
    properties["message"] = json!({"type": "string", "description": "Of a failed call: what happened and why."});
    properties["next"] = json!({"type": "string", "description": "Of a failed call: what to do now."});
    json!({
        "type": "object",
        "properties": properties,
        "anyOf": [{"required": required}, {"required": ["code", "message", "next"]}],
    })
}

fn annotations(tool: &Tool) -> Value {
    let (reads, destroys, repeatable) = match tool.effect {
        Effect::Reads => (true, false, true),
        Effect::Writes { destroys, repeatable } => (false, destroys, repeatable),
    };
    json!({
        "title": tool.title,
        "readOnlyHint": reads,
        "destructiveHint": destroys,
        "idempotentHint": repeatable,
        "openWorldHint": false,
    })
}
