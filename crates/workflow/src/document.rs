//! The JSON Schema of workflow files, for editors: made of the keys that the reader knows.

use crate::keys::{Kind, Shape, shapes};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// The schema of a file: a workflow, or several in the older form.
pub fn schema() -> Value {
    let definitions: Map<String, Value> = shapes().map(|shape| (shape.name.to_owned(), of_shape(shape))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tutti workflow",
        "description": "A workflow of Tutti, or several of them in one file.",
        "if": {"required": ["workflows"]},
        "then": {"$ref": "#/$defs/file"},
        "else": {"$ref": "#/$defs/workflow"},
        "$defs": definitions,
    })
}

/// The schema of what a model is asked.
pub(crate) static QUESTION: LazyLock<Value> = LazyLock::new(|| alone("query"));

/// The schema of one shape, with those that it refers to.
fn alone(name: &str) -> Value {
    let mut whole = schema();
    for key in ["if", "then", "else", "$schema"] {
        if let Some(members) = whole.as_object_mut() {
            members.remove(key);
        }
    }
    whole["$ref"] = format!("#/$defs/{name}").into();
    whole
}

fn of_shape(shape: &Shape) -> Value {
    let property = |key: &crate::keys::Key| {
        let mut schema = of_kind(&key.kind);
        schema["description"] = key.about.into();
        (key.name.to_owned(), schema)
    };
    let properties: Map<String, Value> = shape.keys.iter().map(property).collect();
    let mut schema = json!({
        "type": "object",
        "description": shape.about,
        "properties": properties,
        "additionalProperties": false,
    });
    if !shape.required.is_empty() {
        schema["required"] = json!(shape.required);
    }
    if shape.name == "step" {
        // What stands in `inputs` of a call of a model is known too.
        let inputs = |tool: &str, shape: &str| {
            json!({
                "if": {"required": ["tool"], "properties": {"tool": {"const": tool}}},
                "then": {"properties": {"inputs": {"$ref": format!("#/$defs/{shape}")}}},
            })
        };
        schema["allOf"] = json!([inputs("model_call", "model_inputs"), inputs("parallel_query", "queries")]);
    }
    schema
}

fn of_kind(kind: &Kind) -> Value {
    match kind {
        // What a person writes without quotes may be a number or a truth value, and is read as its text.
        Kind::Text | Kind::Template => json!({"type": ["string", "number", "boolean"]}),
        Kind::Condition => json!({"type": ["string", "boolean", "number"]}),
        Kind::Boolean => json!({"type": "boolean"}),
        Kind::Integer(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        Kind::Number(least, most) => json!({"type": "number", "minimum": least, "maximum": most}),
        Kind::Duration => json!({"type": ["string", "number"], "pattern": "^[0-9.]+ ?(ms|s|m|h|d)?$"}),
        Kind::Choice(words) => json!({"enum": words}),
        Kind::Any => json!({}),
        Kind::Schema => json!({"type": ["object", "boolean", "null"]}),
        Kind::List(item, most) => json!({"type": "array", "items": of_kind(item), "maxItems": most}),
        Kind::Map(value) => json!({"type": "object", "additionalProperties": of_kind(value)}),
        Kind::Shape(name) => json!({"$ref": format!("#/$defs/{name}")}),
        Kind::Either(kinds) => {
            // A number beside which a template may stand is to be checked as one.
            let one =
                |kind: &Kind| if matches!(kind, Kind::Template) { json!({"type": "string"}) } else { of_kind(kind) };
            json!({"anyOf": kinds.iter().map(one).collect::<Vec<_>>()})
        }
    }
}

#[cfg(test)]
mod tests;
