//! Schemas that Claude keeps to, as it takes them (platform.claude.com/docs, "Structured outputs", "JSON Schema limitations"): each
//! object is closed, and limits of numbers, texts and lists are refused. Such a limit is said in the description instead, as the
//! libraries of its provider do.

mod held;

use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::json::{elements, text};
use conversation::loss::Losses;
use conversation::object::Object;
pub(crate) use held::{Place, held};

/// How deep schemas may lie in each other. What is deeper stays as it is.
const DEEPEST: usize = 32;
/// What is taken as it is.
const TAKEN: [&str; 8] = ["type", "required", "enum", "const", "$ref", "title", "default", "pattern"];
/// What says nothing of values.
const NOTES: [&str; 7] = ["$schema", "$id", "$comment", "examples", "deprecated", "readOnly", "writeOnly"];
/// The formats of texts that are known.
const FORMATS: [&str; 10] =
    ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];

/// The schema as it is taken. `path` is named as lost where values might keep to that and not to the one that was said.
pub(crate) fn closed(schema: &str, path: &str, losses: &mut Losses) -> String {
    let mut lost = false;
    let closed = of_schema(schema, 0, &mut lost);
    losses.add_if(lost, path);
    closed
}

fn of_schema(schema: &str, depth: usize, lost: &mut bool) -> String {
    let Ok(object) = Object::read(schema) else { return schema.to_owned() };
    if depth >= DEEPEST {
        return schema.to_owned();
    }
    let (mut out, mut words) = (ObjectWriter::new(), Vec::new());
    for (name, value) in object.members() {
        match name {
            "properties" | "$defs" | "definitions" => out.foreign(name, &of_each(value, depth, lost)),
            "items" => out.foreign(name, &of_schema(value, depth + 1, lost)),
            "anyOf" | "allOf" => out.foreign(name, &of_list(value, depth, lost)),
            // One of several at the least, where it was to be one alone.
            "oneOf" if object.peek("anyOf").is_none() => {
                *lost = true;
                out.foreign("anyOf", &of_list(value, depth, lost));
            }
            "minItems" if matches!(value, "0" | "1") => out.foreign(name, value),
            "format" if text(value).is_some_and(|format| FORMATS.contains(&format.as_str())) => {
                out.foreign(name, value);
            }
            "additionalProperties" | "description" => {}
            "pattern" if !is_plain(value) => words.push(format!("{name}: {value}")),
            taken if TAKEN.contains(&taken) => out.foreign(name, value),
            note if NOTES.contains(&note) => {}
            _ => words.push(format!("{name}: {value}")),
        }
    }
    *lost |= !words.is_empty();
    let described = object.peek("description").and_then(text);
    let limits = (!words.is_empty()).then(|| format!("{{{}}}", words.join(", ")));
    let description: Vec<String> = described.into_iter().chain(limits).collect();
    if !description.is_empty() {
        out.text("description", &description.join("\n\n"));
    }
    if is_object(&object) {
        let open =
            object.peek("additionalProperties").map_or(object.peek("properties").is_none(), |more| more != "false");
        *lost |= open;
        out.foreign("additionalProperties", "false");
    }
    out.finish()
}

/// Whether a pattern looks neither around nor back, nor asks for the ends of words: these are refused.
fn is_plain(pattern: &str) -> bool {
    let Some(pattern) = text(pattern) else { return true };
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, characters.peek()) {
            ('(', Some('?')) => return false,
            ('\\', Some('b' | 'B' | 'k' | '1'..='9')) => return false,
            ('\\', _) => drop(characters.next()),
            _ => {}
        }
    }
    true
}

fn is_object(schema: &Object<'_>) -> bool {
    let kind = schema.peek("type").unwrap_or_default();
    kind == "\"object\""
        || elements(kind).is_some_and(|kinds| kinds.contains(&"\"object\""))
        || schema.peek("properties").is_some()
}

fn of_each(schemas: &str, depth: usize, lost: &mut bool) -> String {
    let Ok(object) = Object::read(schemas) else { return schemas.to_owned() };
    let mut out = ObjectWriter::new();
    for (name, schema) in object.members() {
        out.foreign(name, &of_schema(schema, depth + 1, lost));
    }
    out.finish()
}

fn of_list(schemas: &str, depth: usize, lost: &mut bool) -> String {
    let Some(schemas) = elements(schemas) else { return schemas.to_owned() };
    let mut out = ArrayWriter::new();
    for schema in schemas {
        out.raw(&of_schema(schema, depth + 1, lost));
    }
    out.finish()
}

#[cfg(test)]
mod tests;
