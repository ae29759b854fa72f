//! Schemas as OpenAPI 3.0 says them, made JSON Schema: `parameters` of functions and `responseSchema`.
//!
//! The other way is not needed: `parametersJsonSchema` and `responseJsonSchema` take JSON Schema as it is.

use conversation::json::write::{ArrayWriter, ObjectWriter, quote};
use conversation::json::{Raw, elements, text};
use conversation::object::Object;

/// How deep schemas may lie in each other. What is deeper stays as it is.
const DEEPEST: usize = 32;

/// The JSON Schema that says the same as `schema`.
pub(super) fn json_schema(schema: &Raw) -> Raw {
    Raw::of_valid(&of_schema(schema.as_str(), 0))
}

fn of_schema(schema: &str, depth: usize) -> String {
    let Ok(object) = Object::read(schema) else { return schema.to_owned() };
    if depth >= DEEPEST {
        return schema.to_owned();
    }
    let nullable = object.peek("nullable") == Some("true");
    let mut out = ObjectWriter::new();
    for (name, value) in object.members() {
        let camel = camel(name);
        match camel.as_str() {
            "nullable" => {}
            "type" => out.foreign(name, &of_type(value, nullable)),
            "properties" | "defs" => out.foreign(&camel, &of_each(value, depth)),
            "items" | "additionalProperties" => out.foreign(&camel, &of_schema(value, depth + 1)),
            "anyOf" | "prefixItems" => out.foreign(&camel, &of_list(value, depth)),
            "enum" if nullable => out.foreign(name, &with_null(value)),
            "minItems" | "maxItems" | "minLength" | "maxLength" | "minProperties" | "maxProperties" => {
                // Protobuf writes 64-bit numbers as strings.
                out.foreign(&camel, &text(value).unwrap_or_else(|| value.to_owned()));
            }
            "propertyOrdering" => {}
            _ => out.foreign(name, value),
        }
    }
    out.finish()
}

fn of_each(schemas: &str, depth: usize) -> String {
    let Ok(object) = Object::read(schemas) else { return schemas.to_owned() };
    let mut out = ObjectWriter::new();
    for (name, schema) in object.members() {
        out.foreign(name, &of_schema(schema, depth + 1));
    }
    out.finish()
}

fn of_list(schemas: &str, depth: usize) -> String {
    let Some(schemas) = elements(schemas) else { return schemas.to_owned() };
    let mut out = ArrayWriter::new();
    for schema in schemas {
        out.raw(&of_schema(schema, depth + 1));
    }
    out.finish()
}

fn of_type(value: &str, nullable: bool) -> String {
    let Some(word) = text(value) else { return value.to_owned() };
    let word = quote(&word.to_ascii_lowercase());
    if nullable { format!("[{word},\"null\"]") } else { word }
}

fn with_null(values: &str) -> String {
    let mut out = ArrayWriter::new();
    let values = elements(values).unwrap_or_default();
    values.iter().for_each(|value| {
        out.raw(value);
    });
    if !values.contains(&"null") {
        out.raw("null");
    }
    out.finish()
}

/// `any_of` as `anyOf`.
fn camel(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut rises = false;
    for character in name.chars() {
        if character == '_' && !camel.is_empty() {
            rises = true;
        } else {
            camel.push(if std::mem::take(&mut rises) { character.to_ascii_uppercase() } else { character });
        }
    }
    camel
}

#[cfg(test)]
mod tests;
