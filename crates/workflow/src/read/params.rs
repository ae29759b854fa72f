//! The parameters of a workflow: a map with JSON Schemas, or the older list of names and defaults.

use super::context::Reader;
use crate::definition::Parameter;
use crate::limits;
use crate::source::short;
use base::Code;
use base::config::{Entry, Node, Place, Value as Written};
use serde_json::{Map, Value};

pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Vec<Parameter> {
    let parameters: Vec<Parameter> = match &node.value {
        Written::List(items) => items.iter().flat_map(|item| of_item(reader, item)).collect(),
        _ => {
            let entries = base::config::entries(reader.problems, &reader.source.file, "params", node);
            entries.into_iter().filter_map(|entry| of_schema(reader, entry)).collect()
        }
    };
    if let Some(excess) = parameters.get(limits::PARAMETERS) {
        let place = Place { line: excess.at.line, column: excess.at.column };
        let message = format!("the workflow has more than {} parameters", limits::PARAMETERS);
        reader.wrong(Code::WorkflowTooLarge, place, message, "put some of them together into an object");
    }
    for (index, parameter) in parameters.iter().enumerate() {
        if parameters.iter().take(index).any(|earlier| earlier.name == parameter.name) {
            let place = Place { line: parameter.at.line, column: parameter.at.column };
            reader.fault(
                place,
                format!("the parameter `{}` stands twice", short(&parameter.name)),
                "keep one of the two",
            );
        }
    }
    parameters
}

fn name(reader: &Reader<'_>, name: &str, place: Place) -> bool {
    let fits = limits::is_name(name);
    if !fits {
        let next = "use letters, digits and `_`, at most 64, the first no digit";
        reader.fault(place, format!("`{}` is no name of a parameter", short(name)), next);
    }
    fits
}

/// One of the older list: a name, or names with defaults.
fn of_item(reader: &Reader<'_>, item: &Node) -> Vec<Parameter> {
    let plain = |name: &str, default: Option<Value>, place: Place| Parameter {
        name: name.to_owned(),
        description: None,
        required: default.is_none(),
        schema: Value::Object(Map::new()),
        default,
        at: place.into(),
    };
    match &item.value {
        Written::Text(text) if name(reader, text, item.place) => vec![plain(text, None, item.place)],
        Written::Text(_) => Vec::new(),
        Written::Map(entries) => {
            let known = entries.iter().filter(|entry| name(reader, &entry.key, entry.key_place));
            known.map(|entry| plain(&entry.key, Some(entry.node.to_json()), entry.key_place)).collect()
        }
        other => {
            let message = format!("a parameter must be a name or `name: default`, and {} stands there", other.kind());
            reader.fault(item.place, message, "write for example `params: [topic, { language: en }]`");
            Vec::new()
        }
    }
}

/// One of the map: a name and a JSON Schema, with `required: false` and `default` beside it.
fn of_schema(reader: &Reader<'_>, entry: &Entry) -> Option<Parameter> {
    if !name(reader, &entry.key, entry.key_place) {
        return None;
    }
    let wrong = |message: String, next: &str| reader.fault(entry.node.place, message, next);
    let mut schema = match &entry.node.value {
        Written::Null => Value::Object(Map::new()),
        _ => entry.node.to_json(),
    };
    let Some(members) = schema.as_object_mut() else {
        wrong(format!("the parameter `{}` has no schema", entry.key), "write for example `{ type: string }`");
        return None;
    };
    let required = match members.get("required") {
        Some(Value::Bool(required)) => Some(*required),
        _ => None,
    };
    if required.is_some() {
        members.remove("required");
    }
    let default = members.remove("default");
    let description = members.get("description").and_then(Value::as_str).map(str::to_owned);
    for why in schema::unchecked(&schema) {
        wrong(format!("the schema of `{}` {why}", entry.key), "write JSON Schema, such as `{ type: string }`");
    }
    if let Some(default) = &default {
        for (_, why) in schema::misfits(&schema, default, &entry.key) {
            wrong(format!("the default of `{}` does not fit its schema: {why}", entry.key), "correct one of them");
        }
    }
    Some(Parameter {
        name: entry.key.clone(),
        description,
        required: required.unwrap_or(default.is_none()),
        default,
        schema,
        at: entry.key_place.into(),
    })
}
