//! Forms of answers to which OpenAI keeps at no risk.

use super::DEEPEST;
use conversation::json::elements;
use conversation::object::Object;

/// How many objects may lie in each other: five, before it became ten.
const MOST_OBJECTS: usize = 5;
/// What a strict schema may say of all that it is taken with. Other words are refused of some values or by some models
/// (`'default' is not permitted`, `'uri' is not a valid format`).
const TAKEN: [&str; 13] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "const",
    "anyOf",
    "$ref",
    "$defs",
    "definitions",
    "title",
    "description",
];

/// Whether a schema says nothing but what every model takes of a strict one.
pub(super) fn is_plain(schema: &str) -> bool {
    of_schema(schema, 0, 0)
}

/// `objects` says how many lie around it.
fn of_schema(schema: &str, depth: usize, objects: usize) -> bool {
    let Ok(object) = Object::read(schema) else { return false };
    let objects = objects + usize::from(object.peek("properties").is_some());
    if depth >= DEEPEST || objects > MOST_OBJECTS {
        return false;
    }
    // `$ref cannot have keywords`
    if object.peek("$ref").is_some() {
        return object.members().count() == 1;
    }
    let all = |name: &str| {
        let members = object.peek(name).and_then(|inner| Object::read(inner).ok());
        members.is_none_or(|inner| inner.members().all(|(_, schema)| of_schema(schema, depth + 1, objects)))
    };
    let choices = object.peek("anyOf").and_then(elements).unwrap_or_default();
    object.members().all(|(name, _)| TAKEN.contains(&name))
        && ["type", "anyOf", "enum", "const"].into_iter().any(|name| object.peek(name).is_some())
        && (object.peek("type") != Some("\"array\"") || object.peek("items").is_some())
        && ["properties", "$defs", "definitions"].into_iter().all(all)
        && object.peek("items").is_none_or(|items| of_schema(items, depth + 1, objects))
        // `Objects provided via 'anyOf' must not share identical first keys`
        && choices.iter().filter(|choice| may_be_object(choice)).count() < 2
        && choices.iter().all(|choice| of_schema(choice, depth + 1, objects))
}

fn may_be_object(schema: &str) -> bool {
    let Ok(object) = Object::read(schema) else { return true };
    ["properties", "$ref", "anyOf"].into_iter().any(|name| object.peek(name).is_some())
}

#[cfg(test)]
mod tests;
