//! Parameters of tools as OpenAI takes them: an object names its members, even if there are none, and a list says what is in it
//! (`object schema missing properties`, `array schema missing items`). One tool without refuses the whole request.

use conversation::json::Raw;
use conversation::json::elements;
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::object::Object;
use conversation::request::{Request, Tool};
use std::borrow::Cow;

/// How deep schemas are looked at.
const DEEPEST: usize = 32;
/// What stands in a schema by names.
const NAMED: [&str; 5] = ["properties", "$defs", "definitions", "patternProperties", "dependentSchemas"];
/// What is one schema.
const ONE: [&str; 8] = ["items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"];
/// What is a list of schemas.
const LISTED: [&str; 4] = ["anyOf", "allOf", "oneOf", "prefixItems"];

/// Says what is missing, which changes nothing of what a schema means.
pub(crate) fn complete(request: &mut Request) {
    for tool in &mut request.tools {
        if let Tool::Function(function) = tool
            && let Some(schema) = &function.parameters
            && let Cow::Owned(completed) = completed(schema.as_str(), 0)
        {
            function.parameters = Some(Raw::of_valid(&completed));
        }
    }
}

/// The schema with what is missing; as it was said where nothing is.
pub(super) fn completed(schema: &str, depth: usize) -> Cow<'_, str> {
    let (Ok(object), true) = (Object::read(schema), depth < DEEPEST) else { return Cow::Borrowed(schema) };
    let is = |wanted: &str| {
        let kind = object.peek("type").unwrap_or_default();
        kind == wanted || elements(kind).is_some_and(|kinds| kinds.contains(&wanted))
    };
    let lacks_members = depth == 0 && is("\"object\"") && object.peek("properties").is_none();
    let lacks_items = is("\"array\"") && object.peek("items").is_none();
    let members: Vec<(&str, Cow<'_, str>)> = object
        .members()
        .map(|(name, value)| {
            let value = match name {
                named if NAMED.contains(&named) => of_each(value, depth),
                one if ONE.contains(&one) => completed(value, depth + 1),
                listed if LISTED.contains(&listed) => of_list(value, depth),
                _ => Cow::Borrowed(value),
            };
            (name, value)
        })
        .filter(|(name, _)| !(lacks_members && *name == "properties" || lacks_items && *name == "items"))
        .collect();
    if !lacks_members && !lacks_items && members.iter().all(|(_, value)| matches!(value, Cow::Borrowed(_))) {
        return Cow::Borrowed(schema);
    }
    let mut out = ObjectWriter::new();
    members.iter().for_each(|(name, value)| out.foreign(name, value));
    if lacks_members {
        out.raw("properties", "{}");
    }
    if lacks_items {
        out.raw("items", "{}");
    }
    Cow::Owned(out.finish())
}

fn of_each(schemas: &str, depth: usize) -> Cow<'_, str> {
    let Ok(object) = Object::read(schemas) else { return Cow::Borrowed(schemas) };
    let members: Vec<(&str, Cow<'_, str>)> =
        object.members().map(|(name, schema)| (name, completed(schema, depth + 1))).collect();
    if members.iter().all(|(_, schema)| matches!(schema, Cow::Borrowed(_))) {
        return Cow::Borrowed(schemas);
    }
    let mut out = ObjectWriter::new();
    members.iter().for_each(|(name, schema)| out.foreign(name, schema));
    Cow::Owned(out.finish())
}

fn of_list(schemas: &str, depth: usize) -> Cow<'_, str> {
    let Some(list) = elements(schemas) else { return Cow::Borrowed(schemas) };
    let list: Vec<Cow<'_, str>> = list.into_iter().map(|schema| completed(schema, depth + 1)).collect();
    if list.iter().all(|schema| matches!(schema, Cow::Borrowed(_))) {
        return Cow::Borrowed(schemas);
    }
    let mut out = ArrayWriter::new();
    list.iter().for_each(|schema| {
        out.raw(schema);
    });
    Cow::Owned(out.finish())
}

#[cfg(test)]
mod tests;
