//! What schemas may say: each keyword of JSON Schema is either held to, or only describes, or is refused by name.

use crate::failure::{Failure, FailureKind, shown};
use serde_json::{Map, Value};

/// Keywords that are held to and hold no schema.
const HELD: [&str; 16] = [
    "type",
    "const",
    "enum",
    "$ref",
    "required",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "multipleOf",
    "format",
];
const HELD_BOUNDS: [&str; 2] = ["exclusiveMinimum", "exclusiveMaximum"];
/// Keywords that hold one schema, a list of them, or some by names.
const ONE: [&str; 3] = ["items", "additionalItems", "additionalProperties"];
const LIST: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];
const NAMED: [&str; 4] = ["properties", "patternProperties", "$defs", "definitions"];
/// Keywords that only describe.
const DESCRIPTIVE: [&str; 13] = [
    "$schema",
    "$id",
    "$comment",
    "$anchor",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "contentMediaType",
    "contentEncoding",
];

/// The deepest schema, and the most schemas in one.
const DEEPEST: usize = 64;
const MOST: usize = 20_000;

/// Refuses what is not held to.
pub(super) fn check(schema: &Value) -> Result<(), Failure> {
    let mut left = MOST;
    check_at(schema, "", 0, &mut left)
}

fn check_at(schema: &Value, path: &str, depth: usize, left: &mut usize) -> Result<(), Failure> {
    if depth > DEEPEST || *left == 0 {
        return Err(refused("the schema is too deep, or too large"));
    }
    *left -= 1;
    let object = match schema {
        Value::Bool(_) => return Ok(()),
        Value::Object(object) => object,
        _ => return Err(refused(&format!("`{}` is neither an object nor a boolean", shown_path(path)))),
    };
    for (keyword, value) in object {
        let name = keyword.as_str();
        let inside = || format!("{path}/{name}");
        if ONE.contains(&name) && !value.is_array() {
            check_at(value, &inside(), depth + 1, left)?;
        } else if LIST.contains(&name) || (name == "items" && value.is_array()) {
            for (place, value) in value.as_array().into_iter().flatten().enumerate() {
                check_at(value, &format!("{path}/{name}/{place}"), depth + 1, left)?;
            }
        } else if NAMED.contains(&name) {
            for (property, value) in value.as_object().into_iter().flatten() {
                check_at(value, &format!("{path}/{name}/{property}"), depth + 1, left)?;
            }
        } else if !HELD.contains(&name) && !HELD_BOUNDS.contains(&name) && !DESCRIPTIVE.contains(&name) {
            let keyword = shown(name);
            return Err(refused(&format!("the keyword `{keyword}` at `{}` is not known", shown_path(path))));
        }
    }
    check_reference(object, path)
}

/// References are followed only within the schema.
fn check_reference(object: &Map<String, Value>, path: &str) -> Result<(), Failure> {
    match object.get("$ref") {
        Some(Value::String(reference)) if reference.starts_with('#') => Ok(()),
        None => Ok(()),
        Some(_) => Err(refused(&format!("the keyword `$ref` at `{}` leads out of the schema", shown_path(path)))),
    }
}

fn shown_path(path: &str) -> String {
    if path.is_empty() { "/".to_owned() } else { shown(path) }
}

fn refused(why: &str) -> Failure {
    Failure::new(FailureKind::Schema, format!("answers cannot be held to the schema: {why}"))
}
