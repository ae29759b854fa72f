//! One page: the tools of a server.

use crate::tool::find::Tool;
use base::markdown::{block, code, paragraphs, text};
use serde_json::{Map, Value};

/// The most arguments of a tool, and the most choices of one.
const ARGUMENTS: usize = 500;
const CHOICES: usize = 50;

/// How deep a type is told.
const DEPTH: usize = 4;

/// The page, with a heading of the first level.
pub(super) fn of(title: &str, tools: &[&Tool]) -> String {
    let mut out = format!("# {}\n", text(title));
    for tool in tools {
        out.push_str(&format!("\n## {}\n\n{}\n", text(&tool.name), code(&tool.address)));
        let said = |key: &str| tool.item.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        if let Some(title) = said("title") {
            out.push_str(&format!("\n{}\n", text(title)));
        }
        if let Some(description) = said("description") {
            out.push_str(&format!("\n{}\n", paragraphs(description)));
        }
        out.push_str(&hints(tool));
        out.push_str(&arguments(tool.schema()));
        if let Some(schema) = tool.item.get("outputSchema") {
            out.push_str(&format!("\nResult:\n\n{}", block(&format!("{schema:#}"))));
        }
    }
    out
}

/// What the server says of the tool's effects.
fn hints(tool: &Tool) -> String {
    let annotations = tool.item.get("annotations").and_then(Value::as_object);
    let known = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"];
    let said = known.iter().filter_map(|key| {
        let value = annotations?.get(*key)?.as_bool()?;
        Some(format!("{} is {value}", code(key)))
    });
    let said: Vec<String> = said.collect();
    if said.is_empty() { String::new() } else { format!("\nIts server says: {}.\n", said.join(", ")) }
}

fn arguments(schema: &Value) -> String {
    let Some(properties) = schema["properties"].as_object().filter(|properties| !properties.is_empty()) else {
        return "\nIt takes no arguments.\n".to_owned();
    };
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut out = String::from("\n| argument | type | required | default | meaning |\n|---|---|---|---|---|\n");
    for (name, property) in properties.iter().take(ARGUMENTS) {
        let needed = if required.contains(&name.as_str()) { "yes" } else { "no" };
        let default = property.get("default").map(|value| code(&value.to_string())).unwrap_or_default();
        let meaning = text(property["description"].as_str().unwrap_or_default());
        out.push_str(&format!("| {} | {} | {needed} | {default} | {meaning} |\n", code(name), kind(property, DEPTH)));
    }
    let more = properties.len().saturating_sub(ARGUMENTS);
    if more > 0 {
        out.push_str(&format!("\nAnd {more} more.\n"));
    }
    out
}

/// The type of a schema, in words.
fn kind(schema: &Value, depth: usize) -> String {
    if let Some(choices) = schema["enum"].as_array() {
        let shown: Vec<String> = choices.iter().take(CHOICES).map(|choice| code(&choice.to_string())).collect();
        let more = if choices.len() > CHOICES { ", …" } else { "" };
        return format!("one of {}{more}", shown.join(", "));
    }
    if let Some(value) = schema.get("const") {
        return code(&value.to_string());
    }
    let any = |of: &[Value]| {
        let mut kinds: Vec<String> = of.iter().take(CHOICES).map(|one| kind(one, depth.saturating_sub(1))).collect();
        kinds.dedup();
        kinds.join(" or ")
    };
    let branches = ["anyOf", "oneOf"].iter().find_map(|key| schema[*key].as_array());
    match (&schema["type"], branches) {
        (_, Some(branches)) if depth > 0 => any(branches),
        (Value::String(name), _) if name == "array" && depth > 0 => match schema.get("items") {
            Some(items) => format!("list of {}", kind(items, depth - 1)),
            None => "list".to_owned(),
        },
        (Value::String(name), _) => text(name),
        (Value::Array(names), _) => {
            let names: Vec<String> = names.iter().filter_map(Value::as_str).take(CHOICES).map(text).collect();
            names.join(" or ")
        }
        _ if schema.as_object().is_some_and(Map::is_empty) || schema.is_boolean() => "any".to_owned(),
        _ if schema.get("properties").is_some() => "object".to_owned(),
        _ => "see the schema".to_owned(),
    }
}
